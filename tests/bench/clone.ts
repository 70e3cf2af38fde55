/**
 * How long a vswitch takes to be cloned, by its rules, beside the time in which a bridge of the
 * same Open vSwitch takes the rules, as its tenant gave them, in one bundle. Part of `make bench`;
 * run with `node tests/bench/clone.ts`; RULES=1000,10000 REPEATS=1 for less.
 *
 *   clone     that phase of a migration: rules read, sent, acknowledged, and its end on disk
 *   bundle    from a bundle's first byte to the answer to its commit; its messages are made before
 *   singly    the same flow-mods without a bundle, and a barrier behind them
 *   of it     the rate at which rules are cloned, of that of the bundle; goal: 0.8
 *   of more   the same of the rules that are more than in the row before: without what every clone
 *             takes, which is a round of revalidators that a canary shows, and the disk
 *
 * There and back, medians.
 */

import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { TestController } from '../live/mirror/controller.ts';
import { bytesOf, flowMod, output, rule } from '../live/mirror/conversation.ts';
import { added, control } from '../openflow/bundled.ts';
import { median } from './load.ts';
import { type Moving, moved, withVswitch } from './moving.ts';
import { fixed, table, thousands } from './report.ts';

const COUNTS = (process.env['RULES'] ?? '1000,10000,100000').split(',').map(Number);
const REPEATS = Number(process.env['REPEATS'] ?? 3);

/** A rule for each address. */
const ruleOf = (i: number) =>
  rule(matchOf(oxm('eth_type', 0x800), oxm('ipv4_dst', 0x0a00_0000 + i)), [output(1)], {
    priority: 10,
  });

const numbersTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

const flowMods = (count: number): Buffer =>
  Buffer.concat(numbersTo(count).map((i) => bytesOf(ruleOf(i))));

/** By the tenant, with one barrier behind all. */
async function fill(controller: TestController, mods: Buffer): Promise<number> {
  const startedMs = performance.now();
  controller.send(mods);
  await controller.barrier();
  return performance.now() - startedMs;
}

function bundleOf(count: number): Buffer {
  const all: readonly Message[] = [
    control('open'),
    ...numbersTo(count).map((i) => added({ xid: i, ...ruleOf(i) } as Message)),
    control('commit'),
  ];
  return Buffer.concat(all.map((one) => encode(version.of13, one)));
}

/** How long a bridge takes for it, which has no rules before. */
async function committed(alone: TestController, bundle: Buffer): Promise<number> {
  const startedMs = performance.now();
  alone.send(bundle);
  await alone.until('the commit', () => alone.count('experimenter') + alone.count('error') >= 2);
  const tookMs = performance.now() - startedMs;
  if (alone.count('error') > 0) throw new Error('the bridge has refused the bundle');
  return tookMs;
}

async function emptied(alone: TestController): Promise<void> {
  alone.send(bytesOf(flowMod('delete')));
  await alone.barrier();
  alone.take();
}

interface Measured {
  readonly count: number;
  readonly ms: { readonly [of in 'clone' | 'bundle' | 'singly' | 'all']: number };
}

async function measure(moving: Moving, count: number): Promise<Measured> {
  const { controller, alone } = moving;
  const mods = flowMods(count);
  await fill(controller, mods);
  const bundle = bundleOf(count);
  const times = { clone: [] as number[], bundle: [] as number[], singly: [] as number[] };
  const all: number[] = [];
  for (let i = 0; i < REPEATS; i += 1) {
    await emptied(alone);
    times.bundle.push(await committed(alone, bundle));
    await emptied(alone);
    times.singly.push(await fill(alone, mods));
    const phases = await moved(moving, i % 2 === 0 ? 's2' : 's1');
    times.clone.push(phases.get('clone') ?? Number.NaN);
    all.push(phases.get('all') ?? Number.NaN);
  }
  const { clone, bundle: bundled, singly } = times;
  const of = { clone: median(clone), bundle: median(bundled), singly: median(singly) };
  return { count, ms: { ...of, all: median(all) } };
}

/** The rate at which rules are cloned, of the bundle's: of all, or of what is more than before. */
function rateOf({ ms }: Measured, before?: Measured): number {
  const { clone, bundle } = before?.ms ?? { clone: 0, bundle: 0 };
  return (ms.bundle - bundle) / (ms.clone - clone);
}

function rowOf(one: Measured, before: Measured | undefined): readonly string[] {
  const { clone, bundle, singly, all } = one.ms;
  const more = before === undefined ? '' : fixed(rateOf(one, before), 2);
  const times = [clone, bundle, singly].map((ms) => fixed(ms, 0));
  return [thousands(one.count), ...times, fixed(rateOf(one), 2), more, fixed(all, 0)];
}

const head = 'rules|clone, ms|bundle, ms|singly, ms|of it|of more|the move, ms'.split('|');
const rows: (readonly string[])[] = [head];
let before: Measured | undefined;
for (const count of COUNTS) {
  await withVswitch(2, async (moving) => {
    const one = await measure(moving, count);
    rows.push(rowOf(one, before));
    before = one;
  });
}
console.log(table(rows));
