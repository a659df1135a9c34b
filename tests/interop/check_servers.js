// SPDX-License-Identifier: Apache-2.0
//
// A client of another make asks a server what the cases ask it, so that a case which fails can be
// laid at the door of the right side.
// Used by: check-servers.sh. Usage: node check_servers.js --proto DIR --port N [--ca FILE] [--compression]
'use strict';

const assert = require('assert');
const fs = require('fs');
const { parseArgs, promisify } = require('util');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const { values: options } = parseArgs({
  options: {
    proto: { type: 'string' },
    port: { type: 'string' },
    ca: { type: 'string' },
    compression: { type: 'boolean', default: false },
  },
});
const loaded = grpc.loadPackageDefinition(loader.loadSync('test.proto', {
  keepCase: true, defaults: true, includeDirs: [options.proto],
}));
const credentials = options.ca
  ? grpc.credentials.createSsl(fs.readFileSync(options.ca))
  : grpc.credentials.createInsecure();
const channelOptions = options.ca
  ? { 'grpc.ssl_target_name_override': 'foo.test.google.fr' } : {};
const { TestService, UnimplementedService } = loaded.grpc.testing;
const address = `127.0.0.1:${options.port}`;
const client = new TestService(address, credentials, channelOptions);
const unary = promisify(client.UnaryCall.bind(client));

async function failure(promise) {
  return promise.then(() => assert.fail('the call succeeded'), (error) => error);
}

function metadata() {
  const sent = new grpc.Metadata();
  sent.set('x-grpc-test-echo-initial', 'test_initial_metadata_value');
  sent.set('x-grpc-test-echo-trailing-bin', Buffer.from('ababab', 'hex'));
  return sent;
}

async function collect(call) {
  const seen = { sizes: [], headers: null, status: null };
  call.on('data', (reply) => seen.sizes.push(reply.payload.body.length));
  call.on('metadata', (headers) => { seen.headers = headers; });
  call.on('error', () => {});
  seen.status = await new Promise((resolve) => call.on('status', resolve));
  return seen;
}

async function checkUnary() {
  const reply = await unary({ response_size: 314159, payload: { body: Buffer.alloc(271828) } });
  assert.strictEqual(reply.payload.body.length, 314159);
  const details = '\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \u{1f608}\t\n';
  const ended = await failure(unary({ response_status: { code: 2, message: details } }));
  assert.deepStrictEqual([ended.code, ended.details], [2, details]);
}

async function checkStreams() {
  const sizes = [31415, 9, 2653, 58979];
  const response_parameters = sizes.map((size) => ({ size }));
  const served = await collect(client.StreamingOutputCall({ response_parameters }));
  assert.deepStrictEqual([served.sizes, served.status.code], [sizes, 0]);

  const sum = await new Promise((resolve, reject) => {
    const call = client.StreamingInputCall((error, reply) => (error ? reject(error) : resolve(reply)));
    for (const size of [27182, 8, 1828, 45904]) call.write({ payload: { body: Buffer.alloc(size) } });
    call.end();
  });
  assert.strictEqual(sum.aggregated_payload_size, 74922);

  const call = client.FullDuplexCall(metadata());
  const both = collect(call);
  for (const size of sizes) call.write({ response_parameters: [{ size }] });
  call.end();
  const { status, headers, sizes: received } = await both;
  assert.deepStrictEqual([received, status.code], [sizes, 0]);
  assert.deepStrictEqual(headers.get('x-grpc-test-echo-initial'), ['test_initial_metadata_value']);
  assert.strictEqual(status.metadata.get('x-grpc-test-echo-trailing-bin')[0].toString('hex'), 'ababab');
}

async function checkEndOfStream() {
  const call = client.FullDuplexCall();
  const seen = collect(call);
  call.write({ response_status: { code: 2, message: 'test status message' } });
  const { status } = await seen; // before the half-close
  assert.deepStrictEqual([status.code, status.details], [2, 'test status message']);
  call.end();
}

async function checkWhatIsMissing() {
  const stranger = new UnimplementedService(address, credentials, channelOptions);
  const missing = [promisify(client.UnimplementedCall.bind(client)),
    promisify(stranger.UnimplementedCall.bind(stranger))];
  for (const call of missing) assert.strictEqual((await failure(call({}))).code, 12);
  stranger.close();
}

async function checkCompression() {
  const probe = unary({ response_size: 1, expect_compressed: { value: true } });
  if (options.compression) assert.strictEqual((await failure(probe)).code, 3);
  else await probe;
  const reply = await unary({ response_size: 314159, response_compressed: { value: true } });
  assert.ok(reply.payload.body.equals(Buffer.alloc(314159)));
}

(async () => {
  await checkUnary();
  await checkStreams();
  await checkEndOfStream();
  await checkWhatIsMissing();
  await checkCompression();
  client.close();
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
