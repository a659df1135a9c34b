// SPDX-License-Identifier: Apache-2.0
//
// The service of proto/logbook.proto on @grpc/grpc-js, on loopback, with a few lines to begin with.
// Used by: check-streams.sh. Ends when its standard input ends. Prints `PORT n` once it listens.
// Usage: node logbook.js DIR_OF_LOGBOOK_PROTO
'use strict';

const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const loaded = loader.loadSync('logbook.proto', { keepCase: true, defaults: true, includeDirs: [process.argv[2]] });
const lines = [
  { source: 'net', text: 'link up' },
  { source: 'disk', text: 'mounted' },
  { source: 'net', text: 'address acquired' },
  { source: 'disk', text: 'half full' },
  { source: 'net', text: 'first packet' },
];

const server = new grpc.Server();
server.addService(loaded['logbook.Logbook'], {
  Tail(call) {
    const from = Math.max(0, lines.length - call.request.count);
    for (const line of lines.slice(from)) call.write(line);
    call.end();
  },

  Ship(call, callback) {
    let count = 0;
    let bytes = 0;
    call.on('data', (line) => {
      count += 1;
      bytes += line.text.length;
      call.pause(); // a reader that takes its time
      setImmediate(() => call.resume());
    });
    call.on('end', () => callback(null, { lines: count, bytes }));
  },

  Follow(call) {
    call.on('data', ({ source, count }) => {
      const wanted = lines.filter((line) => line.source === source);
      for (const line of wanted.slice(0, count)) call.write(line);
    });
    call.on('end', () => call.end());
  },
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`PORT ${port}`);
});
process.stdin.on('end', () => process.exit(0)).resume();
