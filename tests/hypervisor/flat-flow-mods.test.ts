/**
 * Modifies and deletes on datapaths with one table, and of OpenFlow 1.0, stay bytes while the rules
 * that they are about do: as strict-flow-mods.test.ts and loose-flow-mods.test.ts, with rules of a
 * few forms that stay.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import {
  flowCommand,
  flowFlag,
  port as ofpp,
  table,
  type Version,
  version,
} from '../../openflow/values/constants.ts';
import type { FlowMod, Match, Message } from '../../openflow/values/values.ts';
import { RuleChanges } from '../../translation/flat/rule-changes.ts';
import { Random } from '../openflow/random.ts';
import { exampleText } from '../slices/networks.ts';
import { applying, flowMod, output } from '../slices/rules.ts';
import { type Below, live, type Refusing, Side } from './bytes-and-values.ts';

const { add, modify, modifyStrict, delete: deletes, deleteStrict } = flowCommand;
const SEEDS = Number(process.env['SEEDS'] ?? 4);

/** How many rules were changed, and taken out, as bytes. */
const made = { modified: 0, gone: 0 };
const make = RuleChanges.prototype.make;
RuleChanges.prototype.make = function (this: RuleChanges, run, i): void {
  make.call(this, run, i);
  const command = run.dv.getUint8((run.at[i] ?? 0) + 25);
  if (command === deleteStrict) made.gone += 1;
  else made.modified += 1;
};

const lists = [
  applying(output(1)),
  applying(output(2)),
  applying(output(2), output(1)),
  applying(output(ofpp.flood)),
  applying({ type: 'setField', oxm: oxm('eth_src', 7) }, output(2)),
  applying(output(0xfffffff8), output(2)),
  [],
  applying(output(ofpp.controller)),
];

function randomMatch(random: Random): Match {
  const address = random.number(10);
  const usual = [
    matchOf(oxm('eth_dst', address)),
    matchOf(oxm('in_port', 1), oxm('eth_dst', address), oxm('eth_src', 3)),
  ];
  if (random.number(20) > 0) return random.pick(usual);
  return random.pick([
    matchOf(oxm('in_port', 2), oxm('eth_dst', address)),
    matchOf(oxm('eth_type', 0x800), oxm('ipv4_dst', address)),
    matchOf(oxm('eth_dst', address), oxm('vlan_vid', 0x1005)),
  ]);
}

/** Wide ones, and all there is now and then. */
function wideMatch(random: Random, isWhole: boolean): Match {
  if (isWhole && random.number(20) === 0) return [];
  const match = randomMatch(random);
  return random.number(3) === 0 ? matchOf(oxm('in_port', 1)) : match;
}

/** Adds in the place of others stay bytes where they begin to count anew. */
function flagsOf(random: Random, command: number): number {
  const isAdd = command === add && random.number(4) > 0;
  return (isAdd ? flowFlag.resetCounts : 0) | (random.number(30) ? 0 : flowFlag.sendFlowRem);
}

function randomMod(random: Random, speaks: Version, isWhole: boolean): FlowMod {
  const is13 = speaks === version.of13;
  const command = random.pick([
    ...[add, add, add, add, add, add, modifyStrict, modifyStrict, modifyStrict],
    ...[deleteStrict, deleteStrict, deleteStrict, modify, deletes],
  ]);
  const isLoose = command === modify || command === deletes;
  const isDelete = command >= deletes;
  const rare = (): boolean => random.number(16) === 0;
  return flowMod({
    version: speaks,
    xid: random.number(1_000),
    cookie: BigInt(1 + random.number(3)),
    command,
    priority: !isWhole || random.number(80) ? 20 : random.pick([0, 3, 0xffff, 101]),
    match: isLoose ? wideMatch(random, isWhole) : randomMatch(random),
    instructions: isDelete ? [] : (lists[random.number(rare() ? 8 : 2)] ?? []),
    flags: flagsOf(random, command),
    ...(isLoose && is13 && rare() && { cookieMask: 1n, cookie: 1n }),
    ...(isDelete && rare() && { outPort: random.pick([1, 2]) }),
    ...(isDelete && is13 && random.number(2) === 0 && { tableId: table.all }),
    ...(command === add && random.number(4) === 0 && { idleTimeoutSec: 1 }),
  });
}

/**
 * Rules of one form, which are changed and taken out, by name or together; now and then others.
 * `isWhole`: there are priorities that come and go, and requests about everything.
 */
const drawing =
  (isWhole: boolean) =>
  (random: Random, speaks: Version): readonly Message[] => {
    const anchor = flowMod({ version: speaks, priority: 20, match: matchOf(oxm('eth_src', 99)) });
    const [isOfPort, list] = [random.number(2) === 0, random.number(3)];
    const named = (address: number): Match =>
      matchOf(...(isOfPort ? [oxm('in_port', 1)] : []), oxm('eth_dst', address));
    const of = (command: number, match: Match, to = list): FlowMod => {
      const cookie = BigInt(1 + random.number(3));
      const flags = command === add ? flowFlag.resetCounts : 0;
      const instructions = command >= deletes ? [] : (lists[to] ?? []);
      return flowMod({
        version: speaks,
        priority,
        cookie,
        command,
        match,
        flags,
        instructions,
      });
    };
    // Those below the lowest level push each other up.
    const priority = isWhole ? random.pick([3, 4, 5, 20]) : 20;
    const one = (): Match => named(random.number(10));
    const wide = (): Match => matchOf(...(isOfPort ? [oxm('in_port', 1)] : [oxm('eth_type', 1)]));
    const next = random.number(4);
    return [
      anchor,
      ...random.some(10, () => of(add, one())),
      ...random.some(5, () => of(modifyStrict, one(), next)),
      ...(random.number(3) ? [] : [of(modify, wide(), random.number(4))]),
      ...random.some(3, () => of(deleteStrict, one())),
      ...(random.number(3) ? [] : [randomMod(random, speaks, isWhole)]),
      ...(random.number(3) ? [] : [of(deletes, one())]),
      ...(random.number(2) ? [of(deletes, wide())] : []),
    ];
  };

/**
 * One message of a round: of several, values learn in other answers than bytes, and what is sent to
 * restore one goes before or behind what restores another.
 */
const refusesOne: Refusing = (seed, round) => {
  const random = new Random(100 * seed + round);
  const refused = random.pick([modifyStrict, add, deleteStrict, deleteStrict]);
  let left = 1 + random.number(6);
  return (change) => {
    if (change.type !== 'flowMod' || change.command !== refused || left === 0) return undefined;
    left -= 1;
    return left === 0 ? { errorType: 5, errorCode: 1 } : undefined;
  };
};

for (const below of ['flat', '1.0'] as const satisfies readonly Below[]) {
  for (const speaks of [version.of13, version.of10]) {
    t.test(`version ${speaks} on ${below}: bytes and values are the same`, async (t) => {
      made.modified = 0;
      made.gone = 0;
      for (let seed = 1; seed <= SEEDS; seed++) {
        const times = { isAtOnce: seed % 2 === 0, pauseMs: seed % 3 === 1 ? 700 : 0 };
        const isWhole = seed % 3 === 0;
        const what = {
          text: exampleText(),
          speaks,
          seed,
          draw: drawing(isWhole),
          refusing: refusesOne,
          below,
          rounds: 40,
        };
        live(t, { ...what, ...times });
      }
      t.comment(made);
      t.ok(made.modified > 20 * SEEDS && made.gone > 20 * SEEDS, JSON.stringify(made));
    });
  }
}

t.test('rules that go, or take fewer levels, move those that they pushed up', async (t) => {
  const flags = flowFlag.resetCounts;
  const of = (command: number, priority: number, port: number, addresses: readonly number[]) =>
    addresses.map((address) => {
      const instructions = command === deleteStrict ? [] : applying(output(port));
      const what = { priority, command, match: matchOf(oxm('eth_dst', address)), instructions };
      return flowMod({ ...what, flags: command === add ? flags : 0 });
    });
  // The first of a priority is a value, and so is whatever comes with it.
  const [first, others] = [[0], [1, 2, 3, 4]];
  const steps = [
    ...[of(add, 3, 2, first), of(add, 4, 2, first), of(add, 5, 2, first)],
    ...[of(add, 3, 2, others), of(deleteStrict, 3, 0, first), of(deleteStrict, 3, 0, [1, 2, 3])],
    of(deleteStrict, 3, 0, [4]),
    ...[of(add, 4, 2, others), of(deleteStrict, 4, 0, first), of(modifyStrict, 4, 1, [1, 2, 3])],
    ...[of(modifyStrict, 4, 1, [4]), of(add, 4, 1, [7]), of(deleteStrict, 4, 0, [1, 2])],
    ...[of(add, 4, 2, [8]), of(deleteStrict, 4, 0, [3, 4, 7, 8])],
    [flowMod({ command: deletes })],
  ];
  made.gone = 0;
  made.modified = 0;
  const [bytes, values] = [true, false].map(
    (staysBytes) => new Side(exampleText(), version.of13, staysBytes, 'flat'),
  );
  const moving = new Set([6, 11]);
  let moved = 0;
  for (let round = 0; round < 6; round++) {
    for (const [i, some] of steps.entries()) {
      const [own, other] = [bytes, values].map((side) => side?.say(some, true));
      t.strictSame(own, other, `${round}, ${i}`);
      const sent = other?.sent.flat() ?? [];
      if (!moving.has(i)) continue;
      const ofFirst = sent.filter((one) => 'command' in one && one.command === add);
      if (ofFirst.length > 1) moved += 1;
    }
  }
  t.equal(moved, 12, 'others moved when the last one went, and when it took less');
  t.ok(made.gone > 10 && made.modified > 10, `${JSON.stringify(made)} were bytes`);
});
