// SPDX-License-Identifier: Apache-2.0
// Writes the descriptors that protoc-gen-es has put into the .js files of DIR into OUT/NAME.pb, a
// FileDescriptorSet of one file each. Their imports stand beside them, as names of variables.
// Usage: node read-descriptors.js DIR OUT
const fs = require('fs');
const path = require('path');

function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

const [dir, out] = process.argv.slice(2);
// A field of kind bytes.
function field(number, bytes) {
  return Buffer.concat([Buffer.from([number * 8 + 2]), varint(bytes.length), bytes]);
}

// file_google_protobuf_timestamp -> google/protobuf/timestamp.proto
function importOf(variable) {
  const name = variable.trim().replace(/^file_/, '');
  return name.replace(/^google_protobuf_/, 'google/protobuf/') + '.proto';
}

const names = fs.readdirSync(dir).filter((f) => f.endsWith('_pb.js'));
for (const name of names) {
  const text = fs.readFileSync(path.join(dir, name), 'utf8');
  const found = /fileDesc\("([^"]*)"(?:, \[([^\]]*)\])?\)/.exec(text);
  if (!found) throw new Error(`${name}: no descriptor in it`);
  const imports = (found[2] || '').split(',').filter((variable) => variable.trim() !== '');
  const dependencies = imports.map((variable) => field(3, Buffer.from(importOf(variable))));
  const file = Buffer.concat([Buffer.from(found[1], 'base64'), ...dependencies]);
  fs.writeFileSync(path.join(out, name.replace('_pb.js', '.pb')), field(1, file));
}
if (names.length === 0) throw new Error(`${dir}: no files of protoc-gen-es`);
