/**
 * The tables of rates: one tenant against the relay and against nothing; then many tenants.
 */
import { type Bench, compare, noted } from './bench.ts';
import * as budgets from './budgets.ts';
import type { KindName } from './kinds.ts';
import { fixed, judge, table, thousands } from './report.ts';
import { type Lane, SWITCHES } from './sandwich.ts';

interface Budget {
  readonly to: 'direct' | 'relay';
  readonly least: number | undefined;
}

/** One tenant, with so many messages in flight for each switch; what Limevisor reached. */
export async function rates(
  bench: Bench,
  names: readonly KindName[],
  window: number,
  budgetOf: (name: KindName) => Budget,
): Promise<ReadonlyMap<KindName, number>> {
  const reached = new Map<KindName, number>();
  const middles = [bench.direct, bench.relay, bench.limevisor];
  const cases = middles.map((sandwich) => ({ sandwich, lanes: sandwich.lanes, window }));
  const rows = [
    ['messages/s', 'direct', 'relay', 'limevisor', '/direct', '/relay', 'CPU us', 'budget'],
  ];
  for (const name of names) {
    const [direct, relay, ours] = await compare(bench.options, name, cases);
    if (direct === undefined || relay === undefined || ours === undefined) continue;
    const { to, least } = budgetOf(name);
    const verdict = judge(ours.of(to === 'direct' ? 0 : 1), least, 'least');
    const text = noted(bench, `${name}, ${window} in flight: /${to}`, verdict);
    rows.push([
      name,
      ...[direct, relay, ours].map((one) => thousands(one.perSecond)),
      ...[ours.of(0), ours.of(1)].map((part) => fixed(part, 2)),
      `${fixed(relay.cpuUs, 1)} -> ${fixed(ours.cpuUs, 1)}`,
      text === '' ? '' : `/${to} ${text}`,
    ]);
    reached.set(name, ours.perSecond);
  }
  if (reached.size === 0) return reached;
  console.log(`\none tenant, ${window} in flight for each of ${SWITCHES} switches`);
  console.log(table(rows));
  return reached;
}

/**
 * More tenants at equal messages for each controller's socket, ten together: once one of them
 * talks and the others are there, once all do. Equal cost of a message is 1.00 of one's rate.
 */
export async function crowds(bench: Bench, names: readonly KindName[]): Promise<void> {
  const crowded = [...bench.crowded];
  if (crowded.length === 0 || names.length === 0) return;
  const window = budgets.windows.few;
  const head = crowded.flatMap(([n]) => [`1 of ${n} talks`, 'CPU us', `${n} talk`, 'CPU us']);
  const rows = [['of one tenant', ...head, 'budget']];
  for (const name of names) {
    const { limevisor } = bench;
    const cases = [
      { sandwich: limevisor, lanes: limevisor.lanes, window },
      ...crowded.flatMap(([, sandwich]) => [
        { sandwich, lanes: lastTenant(sandwich.lanes), window },
        { sandwich, lanes: sandwich.lanes, window },
      ]),
    ];
    const [, ...found] = await compare(bench.options, name, cases, 'together');
    const least = Math.min(...found.map((one) => one.of(0)));
    rows.push([
      name,
      ...found.flatMap((one) => [fixed(one.of(0), 2), fixed(one.cpuUs, 1)]),
      noted(bench, `${name}, many tenants`, judge(least, budgets.ofOneTenant, 'least')),
    ]);
  }
  console.log(`\nmore tenants, ${window} in flight for each vswitch that talks`);
  console.log(table(rows));
}

function lastTenant(lanes: readonly Lane[]): readonly Lane[] {
  return lanes.slice(-SWITCHES);
}
