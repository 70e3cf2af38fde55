/**
 * Entries that come to much are asked for in parts, one after the other; no cookie is in two. And
 * who asks for some is not answered with others.
 */
import t from 'tap';
import {
  asksFor,
  flowsIn,
  flowsOf,
  partsOf,
  streamEntries,
} from '../../hypervisor/datapath/entry-reader.ts';
import { Scheduler } from '../../hypervisor/world/scheduler.ts';
import { version } from '../../openflow/values/constants.ts';
import { limits } from '../../slices/limits.ts';
import { everyFlow } from '../../translation/entries/physical-tables.ts';
import { cookieOf, VSWITCH_COOKIE_MASK } from '../../translation/entries/pipeline.ts';
import { connected } from './one-datapath.ts';

t.test('as many requests as there are bytes for, and no end of them', async (t) => {
  t.equal(asksFor(0), 1);
  t.equal(asksFor(limits.entryBytesAtOnce), 1);
  t.equal(asksFor(3 * limits.entryBytesAtOnce), 4);
  t.equal(asksFor(Number.POSITIVE_INFINITY), limits.entryAsksMax);
});

t.test('every cookie is in one of them', async (t) => {
  const own = { ...everyFlow, cookie: cookieOf('rule', 7, 0), cookieMask: VSWITCH_COOKIE_MASK };
  for (const [filter, id] of [
    [everyFlow, 3],
    [own, 7],
  ] as const) {
    const parts = partsOf(filter, 8);
    for (let serial = 0; serial < 40; serial++) {
      const cookie = cookieOf('rule', id, serial);
      const has = parts.filter((one) => (cookie & one.cookieMask) === one.cookie);
      t.equal(has.length, 1);
    }
  }
  const [all] = partsOf(everyFlow, 1);
  t.strictSame(all, everyFlow);
});

t.test('the next is asked for when the one before it is there', async (t) => {
  const { world, peer, datapath } = connected();
  const ends: boolean[] = [];
  const parts: string[] = [];
  const rows = { filter: everyFlow, bytes: 2 * limits.entryBytesAtOnce };
  const end = (isWhole: boolean) => void ends.push(isWhole);
  streamEntries(new Scheduler(world), datapath, rows, ({ kind }) => parts.push(kind), end);
  for (let i = 0; i < 2; i++) {
    t.strictSame(ends, []);
    world.turn();
    const asked = peer.received();
    t.match(asked, [{ type: 'multipartRequest', request: { filter: { cookie: BigInt(i) } } }]);
    t.equal(asked.length, 1);
    const reply = { kind: 'flow', flows: [] } as const;
    peer.says({ type: 'multipartReply', xid: asked[0]?.xid ?? 0, flags: 0, reply });
  }
  t.strictSame([ends, parts], [[true], ['flow', 'flow']]);
  streamEntries(new Scheduler(world), datapath, rows, () => undefined, end);
  world.turn();
  datapath.lose('it went');
  t.strictSame(ends, [true, false]);
});

// OF1.0.1 section 5.3.5: a request for statistics names a match, a table and a port.
t.test('who asks by cookies is answered with those, by a datapath of 1.0, too', async (t) => {
  const { world, peer, datapath } = connected({ type: 'barrier' }, version.of10);
  const rows = [
    ...[cookieOf('rule', 7, 1), cookieOf('rule', 8, 1), cookieOf('guard', 7, 0), 5n],
  ].map((cookie, i) => ({
    ...{ tableId: 0, durationSec: 0, durationNsec: 0, idleTimeoutSec: 0, hardTimeoutSec: 0 },
    ...{ priority: i, flags: 0, match: [], instructions: [] },
    ...{ cookie, packetCount: BigInt(i), byteCount: 0n },
  }));
  const own = { ...everyFlow, cookie: cookieOf('rule', 7, 0), cookieMask: VSWITCH_COOKIE_MASK };
  const asked: (readonly bigint[])[] = [];
  for (const filter of [own, everyFlow]) {
    datapath.query({ kind: 'flow', filter }, (parts) => {
      asked.push(flowsIn(parts).map(({ cookie }) => cookie));
    });
  }
  const streamed: bigint[] = [];
  const ends: boolean[] = [];
  streamEntries(
    new Scheduler(world),
    datapath,
    { filter: own, bytes: 0 },
    (part) => streamed.push(...flowsOf(part).map(({ cookie }) => cookie)),
    (isWhole) => ends.push(isWhole),
  );
  // Those that ask while one reading is under way share the next.
  for (let i = 0; i < 2; i++) {
    world.turn();
    for (const { xid } of peer.received().filter(({ type }) => type === 'multipartRequest'))
      peer.says({ type: 'multipartReply', xid, flags: 0, reply: { kind: 'flow', flows: rows } });
  }
  world.turn();
  t.strictSame(asked, [[cookieOf('rule', 7, 1)], rows.map(({ cookie }) => cookie)]);
  t.strictSame([streamed, ends], [[cookieOf('rule', 7, 1)], [true]]);
});
