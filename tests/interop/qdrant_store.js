// SPDX-License-Identifier: Apache-2.0
//
// Collections of vectors in memory, searched by looking at every point: what a vector database does,
// without its speed.
// Used by: qdrant.js.
'use strict';

class Refusal extends Error {
  constructor(kind, message) { // kind: a name of grpc.status
    super(message);
    this.kind = kind;
  }
}

const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const norm = (a) => Math.sqrt(dot(a, a));
const euclid = (a, b) => norm(a.map((value, i) => value - b[i]));
const manhattan = (a, b) => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0);

// By the names of Qdrant's enum Distance. Of a distance less is nearer, of a likeness more.
const MEASURES = {
  Cosine: { score: (a, b) => dot(a, b) / (norm(a) * norm(b) || 1), moreIsNearer: true },
  Dot: { score: dot, moreIsNearer: true },
  Euclid: { score: euclid, moreIsNearer: false },
  Manhattan: { score: manhattan, moreIsNearer: false },
};

class Store {
  constructor() {
    this.collections = new Map();
  }

  create(name, size, distance) {
    if (this.collections.has(name)) throw new Refusal('ALREADY_EXISTS', `collection ${name} is there already`);
    if (!MEASURES[distance]) throw new Refusal('INVALID_ARGUMENT', `no distance ${distance}`);
    if (size < 1) throw new Refusal('INVALID_ARGUMENT', 'vectors have at least one dimension');
    this.collections.set(name, { size, measure: MEASURES[distance], points: new Map(), operations: 0 });
  }

  delete(name) {
    return this.collections.delete(name);
  }

  collection(name) {
    const collection = this.collections.get(name);
    if (!collection) throw new Refusal('NOT_FOUND', `there is no collection ${name}`);
    return collection;
  }

  // points: { key, vector, ... }; the rest of each is kept and comes back from search(). All or none.
  upsert(name, points) {
    const collection = this.collection(name);
    for (const { vector } of points) Store.checkSize(collection, vector);
    for (const point of points) collection.points.set(point.key, point);
    collection.operations += 1;
    return collection.operations;
  }

  // The nearest first: { score, point }.
  search(name, vector, { limit, offset = 0, threshold }) {
    const collection = this.collection(name);
    Store.checkSize(collection, vector);
    const { score, moreIsNearer } = collection.measure;
    const sign = moreIsNearer ? -1 : 1;
    return [...collection.points.values()]
      .map((point) => ({ score: score(vector, point.vector), point }))
      .filter((found) => threshold === undefined || sign * found.score <= sign * threshold)
      .sort((a, b) => sign * (a.score - b.score))
      .slice(offset, offset + limit);
  }

  static checkSize(collection, vector) {
    if (vector.length === collection.size) return;
    throw new Refusal('INVALID_ARGUMENT',
      `a vector of ${vector.length} dimensions in a collection of ${collection.size}`);
  }
}

module.exports = { Store, Refusal };
