// SPDX-License-Identifier: Apache-2.0
// Runs each machine twice on the same random events, as exported by --scxml in SCION, an interpreter
// of W3C's SCXML, and in `fsm-gen run`, which is held to the C by the generated tests. Both must do
// the same actions, call the same events unexpected, and come to the same states.
// Usage: check_scxml.js FSM_GEN WORK_DIR SPEC...
const fs = require('fs');
const { execFileSync, spawnSync } = require('child_process');
const scxml = require('@scion-scxml/scxml');

const [fsmGen, work, ...specs] = process.argv.slice(2);
const STORIES = 20;
const EVENTS = 40;

function dice(seed) {
  let state = seed * 2654435761 + 12345;
  return (limit) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % limit;
  };
}

function load(file) {
  return new Promise((resolve, reject) =>
    scxml.pathToModel(file, (error, model) => (error ? reject(error) : resolve(model)))
  );
}

function prepare(model, sandbox) {
  return new Promise((resolve, reject) =>
    model.prepare((error, statechart) => (error ? reject(error) : resolve(statechart)), { console, ...sandbox }, {})
  );
}

// What `fsm-gen run` says, one entry for the start and one for each event.
function readRun(text, actions) {
  const entries = [];
  let current = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('state ')) {
      entries.push({ did: current, state: line.slice(6).split(',')[0] });
      current = [];
    } else if (line.startsWith('  lost')) {
      return entries; // SCXML has no bound for what is deferred
    } else if (line.trim() === 'unexpected' || actions.has(line.trim())) {
      current.push(line.trim());
    }
  }
  return entries;
}

async function tell(spec, seed, machine, model) {
  const roll = dice(seed);
  const guards = Object.fromEntries(machine.guards.map((g) => [g.name, false]));
  const armed = Object.fromEntries(machine.states.map((s) => [s.name, s.armed]));
  const actions = new Set(machine.actions.map((a) => a.name));
  let did = [];
  const sandbox = { after: () => '100000s', unexpected: () => did.push('unexpected') };
  for (const name of actions) sandbox[name] = () => did.push(name);
  for (const name of Object.keys(guards)) sandbox[name] = () => guards[name];

  const prepared = await prepare(model, sandbox);
  const chart = new scxml.core.Statechart(prepared, { log: () => {} });
  const leaf = () => chart.getConfiguration().filter((s) => armed[s])[0];
  chart.start();
  const seen = [{ did, state: leaf() }];
  const script = [];
  for (let i = 0; i < EVENTS; i++) {
    const here = armed[leaf()];
    const names = [...machine.events.map((e) => e.name), ...here, ...here];
    const event = names[roll(names.length)];
    for (const name of Object.keys(guards)) {
      guards[name] = roll(2) === 1;
      script.push(`guard ${name}=${guards[name] ? 1 : 0}`);
    }
    script.push(event);
    did = [];
    chart.gen({ name: event });
    seen.push({ did, state: leaf() });
  }
  const run = spawnSync(fsmGen, ['run', spec], { input: script.join('\n') + '\n', encoding: 'utf8' });
  const expected = readRun(run.stdout, actions);
  if (expected.length < 2) throw new Error(`${spec}: fsm-gen run said: ${run.stderr}`);
  for (let i = 0; i < expected.length; i++) {
    if (JSON.stringify(expected[i]) !== JSON.stringify(seen[i])) {
      const story = script.filter((line) => !line.startsWith('guard')).slice(0, i).join(' ');
      console.log(`${spec}, seed ${seed}, after ${story}:`);
      console.log(`  run:   ${JSON.stringify(expected[i])}\n  SCXML: ${JSON.stringify(seen[i])}`);
      return { same: false, count: i };
    }
  }
  return { same: true, count: expected.length };
}

async function main() {
  let failed = 0;
  let steps = 0;
  for (const [number, spec] of specs.entries()) {
    execFileSync(fsmGen, ['--scxml', `${work}/${number}.scxml`, '--json', `${work}/m.json`, spec], { stdio: ['ignore', 'ignore', 'inherit'] });
    const machine = JSON.parse(fs.readFileSync(`${work}/m.json`, 'utf8'));
    machine.events = machine.events.filter((e) => e.class !== 'timer');
    const model = await load(`${work}/${number}.scxml`);
    for (let seed = 1; seed <= STORIES; seed++) {
      const outcome = await tell(spec, seed, machine, model);
      steps += outcome.count;
      if (!outcome.same) {
        failed++;
        break;
      }
    }
  }
  console.log(`${specs.length} machines, ${steps} steps the same, ${failed} machines differ`);
  process.exit(failed === 0 && steps > specs.length ? 0 : 1);
}

main().catch((error) => {
  console.log(error);
  process.exit(1);
});
