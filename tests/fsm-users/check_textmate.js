// SPDX-License-Identifier: Apache-2.0
// Tokenises specifications with a TextMate grammar, as VS Code does, and names what no rule took.
// Usage: check_textmate.js GRAMMAR NODE_MODULES SPEC...
const fs = require('fs');
const textmate = require('vscode-textmate');
const oniguruma = require('vscode-oniguruma');

const [grammarPath, modules, ...specs] = process.argv.slice(2);

async function main() {
  const wasm = fs.readFileSync(`${modules}/vscode-oniguruma/release/onig.wasm`);
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(fs.readFileSync(grammarPath, 'utf8'), grammarPath),
  });
  const grammar = await registry.loadGrammar('source.fsm');
  let unknown = 0;
  let keywords = 0;
  for (const spec of specs) {
    let stack = textmate.INITIAL;
    fs.readFileSync(spec, 'utf8').split('\n').forEach((line, number) => {
      const result = grammar.tokenizeLine(line, stack);
      stack = result.ruleStack;
      for (const token of result.tokens) {
        const text = line.slice(token.startIndex, token.endIndex);
        keywords += token.scopes.includes('storage.type.fsm') ? 1 : 0;
        if (token.scopes.length === 1 && text.trim() !== '') {
          console.log(`${spec}:${number + 1}: no rule takes '${text.trim()}'`);
          unknown++;
        }
      }
    });
  }
  if (keywords < specs.length) {
    console.log(`only ${keywords} keywords in ${specs.length} specifications`);
    unknown++;
  }
  process.exit(unknown === 0 ? 0 : 1);
}

main();
