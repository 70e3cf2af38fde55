/**
 * What moving by itself is worth, and what it costs: the same days of a tenant without moves, moved
 * by freeze-and-copy, and by LIME, in a world in memory. Moves come every ten minutes, and by
 * chance up to five more; the other tenant stands still.
 *
 * Run with `node tests/bench/secrecy.ts`; DAYS=7 for a week (about two minutes). What the switches
 * are told is counted, and for how long a vswitch forwards nothing; what is lost on real switches
 * is in `make moving-target`, `make demo` and tests/soak/scheduled.soak.ts.
 */
import { migrateAsked } from '../../hypervisor/operator/control-migration.ts';
import { type MtdReport, mtdReport } from '../../hypervisor/operator/mtd-report.ts';
import type { Strategy } from '../../translation/migration/migration.ts';
import { FakeNetwork } from '../hypervisor/fake-switches.ts';
import { Random } from '../openflow/random.ts';

const DAYS = Number(process.env['DAYS'] ?? 0.25);
const EVERY_MS = 600_000;
const JITTER_MS = 300_000;
const DAY_MS = 86_400_000;
const STEP_MS = 1_000;
const MOVE_MS = 5_000;

const file = `
migrations: { keep: 100000 }
datapaths:
  s1: { dpid: 1, ack: barrier }
  s2: { dpid: 2, ack: barrier }
  s3: { dpid: 3, ack: barrier }
  s4: { dpid: 4, ack: barrier }
links: [s1:3 - s2:3, s2:4 - s3:4, s3:3 - s4:3, s4:4 - s1:4]
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s3:1 } }
  blue: { vswitches: { v1: { dpid: 1, on: s1 } } }
`;

const places = ['s1', 's2', 's3', 's4'];

interface Seen {
  readonly report: MtdReport;
  readonly messages: number;
  /** For how long nothing was forwarded in all. */
  readonly stillMs: number;
  /** Bodies at once, at most. */
  readonly bodies: number;
}

/** Long steps: nothing happens in between. */
function rest(network: FakeNetwork, ms: number): void {
  for (let left = ms; left > 0; left -= STEP_MS) {
    network.world.pass(STEP_MS);
    for (const one of network.switches.values()) one.answer();
  }
}

function lived(strategy: Strategy | undefined): Seen {
  const random = new Random(1);
  const network = FakeNetwork.started(file);
  const { hypervisor } = network;
  const changes = (): number =>
    [...network.switches.values()].reduce((sum, one) => sum + one.changes().length, 0);
  let messages = 0;
  let bodies = 1;
  changes();
  for (let nowMs = 0; nowMs < DAYS * DAY_MS; ) {
    const pauseMs = EVERY_MS + random.number(JITTER_MS);
    rest(network, pauseMs);
    nowMs += pauseMs + MOVE_MS;
    const placement = [...hypervisor.snapshot().placements].find(([name]) => name === 'red/v1');
    const others = places.filter((one) => one !== placement?.[1].primary);
    const how = { isDry: false, isWatched: false, to: [random.pick(others)] };
    if (strategy === undefined) continue;
    const nothing = (): void => undefined;
    const reply = { result: nothing, error: nothing, event: nothing, onGone: nothing };
    changes();
    migrateAsked(hypervisor, { names: ['red/v1'], strategy, ...how }, reply);
    for (let ms = 0; ms < MOVE_MS; ms += 50) {
      network.run(50);
      const [, now] = [...hypervisor.snapshot().placements].find(([n]) => n === 'red/v1') ?? [];
      bodies = Math.max(bodies, now?.bodies.length ?? 0);
    }
    messages += changes();
  }
  const still = hypervisor.executor.all().flatMap(({ phases }) => {
    const isStill = (name: string): boolean => ['freeze', 'copy', 'move'].includes(name);
    return strategy === 'freeze' ? phases.filter(({ name }) => isStill(name)) : [];
  });
  const stillMs = still.reduce((sum, { startedMs, endedMs }) => sum + endedMs - startedMs, 0);
  return { report: mtdReport(hypervisor, ['red'], 100 * DAY_MS), messages, stillMs, bodies };
}

const minutes = (ms: number): string => `${(ms / 60_000).toFixed(0)} min`;

console.log(`${DAYS} days of a tenant among four datapaths, another one stands still on s1:`);
console.log(
  '          moves  together longest / in all   entropy   guessed  messages  still  bodies',
);
for (const strategy of [undefined, 'freeze', 'lime'] as const) {
  const { report, messages, stillMs, bodies } = lived(strategy);
  const [own] = report.vswitches;
  const longest = Math.max(0, ...report.together.map((one) => one.longestMs));
  const total = report.together.reduce((sum, one) => sum + one.totalMs, 0);
  const { hits = 0, tried = 0 } = own?.guesses.markov ?? {};
  const each = report.moves === 0 ? 0 : messages / report.moves;
  const texts = [
    (strategy ?? 'none').padEnd(8),
    `${report.moves}`.padStart(6),
    `${minutes(longest)} / ${minutes(total)}`.padStart(24),
    `${(own?.entropy ?? 0).toFixed(2)} of ${(own?.entropyMax ?? 0).toFixed(2)}`.padStart(14),
    (tried === 0 ? '-' : `${((100 * hits) / tried).toFixed(0)} %`).padStart(8),
    `${each.toFixed(0)} a move`.padStart(12),
    `${(report.moves === 0 ? 0 : stillMs / report.moves).toFixed(0)} ms`.padStart(8),
    `${bodies}`.padStart(6),
  ];
  console.log(texts.join(' '));
}
