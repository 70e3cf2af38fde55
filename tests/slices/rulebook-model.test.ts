/**
 * The rulebook against a list (dumb-rulebook.ts): random flow-mods, the same table and look-ups.
 */

import t from 'tap';
import { matchKey } from '../../openflow/match/match.ts';
import { ethernetFrame } from '../../openflow/packet/frames.ts';
import { parsePacket } from '../../openflow/packet/packet.ts';
import { isError, port as ofpp } from '../../openflow/values/constants.ts';
import { type Rule, Rulebook, type RuleChange } from '../../slices/rules/rulebook.ts';
import { Random } from '../openflow/random.ts';
import {
  type DumbMod,
  type DumbRule,
  dumbApply,
  dumbLookup,
  flowModOf,
  packets,
} from './dumb-rulebook.ts';
import { plain, plainRules } from './rules.ts';

const commands = ['add', 'add', 'add', 'modify', 'modifyStrict', 'delete', 'deleteStrict'] as const;

function randomMod(random: Random): DumbMod {
  const bit = () => random.pick([undefined, undefined, 0, 1]);
  const command = random.pick(commands);
  const isDelete = command.startsWith('delete');
  return {
    command,
    tableId: random.pick(isDelete ? [0, 0, 1, 0xff] : [0, 0, 1]),
    priority: random.number(3),
    match: { a: bit(), b: bit() },
    cookie: BigInt(random.number(4)),
    cookieMask: random.pick([0n, 0n, 1n, 3n, 0xffff_ffff_ffff_ffffn]),
    outputs: random.some(3, () => 1 + random.number(3)),
    outPort: random.pick([ofpp.any, ofpp.any, 1, 2]),
    checkOverlap: random.number(5) === 0,
  };
}

/** What there is to see of a rule, to compare it with a row of the list. */
function shown(rule: Rule): string {
  const [apply] = rule.instructions;
  const outputs =
    apply?.type === 'applyActions' ? apply.actions.map((a) => 'port' in a && a.port) : [];
  const { tableId, priority, cookie, addedMs, hardFromMs, flags } = rule;
  return JSON.stringify([
    tableId,
    priority,
    matchKey(rule.match),
    String(cookie),
    outputs,
    addedMs,
    hardFromMs,
    flags,
  ]);
}

function dumbShown(rule: DumbRule): string {
  const { match } = flowModOf({ ...rule, ...unfiltered });
  const { tableId, priority, cookie, outputs, addedMs, hardFromMs, flags } = rule;
  return JSON.stringify([
    tableId,
    priority,
    matchKey(match),
    String(cookie),
    outputs,
    addedMs,
    hardFromMs,
    flags,
  ]);
}

const unfiltered = {
  command: 'add',
  cookieMask: 0n,
  outPort: ofpp.any,
  checkOverlap: false,
} as const;

/** Carries the changes out on a table of entries by serial, as a datapath would. */
function carry(below: Map<number, Rule>, changes: readonly RuleChange[]): void {
  for (const change of changes) {
    if (change.type === 'remove') below.delete(change.rule.serial);
    else below.set(change.rule.serial, change.rule);
    if (change.type === 'add' && change.replaced) below.delete(change.replaced.serial);
  }
}

function checkSequence(seed: number): string | undefined {
  const random = new Random(seed);
  const book = new Rulebook();
  const below = new Map<number, Rule>();
  let list: readonly DumbRule[] = [];
  for (let now = 1; now <= 40; now++) {
    const mod = randomMod(random);
    const wanted = dumbApply(list, mod, now);
    const changes = book.apply(flowModOf(mod), now);
    if ((wanted === 'overlap') !== isError(changes)) return `${now}: overlap of ${mod.command}`;
    if (wanted !== 'overlap') list = wanted;
    if (!isError(changes)) carry(below, changes);
    const have = book.rules().map(shown).sort();
    if (have.join() !== list.map(dumbShown).sort().join()) return `${now}: ${mod.command}`;
    if ([...below.values()].map(shown).sort().join() !== have.join()) return `${now}: changes`;
    if (book.size !== list.length) return `${now}: size`;
  }
  return checkLookups(book, list);
}

function checkLookups(book: Rulebook, list: readonly DumbRule[]): string | undefined {
  for (const packet of packets) {
    const [dst, src] = [
      Uint8Array.of(0, 0, 0, 0, 0, packet.a),
      Uint8Array.of(0, 0, 0, 0, 0, packet.b),
    ];
    const frame = ethernetFrame({ dst, src, type: 0x800, payload: new Uint8Array(20) });
    const found = book.lookup(parsePacket(frame), 1);
    if (found?.rule.priority !== dumbLookup(list, packet)?.priority)
      return `lookup ${packet.a}${packet.b}`;
  }
  return undefined;
}

t.test('any sequence of flow-mods leaves the table that the specification describes', async (t) => {
  for (let seed = 0; seed < 1500; seed++) {
    const trouble = checkSequence(seed);
    if (trouble !== undefined) t.fail(`seed ${seed}: ${trouble}`);
  }
  t.pass('1500 sequences');
});

t.test('serials are never used twice, and modify keeps them', async (t) => {
  const random = new Random(7);
  const book = new Rulebook(100);
  const added = new Set<number>();
  for (let round = 0; round < 500; round++) {
    const changes = book.apply(flowModOf(randomMod(random)), round);
    if (isError(changes)) continue;
    for (const change of changes) {
      const { serial } = change.rule;
      if (change.type === 'add' && (added.has(serial) || serial < 100)) t.fail(`${serial} again`);
      if (change.type === 'modify' && change.before.serial !== serial) t.fail(`${serial} changed`);
      if (change.type === 'add') added.add(serial);
    }
  }
  t.equal(book.nextSerial, 100 + added.size);
  const restored = new Rulebook(5);
  for (const rule of book.rules().map(plain)) restored.restore(rule);
  t.strictSame(plainRules(restored), plainRules(book));
  const last = Math.max(...book.rules().map((rule) => rule.serial));
  t.ok(restored.nextSerial > last);
});
