/**
 * `make rebalance`: a tenant whose four switches all live in one corner of a fat tree, far from
 * their hosts, one pair of which talks most. Limevisor measures what passes, proposes a better
 * placement, and takes it while everything goes on. Ends with 0 if nothing is lost and the busiest
 * cable carries less.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ask } from '../../hypervisor/operator/client.ts';
import type { OptimizeReport } from '../../hypervisor/operator/control-optimize.ts';
import type { Figures } from '../../slices/placement/objectives.ts';
import { fatTree } from '../fat-tree/network.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { type PingResult, reaches, startPing } from '../lab/ping.ts';
import {
  addRule,
  attempt,
  socketOf,
  startLimevisor,
  statusOf,
  untilReady,
} from '../lab/programs.ts';
import { namedHost } from '../lab/topologies.ts';
import { sleep, until } from '../lab/wait.ts';

/** From one probe to the next, by pod: the first talks most. */
const PING_MSEC = [4, 20, 40, 80] as const;
const CORNER = 'e42';
/** It is measured every 10 s, and means are of so long. */
const SETTLED_MSEC = 22_000;
const OVER_MSEC = 10_000;

const hostAt = (pod: number, half: number): string => `e${pod}${half}:11`;
const name = (pod: number, half: number): string => `h${pod}${half}`;
const address = (pod: number, half: number): number => 2 * pod + half;

/** Of the fat tree these pods, the corner's, and all that joins them. */
function treeOf(pods: readonly number[]) {
  const isIn = (one: string): boolean => {
    const [, kind, pod] = /^([ace])(\d)/.exec(one) ?? [];
    // Both of a pod's uplinks from its first aggregation switch lead to the first two cores.
    return kind === 'c' ? Number(pod) <= pods.length + 1 : [...pods, 4].includes(Number(pod));
  };
  const links = (fatTree.links ?? []).filter((ends) => ends.every(isIn));
  return { switches: fatTree.switches.filter(isIn), links };
}

function hostsOf(pods: readonly number[]) {
  return pods.flatMap((pod) =>
    [1, 2].map((half) => namedHost(name(pod, half), address(pod, half), hostAt(pod, half))),
  );
}

/** All of it lives where the fourth pod's second edge switch is. */
function networkText(pods: readonly number[]): string {
  const tree = treeOf(pods);
  const links = tree.links.map((ends) => `  - { ends: '${ends.join(' - ')}', bandwidth: 1M }`);
  const datapaths = tree.switches.map((one, i) => `  ${one}: { dpid: ${i + 1} }`);
  const vswitches = pods.map((pod) => {
    return `      v${pod}: { dpid: ${pod}, on: ${CORNER}, listen: ['punix:DIR/v${pod}'] }`;
  });
  const own = pods.flatMap((pod) =>
    [1, 2].map((half) => {
      return `      ${name(pod, half)}: { port: 'v${pod}:${half}', at: '${hostAt(pod, half)}' }`;
    }),
  );
  return [
    ...['control: limevisor.sock', 'store: limevisor.db', "listen: ['ptcp:6653:127.0.0.1']"],
    ...['datapaths:', ...datapaths, 'links:', ...links, 'tenants:', '  red:'],
    ...['    vswitches:', ...vswitches, '    hosts:', ...own, ''],
  ].join('\n');
}

export interface Seen {
  readonly before: Figures;
  /** As it was proposed. */
  readonly proposed: Figures;
  readonly moves: number;
  /** As it was measured afterwards; absent: nobody waited for it. */
  readonly after?: Figures;
  readonly text: string;
  readonly html: string;
  readonly pings: readonly PingResult[];
}

export async function run(pods: readonly number[], isMeasuredAfter: boolean): Promise<Seen> {
  const { controller = '' } = fatTree;
  const lab = await startLab({ ...treeOf(pods), hosts: hostsOf(pods), controller });
  try {
    await serve(lab, pods);
    const pings = pods.map((pod, i) => {
      return startPing(lab, name(pod, 1), `10.0.0.${address(pod, 2)}`, PING_MSEC[i] ?? 100);
    });
    const report = await proposal(lab);
    const [text, html] = await Promise.all(
      [[], ['--html']].map(async (more) => {
        return (await attempt(lab, ['optimize', 'red', '--for', 'load', ...more])).stdout;
      }),
    );
    const applied = await attempt(lab, ['optimize', 'red', '--for', 'load', '--apply']);
    if (applied.code !== 0) throw new Error(`it was not taken: ${applied.stderr}`);
    if (isMeasuredAfter) await sleep(SETTLED_MSEC);
    const after = isMeasuredAfter ? await proposal(lab) : undefined;
    return {
      ...{ before: report.before, proposed: report.after, moves: report.moves.length },
      ...{ text: text ?? '', html: html ?? '' },
      ...(after && { after: after.before }),
      pings: await Promise.all(pings.map((ping) => ping.stop())),
    };
  } finally {
    await lab.stop();
  }
}

async function serve(lab: Lab, pods: readonly number[]): Promise<void> {
  const file = path.join(lab.dir, 'rebalance.yaml');
  fs.writeFileSync(file, networkText(pods));
  await startLimevisor(lab, file);
  await untilReady(lab, 60_000);
  const { vswitches } = await statusOf(lab);
  for (const one of vswitches) await addRule(lab, one.name.replace('red/', ''));
  for (const pod of pods) {
    const ip = `10.0.0.${address(pod, 2)}`;
    await until(`an answer to ${name(pod, 1)}`, 20_000, async () =>
      (await reaches(lab, name(pod, 1), ip)) ? true : undefined,
    );
  }
}

/** When something was measured. */
async function proposal(lab: Lab): Promise<OptimizeReport> {
  return await until('a measurement', 60_000, async () => {
    const params = { tenant: ['red'], objective: 'load', windowMs: OVER_MSEC, budgetMs: 2_000 };
    const report = await ask<OptimizeReport>(socketOf(lab), 'optimize', params);
    return report.isUnmeasured ? undefined : report;
  });
}

export function isWhole({ pings, before, proposed, after = proposed }: Seen): boolean {
  const isLossless = pings.every(({ lost, duplicates }) => lost + duplicates === 0);
  return isLossless && after.busiest < before.busiest && after.hops < before.hops;
}

if (process.argv[1] === import.meta.filename) {
  const seen = await run([1, 2, 3, 4], true);
  const page = path.join(os.tmpdir(), 'limevisor-rebalance.html');
  fs.writeFileSync(page, seen.html);
  console.log(`${seen.text}\nAs a page with a chart: ${page}`);
  const { before, proposed, after } = seen;
  for (const [what, one] of Object.entries({ before, proposed, measured: after })) {
    if (one === undefined) continue;
    const busiest = `${(one.busiest * 100).toFixed(1)} % of its bandwidth`;
    console.log(`${what}: busiest cable ${busiest}, ${one.hops.toFixed(2)} hops a byte`);
  }
  const lost = seen.pings.reduce((sum, one) => sum + one.lost, 0);
  const sent = seen.pings.reduce((sum, one) => sum + one.sent, 0);
  console.log(`${seen.moves} moves, ${lost} of ${sent} probes lost`);
  process.exitCode = isWhole(seen) ? 0 : 1;
}
