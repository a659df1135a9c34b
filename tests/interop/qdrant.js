// SPDX-License-Identifier: Apache-2.0
//
// A stand-in for Qdrant, on loopback: it speaks Qdrant's own published interface, whose descriptors
// come with its client for JavaScript, and answers from memory. It is not Qdrant: no server of it can
// be had from a package registry. Methods that are not below end with UNIMPLEMENTED.
// Used by: check-qdrant.sh. Ends when its standard input ends. Prints `PORT n` once it listens.
'use strict';

const path = require('path');
const grpc = require('@grpc/grpc-js');
const { create, fromBinary, toBinary } = require('@bufbuild/protobuf');
const { Store, Refusal } = require('./qdrant_store');

// The package offers only its client; the descriptors lie beside that.
const published = path.join(path.dirname(require.resolve('@qdrant/js-client-grpc')), 'proto');
const { Distance, CollectionOperationResponseSchema, Collections, CollectionExistsResponseSchema } = {
  ...require(path.join(published, 'collections_pb.js')),
  ...require(path.join(published, 'collections_service_pb.js')),
};
const { UpdateStatus, PointsOperationResponseSchema, SearchResponseSchema, CountResponseSchema, Points } = {
  ...require(path.join(published, 'points_pb.js')),
  ...require(path.join(published, 'points_service_pb.js')),
};

const store = new Store();

function collections() {
  const done = (result) => create(CollectionOperationResponseSchema, { result });
  return {
    Create(request) {
      const { config } = request.vectorsConfig || { config: {} };
      if (config.case !== 'params') throw new Refusal('UNIMPLEMENTED', 'one unnamed vector a point, no other kind');
      store.create(request.collectionName, Number(config.value.size), Distance[config.value.distance]);
      return done(true);
    },
    Delete: (request) => done(store.delete(request.collectionName)),
    CollectionExists: (request) => create(CollectionExistsResponseSchema, {
      result: { exists: store.collections.has(request.collectionName) },
    }),
  };
}

// Clients send a vector in the new field or, the older ones, in `data`.
function vectorOf(point) {
  const { vectorsOptions } = point.vectors || { vectorsOptions: {} };
  if (vectorsOptions.case !== 'vector') throw new Refusal('INVALID_ARGUMENT', 'a point without an unnamed vector');
  const { vector, data } = vectorsOptions.value;
  return vector.case === 'dense' ? vector.value.data : data;
}

function keyOf(point) {
  if (!point.id || !point.id.pointIdOptions.case) throw new Refusal('INVALID_ARGUMENT', 'a point without an id');
  return `${point.id.pointIdOptions.case} ${point.id.pointIdOptions.value}`;
}

function scored({ score, point }, withPayload) {
  const { case: selector, value } = withPayload ? withPayload.selectorOptions : {};
  return {
    id: point.id,
    score,
    version: point.version,
    payload: selector === 'enable' && value ? point.payload : {},
  };
}

function points() {
  return {
    Upsert(request) {
      const version = BigInt(store.collection(request.collectionName).operations);
      const operationId = BigInt(store.upsert(request.collectionName, request.points.map((point) => ({
        key: keyOf(point), id: point.id, vector: vectorOf(point), payload: point.payload, version,
      })))) - 1n;
      return create(PointsOperationResponseSchema, {
        result: { operationId, status: UpdateStatus.Completed },
      });
    },
    Search(request) {
      if (request.filter) throw new Refusal('UNIMPLEMENTED', 'search with a filter');
      const found = store.search(request.collectionName, request.vector, {
        limit: Number(request.limit), offset: Number(request.offset || 0n), threshold: request.scoreThreshold,
      });
      return create(SearchResponseSchema, { result: found.map((one) => scored(one, request.withPayload)) });
    },
    Count: (request) => create(CountResponseSchema, {
      result: { count: BigInt(store.collection(request.collectionName).points.size) },
    }),
  };
}

// A service of the descriptors as @grpc/grpc-js wants it.
function definition(service) {
  return Object.fromEntries(service.methods.map((method) => [method.name, {
    path: `/${service.typeName}/${method.name}`,
    requestStream: method.methodKind.includes('client') || method.methodKind.includes('bidi'),
    responseStream: method.methodKind.includes('server') || method.methodKind.includes('bidi'),
    requestDeserialize: (bytes) => fromBinary(method.input, bytes),
    requestSerialize: (message) => Buffer.from(toBinary(method.input, message)),
    responseDeserialize: (bytes) => fromBinary(method.output, bytes),
    responseSerialize: (message) => Buffer.from(toBinary(method.output, message)),
  }]));
}

function unary(answer) {
  return (call, callback) => {
    let reply = null;
    try {
      reply = answer(call.request);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      callback({ code: grpc.status[error.kind], details: error.message });
      return;
    }
    callback(null, reply);
  };
}

const handlers = (answers) => Object.fromEntries(
  Object.entries(answers).map(([name, answer]) => [name, unary(answer)]),
);

const server = new grpc.Server();
server.addService(definition(Collections), handlers(collections()));
server.addService(definition(Points), handlers(points()));
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`PORT ${port}`);
});
process.stdin.on('end', () => process.exit(0)).resume();
