/**
 * Statistics come from the rulebook: every rule once, and every filter of the request honoured.
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import type { FlowStatsFilter } from '../../openflow/values/values.ts';
import { newCursor } from '../../slices/rules/cursor.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';
import {
  answerTo,
  type CountersRequest,
  durationOf,
} from '../../translation/controllers/statistics.ts';
import { datapath } from '../slices/networks.ts';
import { applied, applying, change, flowMod, output, outputs } from '../slices/rules.ts';

const all: FlowStatsFilter = {
  tableId: 0xff,
  outPort: 0xffffffff,
  outGroup: 0xffffffff,
  cookie: 0n,
  cookieMask: 0n,
  match: [],
};
const tcp = [oxm('eth_type', 0x800), oxm('ip_proto', 6)];

/** Three rules; the n-th counted n packets on s1 and 10 n on s2. */
function threeRules(): Rulebook {
  const book = new Rulebook();
  const mods = [
    { priority: 1, cookie: 0x10n, instructions: outputs(1) },
    { priority: 2, cookie: 0x21n, match: matchOf(...tcp), instructions: outputs(2) },
    { priority: 3, cookie: 0x31n, match: matchOf(...tcp, oxm('tcp_dst', 80)) },
  ];
  mods.forEach((mod, i) => {
    const { counter } = change(book, flowMod(mod), 1_000).rule;
    counter.saw(datapath('s1'), { packets: BigInt(i + 1), bytes: 100n });
    counter.saw(datapath('s2'), { packets: BigInt(10 * (i + 1)), bytes: 100n });
  });
  return book;
}

function priorities(filter: Partial<FlowStatsFilter>): readonly number[] {
  const reply = countersReply(threeRules(), { kind: 'flow', filter: { ...all, ...filter } }, 0);
  return reply.kind === 'flow' ? reply.flows.map((flow) => flow.priority) : [];
}

function countersReply(book: Rulebook, request: CountersRequest, nowMs: number) {
  const answer = answerTo(request, { tables: book.tables, received: 0n });
  answer.take(book.select(answer.filter, newCursor()), nowMs);
  return answer.end();
}

t.test('each filter of a flow request', async (t) => {
  t.strictSame(priorities({}), [3, 2, 1]);
  t.strictSame(priorities({ tableId: 0 }), [3, 2, 1]);
  t.strictSame(priorities({ match: matchOf(...tcp) }), [3, 2], 'what is at least as narrow');
  t.strictSame(priorities({ match: matchOf(...tcp, oxm('tcp_dst', 81)) }), []);
  t.strictSame(priorities({ outPort: 2 }), [2]);
  t.strictSame(priorities({ outPort: 7 }), []);
  t.strictSame(priorities({ outGroup: 1 }), []);
  t.strictSame(priorities({ cookie: 1n, cookieMask: 1n }), [3, 2]);
  t.strictSame(priorities({ cookie: 0x21n, cookieMask: 0xffn }), [2]);
  t.strictSame(priorities({ cookie: 0x99n, cookieMask: 0n }), [3, 2, 1], 'no mask, no filter');
  t.strictSame(priorities({ cookie: 1n, cookieMask: 1n, outPort: 2 }), [2], 'together');
});

t.test('a request for a table that is not there shows no rule of table 0', async (t) => {
  t.strictSame(priorities({ tableId: 1 }), []);
  const filter = { ...all, tableId: 1 };
  t.match(countersReply(threeRules(), { kind: 'aggregate', filter }, 0), { flowCount: 0 });
});

t.test('aggregate and table are sums over rules and bodies', async (t) => {
  const book = threeRules();
  t.strictSame(countersReply(book, { kind: 'aggregate', filter: all }, 0), {
    kind: 'aggregate',
    packetCount: 66n,
    byteCount: 600n,
    flowCount: 3,
  });
  const filter = { ...all, outPort: 2 };
  t.match(countersReply(book, { kind: 'aggregate', filter }, 0), {
    packetCount: 22n,
    flowCount: 1,
  });
  t.match(countersReply(book, { kind: 'table' }, 0), {
    tables: [{ tableId: 0, activeCount: 3, matchedCount: 66n }],
  });
});

t.test('a row is what the tenant said, with its duration', async (t) => {
  const book = new Rulebook();
  const said = {
    priority: 5,
    cookie: 0xfeedn,
    flags: 1,
    idleTimeoutSec: 10,
    hardTimeoutSec: 20,
    match: matchOf(oxm('in_port', 3)),
    instructions: applying(output(0xfffffffb)),
  };
  applied(book, flowMod(said), 1_000);
  t.strictSame(countersReply(book, { kind: 'flow', filter: all }, 3_500), {
    kind: 'flow',
    flows: [
      {
        tableId: 0,
        durationSec: 2,
        durationNsec: 500_000_000,
        packetCount: 0n,
        byteCount: 0n,
        ages: { idleSec: 2, hardSec: 2 },
        ...said,
      },
    ],
  });
});

t.test('a duration is never negative, and its fraction always fits', async (t) => {
  const { rule } = change(new Rulebook(), flowMod(), 1_000);
  t.strictSame(durationOf(rule, 500), { durationSec: 0, durationNsec: 0 });
  for (const ms of [0.1, 999.9999999, 1_000.5, 123_456.789]) {
    const { durationSec, durationNsec } = durationOf(rule, 1_000 + ms);
    t.equal(durationSec, Math.floor(ms / 1000));
    t.ok(Number.isInteger(durationNsec) && durationNsec >= 0 && durationNsec < 1e9, String(ms));
    t.equal(durationNsec % 1_000_000, 0, 'whole milliseconds, as Open vSwitch has them');
  }
});
