/**
 * Rules that a new body is filled with: those that stay bytes are, below, what the values would
 * have made of them, each is there once, and a body begins to count from nothing.
 */
import t from 'tap';
import { Writer } from '../../openflow/layout/writer.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { header } from '../../openflow/messages/messages.ts';
import { version } from '../../openflow/values/constants.ts';
import { newCursor } from '../../slices/rules/cursor.ts';
import { nextForBody, nextWhose } from '../../slices/rules/rule-frames.ts';
import { RuleRun } from '../../slices/rules/rule-run.ts';
import { type Rule, Rulebook } from '../../slices/rules/rulebook.ts';
import { addFlow } from '../../translation/entries/physical-tables.ts';
import { pipelineEncoding } from '../../translation/pipeline/encoding.ts';
import {
  mayGoUpAndOn,
  readRules,
  staysBytes,
  writeFlowMods,
} from '../../translation/pipeline/flow-mod-bytes.ts';
import { refuseFlowMod } from '../../translation/requests/flow-mod.ts';
import { viewOf } from '../openflow/hex.ts';
import { Random, randomInstructions, randomMatch } from '../openflow/random.ts';
import { datapath, exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';

const v3 = vswitchOf(snapshotOf(exampleText()), 'red/v3');
const TO_CONTROLLER = 0xfffffffd;

const textOf = (what: unknown): string =>
  JSON.stringify(what, (_, value) => (typeof value === 'bigint' ? `${value}` : value));

/** Rules of all kinds; most of them a learning switch could have made. */
function randomBook(random: Random, count: number): Rulebook {
  const book = new Rulebook();
  for (let i = 0; i < count; i += 1) {
    const mod = flowMod({
      tableId: random.pick([0, 0, 0, 1, 239]),
      priority: random.pick([0, 1, 0xffff, random.number(0x10000)]),
      cookie: BigInt(i),
      flags: random.pick([0, 0, 1, 4, 8, 16, 29]),
      idleTimeoutSec: random.number(3),
      match: random.number(4) === 0 ? randomMatch(random) : matchOf(oxm('eth_dst', i)),
      instructions: random.pick([
        [],
        outputs(1 + random.number(9)),
        outputs(1, TO_CONTROLLER),
        randomInstructions(random),
      ]),
    });
    // Groups and meters are others' (slices/groups-meters/).
    const isAlone = !/"type":"(group|meter)"/.test(textOf(mod));
    if (isAlone && refuseFlowMod(mod) === undefined) book.apply(mod, i);
  }
  return book;
}

function bytesBySerial(frames: DataView): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (let at = 0; at < frames.byteLength; ) {
    const length = header.get.length(frames, at);
    const frame = Buffer.from(frames.buffer, frames.byteOffset + at, length);
    found.set(header.get.xid(frames, at), frame.toString('hex').slice(16));
    at += length;
  }
  return found;
}

function byValues(rule: Rule): string {
  const [flow, ...more] = pipelineEncoding.encode(v3, rule);
  if (flow === undefined || more.length > 0) throw new Error('a rule is an entry there');
  const frame = encode(version.of13, { ...addFlow(flow), xid: 0 });
  return Buffer.from(frame).toString('hex').slice(16);
}

t.test('each rule is there once, as bytes or as a value, and is the same below', async (t) => {
  const random = new Random(41);
  let plain = 0;
  let values = 0;
  for (let round = 0; round < 40; round += 1) {
    const book = randomBook(random, 300);
    const rules = new Map(book.rules().map((rule) => [rule.serial, rule]));
    const made = new Map<number, string>();
    for (const cursor = newCursor(); !cursor.isOver; ) {
      const frames = new Writer(8);
      const others = nextForBody(book, datapath('s4'), cursor, staysBytes, frames);
      for (const one of others) made.set(one.serial, byValues(one));
      values += others.length;
      if (frames.at === 0) continue;
      const run = new RuleRun(300);
      readRules(run, frames.dv, frames.at);
      const out = new Writer(8);
      // The transaction ids are those that follow each other; serials need not.
      writeFlowMods(out, run, v3, 1);
      const below = bytesBySerial(viewOf(out.finish()));
      for (let i = 0; i < run.count; i += 1) made.set(run.serial[i] ?? 0, below.get(1 + i) ?? '');
      plain += run.count;
    }
    t.equal(made.size, rules.size, `round ${round}: all of them`);
    const wrong = [...rules.values()].filter((rule) => made.get(rule.serial) !== byValues(rule));
    t.strictSame(wrong, [], `round ${round}`);
  }
  t.ok(plain > 2_000 && values > 1_000, `${plain} as bytes, ${values} as values`);
});

t.test('what a body counted of a rule is kept when it begins anew', async (t) => {
  const book = randomBook(new Random(42), 100);
  const [s3, s4] = [datapath('s3'), datapath('s4')];
  const rules = book.rules();
  const count = (packets: number) => ({ packets: BigInt(packets), bytes: BigInt(packets * 100) });
  for (const [i, { counter }] of rules.entries()) {
    if (i % 4 !== 0) counter.saw(s4, count(i));
    if (i % 4 === 2) counter.saw(s3, count(1));
    if (i % 4 === 3) counter.leave(s4);
  }
  const before = rules.map(({ counter }) => counter.total());
  for (const cursor = newCursor(); !cursor.isOver; ) {
    nextForBody(book, s4, cursor, staysBytes, new Writer(8));
  }
  t.strictSame(
    rules.map(({ counter }) => counter.total()),
    before,
  );
  for (const { counter } of rules) counter.saw(s4, count(2));
  const after = before.map(({ packets, bytes }) => ({
    packets: packets + 2n,
    bytes: bytes + 200n,
  }));
  t.strictSame(
    rules.map(({ counter }) => counter.total()),
    after,
  );
});

t.test('rules that may go up and on are found by their bytes', async (t) => {
  const random = new Random(43);
  let left = 0;
  for (let round = 0; round < 20; round += 1) {
    const book = randomBook(random, 200);
    const found = new Set<number>();
    for (const cursor = newCursor(); !cursor.isOver; ) {
      for (const { serial } of nextWhose(book, cursor, mayGoUpAndOn)) found.add(serial);
    }
    const missed = book.rules().filter(({ serial, tableId, instructions }) => {
      const text = textOf(instructions);
      return (tableId > 0 || text.includes(`"port":${TO_CONTROLLER}`)) && !found.has(serial);
    });
    t.strictSame(missed, [], `round ${round}`);
    left += book.size - found.size;
  }
  t.ok(left > 500, `${left} others are not looked at`);
});

t.test('a book without a rule has none for a body', async (t) => {
  const cursor = newCursor();
  t.strictSame(nextForBody(new Rulebook(), datapath('s4'), cursor, staysBytes, new Writer(8)), []);
  t.ok(cursor.isOver);
  const other = newCursor();
  t.strictSame(nextWhose(new Rulebook(), other, mayGoUpAndOn), []);
  t.ok(other.isOver);
});
