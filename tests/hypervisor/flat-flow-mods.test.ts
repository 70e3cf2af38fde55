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
import type { Random } from '../openflow/random.ts';
import { exampleText } from '../slices/networks.ts';
import { applying, flowMod, output } from '../slices/rules.ts';
import { type Below, live, type Refusing, refusesOnce } from './bytes-and-values.ts';

const { add, modify, modifyStrict, delete: deletes, deleteStrict } = flowCommand;
const SEEDS = Number(process.env['SEEDS'] ?? 6);

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
function wideMatch(random: Random): Match {
  if (random.number(20) === 0) return [];
  const match = randomMatch(random);
  return random.number(3) === 0 ? match.filter(({ field }) => field === 0) : match;
}

/** Adds in the place of others stay bytes where they begin to count anew. */
function flagsOf(random: Random, command: number): number {
  const isAdd = command === add && random.number(4) > 0;
  return (isAdd ? flowFlag.resetCounts : 0) | (random.number(30) ? 0 : flowFlag.sendFlowRem);
}

function randomMod(random: Random, speaks: Version): FlowMod {
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
    // Some priority comes and goes, so that levels move.
    priority: random.number(80) ? 20 : random.pick([0, 3, 0xffff, 101]),
    match: isLoose ? wideMatch(random) : randomMatch(random),
    instructions: isDelete ? [] : (lists[random.number(rare() ? 8 : 2)] ?? []),
    flags: flagsOf(random, command),
    ...(isLoose && is13 && rare() && { cookieMask: 1n, cookie: 1n }),
    ...(isDelete && rare() && { outPort: random.pick([1, 2]) }),
    ...(isDelete && is13 && random.number(2) === 0 && { tableId: table.all }),
    ...(command === add && random.number(4) === 0 && { idleTimeoutSec: 1 }),
  });
}

/** With rules that hold the usual priorities. */
function drawing(random: Random, speaks: Version): readonly Message[] {
  const anchors = [20].map((priority) =>
    flowMod({ version: speaks, priority, match: matchOf(oxm('eth_src', 99)) }),
  );
  return [...anchors, ...random.some(4, () => randomMod(random, speaks))];
}

const never: Refusing = () => () => undefined;

for (const below of ['flat', '1.0'] as const satisfies readonly Below[]) {
  for (const speaks of [version.of13, version.of10]) {
    t.test(`version ${speaks} on ${below}: bytes and values are the same`, async (t) => {
      made.modified = 0;
      made.gone = 0;
      for (let seed = 1; seed <= SEEDS; seed++) {
        const times = { isAtOnce: seed % 2 === 0, pauseMs: seed % 3 === 0 ? 700 : 0 };
        const refusing = seed % 4 === 3 ? never : refusesOnce;
        const what = {
          text: exampleText(),
          speaks,
          seed,
          draw: drawing,
          refusing,
          below,
          rounds: 100,
        };
        live(t, { ...what, ...times });
      }
      console.error(made);
      t.ok(made.modified > 20 * SEEDS && made.gone > 20 * SEEDS, JSON.stringify(made));
    });
  }
}
