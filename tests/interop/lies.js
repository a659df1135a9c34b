// SPDX-License-Identifier: Apache-2.0
//
// Makes a server answer wrongly, in one respect at a time: a client that passes its cases all the same
// does not look.
// Used by: server.js, when it runs with --lie KIND. lies.txt says which cases have to notice.
'use strict';

const longer = (payload) => ({ ...payload, body: Buffer.alloc(payload.body.length + 1) });

const lies = {
  // Bodies and sums are one too large.
  size(method) {
    return {
      ...method,
      responseSerialize(message) {
        const told = { ...message };
        if (told.payload) told.payload = longer(told.payload);
        if (told.aggregated_payload_size) told.aggregated_payload_size += 1;
        return method.responseSerialize(told);
      },
    };
  },
  // Bodies are not of zeros.
  content(method) {
    return {
      ...method,
      responseSerialize(message) {
        const { payload } = message;
        if (payload && payload.body.length > 0) payload.body[payload.body.length - 1] = 1;
        return method.responseSerialize(message);
      },
    };
  },
};

// What is done to a call before its handler sees it.
const tamper = {
  headers: (call) => call.metadata.remove('x-grpc-test-echo-initial'),
  trailers: (call) => call.metadata.remove('x-grpc-test-echo-trailing-bin'),
  extra(call) { // one message more than was asked for
    const { end } = call;
    if (!end || !call.write) return;
    call.end = (trailers) => {
      call.write({ payload: { body: Buffer.alloc(9) } });
      end.call(call, trailers);
    };
  },
  fewer(call) { // the second message is lost
    const { write } = call;
    let count = 0;
    if (write) call.write = (message) => (++count === 2 ? true : write.call(call, message));
  },
};

// How a call ends that should not end well.
function retell(error, kind) {
  if (!error) return error;
  if (kind === 'message') return Object.assign(error, { details: `${error.details.trim()}.` });
  if (kind === 'code') return Object.assign(error, { code: error.code + 1 });
  return error;
}

function wrap(handler, kind) {
  return (call, callback) => {
    const { emit } = call;
    if (tamper[kind]) tamper[kind](call);
    call.emit = (event, ...rest) => {
      if (event === 'error') retell(rest[0], kind);
      return emit.call(call, event, ...rest);
    };
    handler(call, callback && ((error, ...rest) => callback(retell(error, kind), ...rest)));
  };
}

// The service and its implementation, such that it lies.
function lie(kind, definition, implementation) {
  const told = Object.entries(definition).map(([name, method]) => (
    [name, lies[kind] ? lies[kind](method) : method]));
  const handlers = Object.entries(implementation).map(([name, handler]) => (
    [name, wrap(handler, kind)]));
  if (kind === 'presence') handlers.push(['UnimplementedCall', (call, callback) => callback(null, {})]);
  return [Object.fromEntries(told), Object.fromEntries(handlers)];
}

module.exports = { lie };
