// SPDX-License-Identifier: Apache-2.0
//
// gRPC's ReconnectService: a second port that hangs up on everyone, and an account of how long the
// caller waited each time before it called again.
// Used by: server.js.
'use strict';

const net = require('net');

const TOLERANCE = 1.2; // of gRPC's jitter

// Listens; gives the service's implementation, and the port through ready().
function reconnectService(ready) {
  let maxMs = 0;
  let lastMs = null;
  let waits = [];
  const now = () => Number(process.hrtime.bigint() / 1000000n);

  const listener = net.createServer((socket) => {
    if (lastMs !== null) waits.push(now() - lastMs);
    lastMs = now();
    socket.on('error', () => {});
    socket.destroy();
  });
  listener.listen(0, '127.0.0.1', () => ready(listener.address().port));

  return {
    Start(call, callback) {
      maxMs = call.request.max_reconnect_backoff_ms;
      lastMs = null;
      waits = [];
      callback(null, {});
    },
    Stop(call, callback) {
      const passed = waits.every((ms) => ms <= maxMs * TOLERANCE);
      callback(null, { passed, backoff_ms: waits });
    },
  };
}

module.exports = { reconnectService };
