/**
 * Modifies and deletes that name no rule exactly stay bytes: as strict-flow-mods.test.ts, with
 * those that are about many rules, with filters and in all tables, and with rules that time out.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import {
  flowCommand,
  flowFlag,
  group as ofpg,
  port as ofpp,
  table,
  type Version,
  version,
} from '../../openflow/values/constants.ts';
import type { FlowMod, Match, Message } from '../../openflow/values/values.ts';
import { Random } from '../openflow/random.ts';
import { exampleText } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { live, momentless, refusesOnce, Side, said } from './bytes-and-values.ts';
import { textOf } from './moved-members.ts';

/** What depends on other fields is behind them. */
function wider(random: Random, match: Match): Match {
  const some = match.slice(0, random.number(match.length + 1));
  return some.filter(({ field }) => field > 4 || random.number(3) > 0);
}

/** A flow-mod that changes or deletes all that its match covers. */
function loosened(random: Random, mod: FlowMod, speaks: Version): FlowMod {
  const command = random.pick([flowCommand.modify, flowCommand.delete, flowCommand.delete]);
  const is13 = speaks === version.of13;
  const isDelete = command === flowCommand.delete;
  const bits = random.pick([1n, 3n, 0xffff_ffff_ffff_ffffn]);
  const match = wider(random, mod.match);
  const instructions = isDelete && random.number(2) === 0 ? [] : mod.instructions;
  return {
    ...{ ...mod, command, match, instructions },
    flags: random.number(4) === 0 ? flowFlag.resetCounts : 0,
    ...(is13 && random.number(4) === 0 && { cookieMask: bits, cookie: mod.cookie & bits }),
    ...(random.number(4) === 0 && { outPort: random.pick([1, 2, 3, ofpp.controller]) }),
    ...(is13 && random.number(8) === 0 && { outGroup: random.pick([1, 2, ofpg.any]) }),
    ...(is13 && isDelete && random.number(4) === 0 && { tableId: table.all }),
  };
}

/** Flow-mods of a few forms; many of them loose. Rules owe flow-removed messages, or do not. */
const drawing =
  (owesMost: number) =>
  (random: Random, speaks: Version, pool: readonly Uint8Array[]): readonly Message[] =>
    said(random, speaks, pool).map((one) => {
      if (one.type !== 'flowMod') return one;
      if (one.command === flowCommand.add) {
        const owes = random.number(100) < owesMost ? flowFlag.sendFlowRem : 0;
        return { ...one, flags: (one.flags & ~flowFlag.sendFlowRem) | owes };
      }
      // A few ways, so that forms of them come again.
      const way = new Random(1 + random.number(12));
      return random.number(3) === 0 ? one : loosened(way, one, speaks);
    });

for (const speaks of [version.of13, version.of10]) {
  t.test(`version ${speaks}: bytes and values are the same`, async (t) => {
    let [one, other] = [0, 0];
    for (let seed = 1; seed <= 24; seed++) {
      const text = seed % 4 === 0 ? textOf('[s1, s2]') : exampleText();
      const times = { isAtOnce: seed % 2 === 0, pauseMs: seed % 3 === 0 ? 700 : 0 };
      const draw = drawing(seed % 2 === 0 ? 0 : 5);
      const [bytes, values] = live(t, {
        text,
        speaks,
        seed,
        draw,
        refusing: refusesOnce,
        ...times,
      });
      one += bytes.looseValues;
      other += values.looseValues;
    }
    t.comment(`${one} of ${other} are values`);
    t.ok(one < 0.8 * other, `${one} of ${other} are values`);
  });
}

/** What only differs in the order of parts is the same. */
function sorted(messages: readonly object[]): readonly string[] {
  const text = (_key: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value);
  return messages.map((one) => JSON.stringify(one, text)).sort();
}

t.test('a request about very many rules is done in parts, and these stay bytes', async (t) => {
  const { of13 } = version;
  const book = Array.from({ length: 600 }, (_, i) => {
    const match = matchOf(oxm('in_port', 1 + (i % 2)), oxm('eth_dst', i));
    return flowMod({ match, cookie: BigInt(i), instructions: outputs(2), tableId: i % 3 ? 0 : 1 });
  });
  const sides = [true, false].map((staysBytes) => new Side(exampleText(), of13, staysBytes));
  const [bytes, values] = sides as [Side, Side];
  const { modify, delete: deletes } = flowCommand;
  const ofPort = matchOf(oxm('in_port', 1));
  const requests: readonly FlowMod[] = [
    flowMod({ command: modify, match: ofPort, instructions: outputs(1) }),
    flowMod({ command: modify, tableId: 1, instructions: outputs(3) }),
    flowMod({ command: deletes, cookie: 1n, cookieMask: 1n, match: ofPort }),
    flowMod({ command: deletes, cookie: 1n, cookieMask: 3n, tableId: table.all }),
    flowMod({ command: deletes, outPort: 1, tableId: table.all }),
    flowMod({ command: deletes, tableId: table.all }),
  ];
  for (const one of sides) one.say(book, true);
  for (const [i, request] of requests.entries()) {
    const [own, other] = [bytes.say([request], false), values.say([request], false)];
    t.strictSame(own.told, other.told);
    for (const [on, sent] of own.sent.entries()) {
      t.strictSame(sorted(sent), sorted(other.sent[on] ?? []), `request ${i}`);
    }
    t.strictSame(momentless(bytes.runtime.rulebook), momentless(values.runtime.rulebook));
    t.strictSame(bytes.tables, values.tables);
  }
  t.equal(bytes.runtime.rulebook.size, 0);
  t.strictSame(bytes.kept(), values.kept());
  t.equal(bytes.looseValues, 0);
  t.ok(values.looseValues > 60);
});
