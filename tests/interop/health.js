// SPDX-License-Identifier: Apache-2.0
//
// gRPC's health service as the package grpc-health-check has it, on loopback: "" is SERVING, "test" NOT_SERVING.
// Each line of its standard input, `SERVICE STATUS`, sets one. Ends when that input ends.
// Used by: check-health.sh. Prints `PORT n` once it listens.
'use strict';

const grpc = require('@grpc/grpc-js');
const { HealthImplementation } = require('grpc-health-check');

const health = new HealthImplementation({ '': 'SERVING', test: 'NOT_SERVING' });
const server = new grpc.Server();
health.addToServer(server);
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`PORT ${port}`);
});
const input = require('readline').createInterface({ input: process.stdin });
input.on('line', (line) => health.setStatus(...line.split(' ')));
input.on('close', () => process.exit(0));
