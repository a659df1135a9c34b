// SPDX-License-Identifier: Apache-2.0
//
// The stand-in for Qdrant, asked by another client (Connect for Node, on Qdrant's own descriptors): how
// it ranks by each distance, and what it refuses.
// Used by: check-qdrant.sh. Usage: node check_qdrant.js PORT
'use strict';

const assert = require('assert');
const path = require('path');
const { Code, createClient } = require('@connectrpc/connect');
const { createGrpcTransport } = require('@connectrpc/connect-node');

const published = path.join(path.dirname(require.resolve('@qdrant/js-client-grpc')), 'proto');
const { Collections } = require(path.join(published, 'collections_service_pb.js'));
const { Points } = require(path.join(published, 'points_service_pb.js'));
const { Distance } = require(path.join(published, 'collections_pb.js'));

const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${process.argv[2]}` });
const collections = createClient(Collections, transport);
const points = createClient(Points, transport);
const collectionName = 'plane';

const point = (num, data) => ({
  id: { pointIdOptions: { case: 'num', value: num } },
  vectors: {
    vectorsOptions: { case: 'vector', value: { vector: { case: 'dense', value: { data } } } },
  },
});

async function refused(promise, code) {
  await assert.rejects(promise, (error) => error.code === code);
}

// The ids from the nearest to the farthest, as the distance has it.
async function checkRanking(distance, ids) {
  await collections.create({
    collectionName,
    vectorsConfig: { config: { case: 'params', value: { size: 2n, distance } } },
  });
  await points.upsert({
    collectionName, points: [point(1n, [1, 0.1]), point(2n, [5, 5]), point(3n, [0, 2])],
  });
  const { result } = await points.search({ collectionName, vector: [1, 0], limit: 10n });
  assert.deepStrictEqual(result.map((found) => found.id.pointIdOptions.value), ids);
  await collections.delete({ collectionName });
}

async function checkRefusals() {
  await refused(points.search({ collectionName, vector: [1, 0], limit: 1n }), Code.NotFound);
  const wanted = {
    collectionName,
    vectorsConfig: { config: { case: 'params', value: { size: 2n, distance: Distance.Dot } } },
  };
  await collections.create(wanted);
  await refused(collections.create(wanted), Code.AlreadyExists);
  await refused(points.upsert({ collectionName, points: [point(1n, [1, 2, 3])] }), Code.InvalidArgument);
  await refused(points.search({ collectionName, vector: [1], limit: 1n }), Code.InvalidArgument);
  await refused(points.scroll({ collectionName }), Code.Unimplemented);
  await collections.delete({ collectionName });
}

(async () => {
  await checkRanking(Distance.Cosine, [1n, 2n, 3n]);
  await checkRanking(Distance.Dot, [2n, 1n, 3n]);
  await checkRanking(Distance.Euclid, [1n, 3n, 2n]);
  await checkRanking(Distance.Manhattan, [1n, 3n, 2n]);
  await checkRefusals();
  process.exit(0); // without waiting for the connection to become idle
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
