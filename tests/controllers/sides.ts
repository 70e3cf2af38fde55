/**
 * The two sides of a cell: a controller that serves Open vSwitch's bridges itself, and the same one
 * with Limevisor in between, each with a network of Mininet's in a lab of its own.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Lab } from '../../examples/lab/lab.ts';
import type { Running } from '../../examples/lab/processes.ts';
import { startLimevisor, statusOf } from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import { reachedIn } from '../../examples/mininet/mininet.ts';
import { type Application, type Cell, CONTROLLER_LOG, TORUS } from './cells.ts';
import { fileOf, type Network, startNetwork } from './network.ts';

/** Who reached whom. */
export type Reached = ReadonlyMap<string, readonly string[]>;

export interface Side {
  readonly kind: 'bridges' | 'virtual';
  readonly cell: Cell;
  readonly network: Network;
  readonly lab: Lab;
  controller: Running;
  limevisor: Running | undefined;
  /** Who reached whom when nothing was wrong. */
  reached: Reached;
  /** From when its switches could connect until all of them had. */
  upMs: number;
}

/** Where the controller listens, beyond where Mininet's switches do (6654 ...); and Limevisor. */
const CONTROLLER_PORT = 6761;
const LIMEVISOR_PORT = 6653;
const UP_MS = 60_000;
/** How long a spanning tree may take; its ports listen and learn for three seconds each. */
const TREE_MS = 120_000;
const STILL_MS = 7_000;

export async function startSide(kind: Side['kind'], cell: Cell): Promise<Side> {
  const port = kind === 'bridges' ? CONTROLLER_PORT : LIMEVISOR_PORT;
  const below = kind === 'bridges' ? cell.version : cell.below;
  const network = await startNetwork(cell.topology, spokenOf(below), port);
  const { lab } = network;
  try {
    const startedMs = performance.now();
    const controller = await startController(lab, cell);
    const limevisor = kind === 'virtual' ? await startHypervisor(network, cell) : undefined;
    const side = { kind, cell, network, lab, controller, limevisor, reached: new Map(), upMs: 0 };
    await untilUp(side);
    return { ...side, upMs: performance.now() - startedMs };
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

export function startController(lab: Lab, { application, version }: Cell): Promise<Running> {
  const start: Application['start'] = application.start;
  return start(lab, CONTROLLER_PORT, version);
}

function startHypervisor(network: Network, { version }: Cell): Promise<Running> {
  const file = path.join(network.lab.dir, 'matrix.yaml');
  fs.writeFileSync(file, fileOf(network, version, CONTROLLER_PORT));
  return startLimevisor(network.lab, file);
}

/** Until the controller has a connection for each switch, and Limevisor all its datapaths. */
export async function untilUp({ kind, lab, network }: Side): Promise<void> {
  const filter = ['state', 'established', `( dport = :${CONTROLLER_PORT} )`];
  await until('a connection for each switch', UP_MS, async () => {
    const { stdout } = await lab.inside.attempt(['ss', '-Hnt', ...filter]);
    const count = stdout.split('\n').filter((line) => line.trim() !== '').length;
    return count === network.switches.size ? true : undefined;
  });
  if (kind === 'bridges') return;
  await until('all datapaths and ports', UP_MS, async () => {
    const { datapaths, vswitches } = await statusOf(lab);
    const isReady = datapaths.every(({ state }) => state === 'ready');
    return isReady && vswitches.every(({ ports }) => ports.length > 0) ? true : undefined;
  });
}

/** What Mininet's `pingall` finds, each pair once. */
export async function pingAll({ network }: Side): Promise<Reached> {
  return reachedIn(await network.say('pingall 1'));
}

/**
 * A spanning tree listens and learns before it forwards, and says so: until its controller has said
 * nothing for longer than that takes.
 */
export async function untilStill({ cell, lab }: Side): Promise<void> {
  if (cell.topology !== TORUS) return;
  let [size, sinceMs] = [-1, performance.now()];
  await until('a tree', TREE_MS, () => {
    const now = fs.statSync(path.join(lab.dir, CONTROLLER_LOG)).size;
    if (now !== size) [size, sinceMs] = [now, performance.now()];
    return performance.now() - sinceMs > STILL_MS ? true : undefined;
  });
}

/** `pingall` again and again until it finds this, or for so long; the last one's. */
export async function pingUntil(side: Side, wanted: Reached, withinMs = 45_000): Promise<Reached> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    await untilStill(side);
    const reached = await pingAll(side);
    if (textOf(reached) === textOf(wanted) || performance.now() > endMs) return reached;
  }
}

/** The same text, the same pairs. */
export function textOf(reached: Reached): string {
  return [...reached].map(([from, to]) => `${from}: ${[...to].sort().join(' ')}`).join('\n');
}

/** How many of all pairs. */
export function countOf(reached: Reached): string {
  const count = [...reached.values()].reduce((sum, to) => sum + to.length, 0);
  return `${count} of ${reached.size * (reached.size - 1)}`;
}

export function spokenOf(version: Cell['version']) {
  return version === '1.0' ? 'OpenFlow10' : 'OpenFlow13';
}
