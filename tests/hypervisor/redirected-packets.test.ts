/** What guards have counted for rules is given back to them (hypervisor/tenant). */
import t from 'tap';
import { giveBack } from '../../hypervisor/tenant/redirected-packets.ts';
import type { FlowStats } from '../../openflow/values/values.ts';
import { type CookieKind, cookieOf, tables } from '../../translation/entries/pipeline.ts';

const ID = 7;
const BYTES = 100n;
/** In the second table. */
const SECOND = 100;

type Counted = Readonly<Record<number, bigint>>;

/** What a body's entries have counted, by the rules that led packets would have met, and in all. */
interface Body {
  readonly all: bigint;
  readonly byRule?: Counted;
  /** Of loss probes, which came with the others. */
  readonly probes?: bigint;
  readonly stoodSec?: number;
}

function row(kind: CookieKind, serial: number, packetCount: bigint, more = {}): FlowStats {
  const cookie = cookieOf(kind, ID, serial);
  const counts = { packetCount, byteCount: packetCount * BYTES };
  return {
    ...{ tableId: 0, durationSec: 9, durationNsec: 0, priority: 1, idleTimeoutSec: 0 },
    ...{ hardTimeoutSec: 0, flags: 0, cookie, match: [], instructions: [], ...counts, ...more },
  };
}

/** What rules were given, by serial, and what is said of it. */
function given(from: Body, to: Body, tenant: Counted = {}, probesUp?: number) {
  const rows = (body: Body, kind: 'guard' | 'led'): readonly FlowStats[] => [
    row(kind, 0, body.all, { durationSec: body.stoodSec ?? 9 }),
    ...(body.probes === undefined ? [] : [row('lossProbe', 0, body.probes)]),
    ...Object.entries(body.byRule ?? {}).map(([serial, packets]) =>
      row('ledRule', Number(serial), packets),
    ),
  ];
  const on: Record<string, readonly FlowStats[]> = {
    old: rows(from, 'guard'),
    new: rows(to, 'led'),
  };
  const counts: Record<number, { packets: bigint; bytes: bigint }> = {};
  const context = {
    datapath: (name: string) => ({
      flat: undefined,
      query: (_: unknown, answered: (parts: readonly unknown[]) => void) =>
        answered([{ kind: 'flow', flows: on[name] ?? [] }]),
    }),
  };
  const owner = {
    vswitch: { id: ID },
    rulebook: {
      bySerial: (serial: number) => ({
        counter: {
          count: (more: { packets: bigint; bytes: bigint }) => {
            const { packets = 0n, bytes = 0n } = counts[serial] ?? {};
            counts[serial] = { packets: packets + more.packets, bytes: bytes + more.bytes };
          },
        },
      }),
    },
    counters: {
      eachRow: (_: string, each: (row: FlowStats) => void, done: (isWhole: boolean) => void) => {
        for (const [serial, packets] of Object.entries(tenant)) {
          const tableId = tables.tenant + (Number(serial) < SECOND ? 0 : 1);
          each(row('rule', Number(serial), packets, { tableId }));
        }
        done(true);
      },
    },
    lossProbes: { isOn: probesUp !== undefined, cameUpOn: () => probesUp ?? 0 },
  };
  let said: unknown;
  giveBack(context as never, owner as never, 'old' as never, 'new' as never, (what) => {
    said = what;
  });
  const packets = Object.fromEntries(
    Object.entries(counts).map(([serial, { packets }]) => [serial, Number(packets)]),
  );
  const bytes = Object.values(counts).reduce((sum, one) => sum + one.bytes, 0n);
  const all = Object.values(counts).reduce((sum, one) => sum + one.packets, 0n);
  t.equal(bytes, all * BYTES, 'bytes as packets');
  return { packets, said };
}

t.test('each rule gets what its packets were counted more often', async (t) => {
  t.strictSame(
    given({ all: 30n, byRule: { 1: 20n, 2: 10n } }, { all: 27n, byRule: { 1: 18n, 2: 9n } }),
    { packets: { 1: 2, 2: 1 }, said: { redirected: 30, shared: 0 } },
  );
  t.strictSame(given({ all: 5n, byRule: { 1: 5n } }, { all: 5n, byRule: { 1: 5n } }), {
    packets: {},
    said: { redirected: 5, shared: 0 },
  });
});

t.test("a packet that the new body missed behind the end of its way is its rule's", async (t) => {
  t.strictSame(
    given({ all: 30n, byRule: { 1: 20n, 2: 10n } }, { all: 27n, byRule: { 1: 17n, 2: 9n } }),
    { packets: { 1: 3, 2: 1 }, said: { redirected: 30, shared: 0 } },
  );
  t.strictSame(given({ all: 30n, byRule: { 1: 30n } }, { all: 30n, byRule: { 1: 29n } }), {
    packets: { 1: 1 },
    said: { redirected: 30, shared: 0 },
  });
});

t.test('what met no rule is given to none', async (t) => {
  t.strictSame(
    given({ all: 30n, byRule: { 1: 20n } }, { all: 20n, byRule: { 1: 15n } }, { 1: 1n }),
    { packets: { 1: 5 }, said: { redirected: 30, shared: 0 } },
  );
});

t.test('rules that are met by turns get no more together than was counted', async (t) => {
  t.strictSame(
    given(
      { all: 100n, byRule: { 1: 60n, 2: 40n, 3: 0n } },
      { all: 90n, byRule: { 1: 40n, 2: 30n, 3: 20n } },
    ),
    { packets: { 1: 7, 2: 3 }, said: { redirected: 100, shared: 20 } },
  );
  t.strictSame(
    given({ all: 9n, byRule: { 1: 0n, 2: 9n } }, { all: 9n, byRule: { 1: 9n, 2: 0n } }),
    { packets: {}, said: { redirected: 9, shared: 9 } },
  );
});

t.test('without entries for rules, rules get shares, later tables too', async (t) => {
  t.strictSame(given({ all: 14n }, { all: 10n }, { 1: 3n, 2: 1n }), {
    packets: { 1: 3, 2: 1 },
    said: { redirected: 14, shared: 4 },
  });
  t.strictSame(
    given(
      { all: 14n, byRule: { 1: 14n } },
      { all: 10n, byRule: { 1: 10n } },
      { 1: 4n, [SECOND]: 2n, [SECOND + 1]: 2n },
    ),
    { packets: { 1: 4, [SECOND]: 2, [SECOND + 1]: 2 }, said: { redirected: 14, shared: 4 } },
  );
});

t.test("loss probes come as packets do, and are no rule's", async (t) => {
  t.strictSame(
    given(
      { all: 30n, byRule: { 1: 30n }, probes: 10n },
      { all: 36n, byRule: { 1: 26n, 2: 10n } },
      {},
      0,
    ),
    { packets: { 1: 4 }, said: { redirected: 30, shared: 0 } },
  );
});

t.test('a body that began anew has forgotten what came', async (t) => {
  const forgotten = { all: 1n, byRule: { 1: 1n }, stoodSec: 2 };
  t.strictSame(given({ all: 900n, byRule: { 1: 900n } }, forgotten), {
    packets: {},
    said: undefined,
  });
});
