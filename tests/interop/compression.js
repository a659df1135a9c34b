// SPDX-License-Identifier: Apache-2.0
//
// Teaches @grpc/grpc-js's server what it leaves out: to send compressed messages, and to tell
// whether a message came compressed. It reaches into the library, whose version is pinned.
// Used by: test_service.js, when server.js runs with --compression.
'use strict';

const zlib = require('zlib');
const { BaseServerInterceptingCall } = require('@grpc/grpc-js/build/src/server-interceptors');

const cameCompressed = new WeakMap(); // of the bytes of a request, then of the request
const wanted = new WeakSet(); // of replies that are to be sent compressed

function install() {
  const prototype = BaseServerInterceptingCall.prototype;
  const { decompressMessage, serializeMessage, sendMetadata } = prototype;

  prototype.decompressMessage = async function (message, encoding) {
    const bytes = await decompressMessage.call(this, message, encoding);
    cameCompressed.set(bytes, message.readUInt8(0) === 1);
    return bytes;
  };
  prototype.serializeMessage = function (message) {
    const plain = serializeMessage.call(this, message);
    if (!wanted.has(message)) return plain;
    const body = zlib.gzipSync(plain.subarray(5));
    const head = Buffer.alloc(5);
    head.writeUInt8(1, 0);
    head.writeUInt32BE(body.length, 1);
    return Buffer.concat([head, body]);
  };
  prototype.sendMetadata = function (metadata) {
    metadata.set('grpc-encoding', 'gzip');
    return sendMetadata.call(this, metadata);
  };
}

// The service's definition, such that wasCompressed() can be asked of each request.
function watch(definition) {
  const watched = {};
  for (const [name, method] of Object.entries(definition)) {
    watched[name] = {
      ...method,
      requestDeserialize(bytes) {
        const request = method.requestDeserialize(bytes);
        cameCompressed.set(request, cameCompressed.get(bytes) === true);
        return request;
      },
    };
  }
  return watched;
}

const wasCompressed = (request) => cameCompressed.get(request) === true;
const compress = (reply) => wanted.add(reply);

module.exports = { install, watch, wasCompressed, compress };
