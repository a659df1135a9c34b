// SPDX-License-Identifier: Apache-2.0
//
// gRPC's TestService on @grpc/grpc-js: what each method answers.
// Used by: server.js.
'use strict';

const grpc = require('@grpc/grpc-js');
const compression = require('./compression');

const ECHO_INITIAL = 'x-grpc-test-echo-initial';
const ECHO_TRAILING = 'x-grpc-test-echo-trailing-bin';

function payload(size) {
  if (size < 0) throw failure(grpc.status.INVALID_ARGUMENT, `a body of ${size} bytes was asked for`);
  return { payload: { type: 'COMPRESSABLE', body: Buffer.alloc(size) } };
}

function failure(code, details) {
  return Object.assign(new Error(details), { code, details });
}

// Sends back what the client wants to see among the headers; returns what belongs to the trailers.
function echoMetadata(call) {
  const headers = new grpc.Metadata();
  const trailers = new grpc.Metadata();
  for (const value of call.metadata.get(ECHO_INITIAL)) headers.add(ECHO_INITIAL, value);
  for (const value of call.metadata.get(ECHO_TRAILING)) trailers.add(ECHO_TRAILING, value);
  call.sendMetadata(headers);
  return trailers;
}

// Throws when the request wants another end than OK, or was not compressed as it says.
function check(request, canCompress) {
  const status = request.response_status;
  if (status && status.code !== 0) throw failure(status.code, status.message);
  if (!canCompress || !request.expect_compressed) return;
  const expected = request.expect_compressed.value;
  if (compression.wasCompressed(request) !== expected) {
    throw failure(grpc.status.INVALID_ARGUMENT,
      `the message was ${expected ? 'not ' : ''}compressed, against its own word`);
  }
}

function reply(size, asked, canCompress) {
  const message = payload(size);
  if (canCompress && asked && asked.value) compression.compress(message);
  return message;
}

const pause = (us) => new Promise((resolve) => setTimeout(resolve, us / 1000));

async function sendReplies(call, request, canCompress) {
  for (const wanted of request.response_parameters) {
    if (wanted.interval_us > 0) await pause(wanted.interval_us);
    if (call.cancelled) return;
    call.write(reply(wanted.size, wanted.compressed, canCompress));
  }
}

// Answers requests one after the other and ends the call at the first that fails, or after finish().
// Not with `for await`: that would destroy the call before its status is sent.
function answerStream(call, canCompress) {
  const trailers = echoMetadata(call);
  let queue = Promise.resolve();
  let isOver = false;
  const refuse = (error) => {
    isOver = true;
    call.emit('error', Object.assign(error, { metadata: trailers }));
  };
  const enqueue = (step) => {
    queue = queue.then(() => (isOver ? null : step())).catch(refuse);
  };
  return {
    answer: (request) => enqueue(() => {
      check(request, canCompress);
      return sendReplies(call, request, canCompress);
    }),
    finish: () => enqueue(() => call.end(trailers)),
  };
}

function implementation(canCompress) {
  function unaryCall(call, callback) {
    const trailers = echoMetadata(call);
    try {
      const { request } = call;
      check(request, canCompress);
      callback(null, reply(request.response_size, request.response_compressed, canCompress), trailers);
    } catch (error) {
      callback(Object.assign(error, { metadata: trailers }));
    }
  }

  return {
    EmptyCall: (call, callback) => callback(null, {}),
    UnaryCall: unaryCall,
    CacheableUnaryCall: unaryCall,

    StreamingOutputCall(call) {
      const stream = answerStream(call, canCompress);
      stream.answer(call.request);
      stream.finish();
    },

    StreamingInputCall(call, callback) {
      let total = 0;
      let isOver = false;
      const finish = (error) => {
        if (!isOver) callback(error, { aggregated_payload_size: total });
        isOver = true;
      };
      call.on('data', (request) => {
        try {
          check(request, canCompress);
          total += request.payload ? request.payload.body.length : 0;
        } catch (error) {
          finish(error);
        }
      });
      call.on('end', () => finish(null));
    },

    FullDuplexCall(call) {
      const stream = answerStream(call, canCompress);
      call.on('data', stream.answer);
      call.on('end', stream.finish);
    },

    HalfDuplexCall(call) {
      const stream = answerStream(call, canCompress);
      const requests = [];
      call.on('data', (request) => requests.push(request));
      call.on('end', () => {
        requests.forEach(stream.answer);
        stream.finish();
      });
    },
  };
}

module.exports = { implementation };
