/**
 * One vswitch with a host at each of two to four switches, its application, and what carries it:
 * the product, while it migrates or as a big switch; or a hypervisor of the tests' own that is on
 * all of them at once (cloned.ts). What controller and hosts saw is the trace.
 */
import { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { version } from '../../openflow/values/constants.ts';
import { readConfig } from '../../slices/config/config.ts';
import { isOver, type Migration } from '../../translation/migration/migration.ts';
import { failing } from '../support/faults.ts';
import { type App, running } from './apps.ts';
import { Cloned, type Ways } from './cloned.ts';
import { cable } from './cloned-entries.ts';
import { startController } from './controllers.ts';
import { listening } from './links.ts';
import { Machine } from './mortal.ts';
import { migrate } from './moves.ts';
import type { Frame } from './pipeline.ts';
import { Wiring } from './reference-wiring.ts';
import { SimSwitch } from './switch.ts';
import { Trace } from './trace.ts';
import { SimWorld } from './world.ts';

/**
 * What carries the vswitch; migrations of `dropping` have guards that drop, and of `unguarded` both
 * bodies at work.
 */
export type Carrier = 'migrating' | 'dropping' | 'unguarded' | 'big' | Ways;

const guards = {
  migrating: 'redirect',
  dropping: 'drop',
  unguarded: 'off',
  big: 'redirect',
} as const;

export interface SceneOptions {
  readonly seed: number;
  readonly carrier: Carrier;
  readonly app: App;
  /** Switches, each with a host; vports and addresses are 1, 2 and so on. */
  readonly count?: number;
  readonly lieMs?: number;
  /** What hosts do, from when everything is there. */
  readonly script: (scene: Scene) => void;
  readonly leftMs?: number;
  readonly endMs?: number;
  /** When the first migration begins, and the last at the latest. */
  readonly movesMs?: readonly [first: number, last: number];
  /** How datapaths acknowledge; by a time that fits if not said. */
  readonly ack?: string;
}

/** Before that nobody sends anything. */
export const READY_MS = 1_500;
const END_MS = 5_500;
/** It moves as often as there is time for, from then on. */
const MOVES_MS = [1_600, 3_800] as const;
const CABLE_MS = 2;
const MARGIN_MS = 2;
const DPID = 1n;
const VSWITCH = 'v';

export class Scene {
  readonly world: SimWorld;
  readonly trace = new Trace();
  readonly ports: readonly number[];
  migrations: readonly Migration[] = [];
  readonly #out = new Map<number, (frame: Frame) => void>();
  readonly #answers = new Map<number, number>();
  #id = 0;

  constructor(world: SimWorld, count: number) {
    this.world = world;
    this.ports = Array.from({ length: count }, (_, i) => i + 1);
  }

  /** One vswitch, and hosts. */
  get wiring(): Wiring {
    return new Wiring(new Map([[VSWITCH, this.ports]]), []);
  }

  /** How many were sent. */
  get frames(): number {
    return this.#id;
  }

  plug(port: number, out: (frame: Frame) => void): void {
    this.#out.set(port, out);
  }

  /** A host sends to an address. The host that it comes to may answer, so many times. */
  send(port: number, dst: number, answers = 0): void {
    this.#id += 1;
    const id = this.#id;
    const frame = { src: port, dst, id, tags: [] };
    const sent = { atMs: this.world.now, vswitch: VSWITCH, port, src: port, dst, arrivals: [] };
    this.trace.frames.set(id, sent);
    this.#answers.set(id, answers);
    this.#out.get(port)?.(frame);
  }

  /** From now on, until a moment. */
  every(ms: number, endMs: number, act: () => void): void {
    if (this.world.now >= endMs) return;
    act();
    this.world.after(ms, () => this.every(ms, endMs, act));
  }

  take(port: number, { id, src, dst }: Frame): void {
    const sent = this.trace.frames.get(id);
    if (sent === undefined) return;
    sent.arrivals.push({ atMs: this.world.now, vswitch: VSWITCH, port, src, dst });
    const answers = this.#answers.get(id) ?? 0;
    // Of a frame that was flooded only whom it is for says something.
    const isMine = dst === port || (dst !== sent.src && sent.arrivals.length === 1);
    if (answers > 0 && isMine) this.send(port, sent.src, answers - 1);
  }
}

export function play(options: SceneOptions): Scene {
  const { seed, carrier, app, count = 2, lieMs = 5, script, endMs = END_MS } = options;
  const world = new SimWorld(seed);
  const scene = new Scene(world, count);
  const place = { app, vswitch: VSWITCH, ports: scene.ports };
  startController(world, 6661, running(new Map([[DPID, place]]), scene.trace));
  let hypervisor: Hypervisor | undefined;
  if (typeof carrier === 'string') {
    const settles = lieMs === 0 ? 'barrier' : `settle ${lieMs + MARGIN_MS}ms`;
    const config = configOf(count, options.ack ?? settles, carrier === 'big');
    const guard = guards[carrier];
    const machine = new Machine(world, (birth) => {
      const own = { config, log: listening().log, guard, onFault: failing } as const;
      const made = new Hypervisor({ ...birth, ...own });
      made.start();
      return made;
    });
    machine.start();
    hypervisor = machine.hypervisor;
  } else {
    const places = new Map(scene.ports.map((port) => [port, port - 1]));
    const rest = { ways: carrier, settleMs: lieMs + MARGIN_MS, bodyCount: count, places };
    const { leftMs } = options;
    new Cloned(world, { ...rest, ...(leftMs !== undefined && { leftMs }) });
  }
  lay(scene, count, lieMs);
  world.runUntil(READY_MS);
  script(scene);
  if (hypervisor !== undefined && carrier !== 'big') {
    move(world, hypervisor, options.movesMs ?? MOVES_MS);
  }
  world.runUntil(endMs + 500);
  scene.migrations = hypervisor?.executor.all() ?? [];
  return scene;
}

function move(
  world: SimWorld,
  hypervisor: Hypervisor,
  [firstMs, lastMs]: readonly [number, number],
): void {
  const isMoving = (): boolean => hypervisor.executor.all().some((one) => !isOver(one));
  world.runUntil(firstMs + world.random() * 200);
  while (world.now < lastMs) {
    const problems = migrate(world, hypervisor, 'red/v');
    if (problems.length > 0) throw new Error(problems.join('; '));
    while (isMoving() && world.now < lastMs) world.runUntil(world.now + 20);
  }
}

/** Switches, hosts, and a cable between any two switches, which keeps its order. */
function lay(scene: Scene, count: number, lieMs: number): void {
  const { world } = scene;
  const lastMs = new Map<string, number>();
  const carry = (name: string, take: () => void): void => {
    const wanted = world.now + 0.05 + world.random() * CABLE_MS;
    const atMs = Math.max(wanted, lastMs.get(name) ?? 0);
    lastMs.set(name, atMs);
    world.after(atMs - world.now, take);
  };
  const switches: SimSwitch[] = [];
  for (const [i, host] of scene.ports.entries()) {
    const others = scene.ports.flatMap((_, j) => (j === i ? [] : [j]));
    const send = (port: number, frame: Frame): void => {
      const name = `${i}:${port}`;
      if (port === host) carry(name, () => scene.take(host, frame));
      const to = others.find((j) => cable(j) === port);
      if (to !== undefined) carry(name, () => switches[to]?.take(cable(i), frame));
    };
    const ports = [host, ...others.map(cable)];
    const dpid = BigInt(i + 1);
    const made = new SimSwitch(world, { dpid, speaks: version.of13, lieMs, ports, send });
    switches.push(made);
    scene.plug(host, (frame) => carry(`h${host}`, () => made.take(host, frame)));
  }
  if (switches.length !== count) throw new Error('a host at each');
}

function configOf(count: number, ack: string, isBig: boolean) {
  const names = Array.from({ length: count }, (_, i) => `s${i + 1}`);
  const links = names.flatMap((one, i) =>
    names.slice(i + 1).map((other, j) => `${one}:${cable(i + 1 + j)} - ${other}:${cable(i)}`),
  );
  const place = isBig ? { on: names, consistency: 'strict' } : { on: 's1' };
  const hosts = names.map((at, i) => [`h${i + 1}`, { port: `v:${i + 1}`, at: `${at}:${i + 1}` }]);
  const read = readConfig(
    {
      datapaths: Object.fromEntries(names.map((one, i) => [one, { dpid: `${i + 1}`, ack }])),
      links,
      tenants: {
        red: {
          controllers: ['tcp:127.0.0.1:6661'],
          vswitches: { v: { dpid: `${DPID}`, ...place } },
          hosts: Object.fromEntries(hosts),
        },
      },
    },
    [],
  );
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.config;
}
