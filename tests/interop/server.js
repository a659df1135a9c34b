// SPDX-License-Identifier: Apache-2.0
//
// An interoperability server on @grpc/grpc-js: TestService, the health service, and a
// port that hangs up, on loopback.
// Used by: run-cases.sh. Ends when its standard input ends, so that it outlives no test.
// Usage: node server.js --proto DIR [--tls_cert FILE --tls_key FILE] [--compression] [--lie KIND]
// Prints `RETRY_PORT n` and `PORT n` once it listens. Run with NODE_PATH naming the installed packages.
'use strict';

const fs = require('fs');
const { parseArgs } = require('util');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const { HealthImplementation } = require('grpc-health-check');
const compression = require('./compression');
const { lie } = require('./lies');
const { reconnectService } = require('./reconnect_service');
const { implementation } = require('./test_service');

const { values: options } = parseArgs({
  options: {
    proto: { type: 'string' },
    tls_cert: { type: 'string' },
    tls_key: { type: 'string' },
    compression: { type: 'boolean', default: false },
    lie: { type: 'string' },
  },
});

function credentials() {
  if (!options.tls_cert) return grpc.ServerCredentials.createInsecure();
  const pair = {
    cert_chain: fs.readFileSync(options.tls_cert),
    private_key: fs.readFileSync(options.tls_key),
  };
  return grpc.ServerCredentials.createSsl(null, [pair]);
}

function service(name) {
  const loaded = loader.loadSync('test.proto', {
    keepCase: true, enums: String, defaults: true, includeDirs: [options.proto],
  });
  return loaded[`grpc.testing.${name}`];
}

function listen(retryPort) {
  server.bindAsync('127.0.0.1:0', credentials(), (error, port) => {
    if (error) throw error;
    console.log(`RETRY_PORT ${retryPort}`);
    console.log(`PORT ${port}`);
  });
}

function testService() {
  if (!options.compression) return [service('TestService'), implementation(false)];
  compression.install();
  return [compression.watch(service('TestService')), implementation(true)];
}

const server = new grpc.Server();
server.addService(...(options.lie ? lie(options.lie, ...testService()) : testService()));
if (options.lie === 'presence') {
  server.addService(service('UnimplementedService'), {
    UnimplementedCall: (call, callback) => callback(null, {}),
  });
}
new HealthImplementation({ '': 'SERVING', 'grpc.testing.TestService': 'SERVING' })
  .addToServer(server);
server.addService(service('ReconnectService'), reconnectService(listen));
process.stdin.on('end', () => process.exit(0)).resume();
