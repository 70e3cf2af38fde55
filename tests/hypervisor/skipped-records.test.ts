/**
 * Rules of a store that cannot be taken are named by `check --store`: whose, where, and why.
 */
import { join } from 'node:path';
import t from 'tap';
import { checkStart, leftOutLines } from '../../hypervisor/operator/check.ts';
import { Journal } from '../../hypervisor/store/journal.ts';
import { openStore } from '../../hypervisor/store/store.ts';
import { nodeWorld } from '../../hypervisor/world/node-world.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { limits } from '../../slices/limits.ts';
import { belowOf } from '../../slices/rules/rule-record.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';
import { configOf, vswitchName } from '../slices/networks.ts';
import { applying, change, flowMod, outputs } from '../slices/rules.ts';
import { shortDir } from './running.ts';

const text = `
datapaths: { s1: { dpid: 1 } }
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 } }
`;

/** A store with rules, some of which use a group that nobody has kept. */
async function storeWith(path: string, lost: number): Promise<void> {
  const store = openStore(path, Math.random);
  const journal = new Journal(nodeWorld(), store);
  const book = new Rulebook();
  for (let i = 0; i <= lost; i++) {
    const instructions = i === lost ? outputs(1) : applying({ type: 'group', groupId: 5 });
    const match = matchOf(oxm('eth_dst', i + 1));
    const mod = flowMod({ tableId: 3, priority: 7, match, instructions });
    journal.put({ type: 'rule', vswitch: vswitchName('red/v1'), rule: change(book, mod).rule });
  }
  await new Promise<void>((done) => journal.sync(done));
  store.close();
}

t.test('those of which there are few are all named', async (t) => {
  const path = join(shortDir(t), 'few.db');
  await storeWith(path, 2);
  const lines = leftOutLines(checkStart(configOf(text), path));
  t.equal(lines.length, 2);
  t.match(lines[0], /^red\/v1: the rule of table 3, priority 7, match dl_dst=.*:01 is left out: /);
  t.match(lines[0], /group/);
});

t.test('of very many some are named, and how many there are', async (t) => {
  const path = join(shortDir(t), 'many.db');
  await storeWith(path, limits.leftOutShownMax + 30);
  const checked = checkStart(configOf(text), path);
  const lines = leftOutLines(checked);
  t.equal(lines.length, limits.leftOutShownMax + 1);
  t.equal(lines.at(-1), 'and 30 more that are left out');
  t.equal(checked.leftOut?.count, limits.leftOutShownMax + 30);
});

t.test('a store that is whole leaves nothing out', async (t) => {
  const path = join(shortDir(t), 'whole.db');
  await storeWith(path, 0);
  t.strictSame(checkStart(configOf(text), path), { remedies: [] });
});

t.test('what a store has beyond what may be on a datapath is named, and only that', async (t) => {
  const path = join(shortDir(t), 'long.db');
  const store = openStore(path, Math.random);
  const journal = new Journal(nodeWorld(), store);
  const instructions = outputs(...Array.from({ length: 2_000 }, () => 1));
  const one = change(new Rulebook(), flowMod({ instructions })).rule;
  const count = Math.floor(limits.ruleBytesBelowAtStartMax / belowOf(one.content));
  // As a version without the limit has kept them: no book of today takes so many.
  const books = [new Rulebook(1), new Rulebook(10_001)];
  for (let i = 0; i < count + 3; i++) {
    const mod = flowMod({ priority: i, instructions });
    const book = books[i < count / 2 ? 0 : 1] as Rulebook;
    journal.put({ type: 'rule', vswitch: vswitchName('red/v1'), rule: change(book, mod).rule });
  }
  await new Promise<void>((done) => journal.sync(done));
  store.close();
  const lines = leftOutLines(checkStart(configOf(text), path));
  t.equal(lines.length, 3);
  t.match(lines[0], /^red\/v1: the rule of table 0, priority 0, .* bytes on a datapath/);
});
