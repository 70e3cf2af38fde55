/**
 * How long a vswitch takes to be cloned, by its rules, beside the time in which a bridge of the
 * same Open vSwitch takes the rules, as its tenant gave them, in one bundle. Part of `make bench`;
 * run with `node tests/bench/clone.ts`; RULES=1000,10000 REPEATS=1 for less.
 *
 *   clone     that phase of a migration: rules read, sent, acknowledged, and its end on disk
 *   bundle    from a bundle's first byte to the answer to its commit; its messages are made before
 *   singly    the same flow-mods without a bundle, and a barrier behind them
 *   of it     the rate at which rules are cloned, of that of the bundle; goal: 0.8
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

async function measure(moving: Moving, count: number): Promise<readonly string[]> {
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
  const ms = (values: readonly number[]): string => fixed(median(values), 0);
  const ofIt = fixed(median(times.bundle) / median(times.clone), 2);
  return [thousands(count), ms(times.clone), ms(times.bundle), ms(times.singly), ofIt, ms(all)];
}

const head = ['rules', 'clone, ms', 'bundle, ms', 'singly, ms', 'of it', 'the move, ms'];
const rows: (readonly string[])[] = [head];
for (const count of COUNTS) {
  await withVswitch(2, async (moving) => void rows.push(await measure(moving, count)));
}
console.log(table(rows));
