// SPDX-License-Identifier: Apache-2.0
//
// gRPC's TestService on Connect for Node, on loopback: another make than @grpc/grpc-js, which compresses
// whatever is large when the client can read that.
// Used by: with-server.sh. Ends when its standard input ends. Prints `PORT n` once it listens.
// Usage: node connect.js --descriptors FILE [--tls_cert FILE --tls_key FILE]
'use strict';

const fs = require('fs');
const http2 = require('http2');
const { parseArgs } = require('util');
const { createFileRegistry, fromBinary } = require('@bufbuild/protobuf');
const { FileDescriptorSetSchema } = require('@bufbuild/protobuf/wkt');
const { ConnectError } = require('@connectrpc/connect');
const { connectNodeAdapter } = require('@connectrpc/connect-node');

const { values: options } = parseArgs({
  options: {
    descriptors: { type: 'string' },
    tls_cert: { type: 'string' },
    tls_key: { type: 'string' },
  },
});

const reply = (size) => ({ payload: { body: new Uint8Array(size) } });
const pause = (us) => new Promise((resolve) => setTimeout(resolve, us / 1000));

function echoMetadata(context) {
  const initial = context.requestHeader.get('x-grpc-test-echo-initial');
  const trailing = context.requestHeader.get('x-grpc-test-echo-trailing-bin');
  if (initial !== null) context.responseHeader.set('x-grpc-test-echo-initial', initial);
  if (trailing !== null) context.responseTrailer.set('x-grpc-test-echo-trailing-bin', trailing);
}

function check({ responseStatus: status }) {
  if (status && status.code !== 0) throw new ConnectError(status.message, status.code);
}

async function* replies(request) {
  check(request);
  for (const { size, intervalUs } of request.responseParameters) {
    if (intervalUs > 0) await pause(intervalUs);
    yield reply(size);
  }
}

function unaryCall(request, context) {
  echoMetadata(context);
  check(request);
  return reply(request.responseSize);
}

const testService = {
  emptyCall: () => ({}),
  unaryCall,
  cacheableUnaryCall: unaryCall,
  streamingOutputCall: replies,

  async streamingInputCall(requests) {
    let aggregatedPayloadSize = 0;
    for await (const request of requests) aggregatedPayloadSize += request.payload.body.length;
    return { aggregatedPayloadSize };
  },

  async* fullDuplexCall(requests, context) {
    echoMetadata(context);
    for await (const request of requests) yield* replies(request);
  },

  async* halfDuplexCall(requests) {
    const all = [];
    for await (const request of requests) all.push(request);
    for (const request of all) yield* replies(request);
  },
};

const descriptors = fromBinary(FileDescriptorSetSchema, fs.readFileSync(options.descriptors));
const service = createFileRegistry(descriptors).getService('grpc.testing.TestService');
const handler = connectNodeAdapter({ routes: (router) => router.service(service, testService) });
const server = options.tls_cert
  ? http2.createSecureServer({
    cert: fs.readFileSync(options.tls_cert), key: fs.readFileSync(options.tls_key),
  }, handler)
  : http2.createServer(handler);
server.listen(0, '127.0.0.1', () => console.log(`PORT ${server.address().port}`));
process.stdin.on('end', () => process.exit(0)).resume();
