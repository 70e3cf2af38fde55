/**
 * One simulated run, from a seed: two tenants with the same addresses on a ring of three switches,
 * whose one rule is NORMAL; hosts whose addresses move to others, and red's vswitch, which
 * migrates around the ring.
 *
 * Each has a host at each switch. What a learning switch may never do is found; what it may do, to
 * send a frame to those whom it is not for, is counted.
 */
import { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { Log } from '../../hypervisor/world/log.ts';
import { port as ofpp, type Version, version } from '../../openflow/values/constants.ts';
import { readConfig } from '../../slices/config/config.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { failing } from '../support/faults.ts';
import { type Behaviour, output, rule, startController } from './controllers.ts';
import { Machine } from './mortal.ts';
import type { Frame } from './pipeline.ts';
import { SimSwitch, type SwitchOptions } from './switch.ts';
import { SimWorld } from './world.ts';

export interface NormalOptions {
  readonly seed: number;
  readonly kind?: Pick<SwitchOptions, 'cache' | 'software'>;
  /** Of each switch. */
  readonly speaks?: readonly Version[];
  /** From so many addresses red's third host sends while everything goes on. */
  readonly storm?: number;
}

export interface NormalFindings {
  /** How migrations have ended. */
  readonly ends: readonly string[];
  readonly sent: number;
  /** What did not come to the host that has the address; what came there twice. */
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  /** What came to another tenant's host, or back to its own. */
  readonly foreign: readonly string[];
  /** By tenant, frames that came to others, too, while nothing moved: where it had been learnt. */
  readonly spread: Readonly<Record<Tenant, number>>;
  /** The most entries that a switch has had of what was learnt. */
  readonly learntMax: number;
}

type Tenant = 'red' | 'blue';
const tenants = ['red', 'blue'] as const;
const LIE_MS = 10;
const START_MS = 1_000;
const MOVE_MS = 2_500;
const route = ['s2', 's3', 's1'] as const;
const END_MS = START_MS + 600 + route.length * MOVE_MS;
/** Longer than a frame is on its way, and old cached flows stay. */
const MOVED_MS = 100;
/** Until all who talk have been heard again. */
const LEARNT_MS = 300;
const SEND_MS = 12;
const ADDRESSES = 6;
const BROADCAST = 0xffff_ffff_ffff;

const links = [
  ['s1:20', 's2:21'],
  ['s2:20', 's3:21'],
  ['s3:20', 's1:21'],
] as const;

function tree(): object {
  const tenant = (i: number) => ({
    controllers: [`tcp:127.0.0.1:${6661 + i}`],
    vswitches: { v: { dpid: '1', on: 's1' } },
    hosts: Object.fromEntries(
      [1, 2, 3].map((n) => [`h${n}`, { port: `v:${n}`, at: `s${n}:${i + 1}` }]),
    ),
  });
  return {
    datapaths: Object.fromEntries(
      ['1', '2', '3'].map((n) => [`s${n}`, { dpid: n, ack: `settle ${LIE_MS + 2}ms` }]),
    ),
    links: links.map((ends) => ends.join(' - ')),
    tenants: { red: tenant(0), blue: tenant(1) },
  };
}

const normalRule: Behaviour = (session, message) => {
  if (message.type !== 'featuresReply') return;
  session.send(rule([], [output(ofpp.normal)], { priority: 10 }));
};

export function runNormal(options: NormalOptions): NormalFindings {
  const world = new SimWorld(options.seed);
  const read = readConfig(tree(), []);
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined } as Log;
  const machine = new Machine(world, (birth) => {
    const rest = { config: read.config, log, guard: 'redirect', onFault: failing } as const;
    const hypervisor = new Hypervisor({ ...birth, ...rest });
    hypervisor.start();
    return hypervisor;
  });
  for (const i of [0, 1]) startController(world, 6661 + i, normalRule);
  machine.start();
  const network = new Network(world, options);
  world.runUntil(START_MS);
  network.talk(options.storm ?? 0);
  const { executor } = machine.hypervisor;
  for (const [i, to] of route.entries()) {
    world.runUntil(START_MS + 500 + i * MOVE_MS + world.random() * 100);
    const runtime = machine.hypervisor.runtime('red/v' as VswitchName);
    if (runtime === undefined) throw new Error('there is no vswitch');
    const { vswitch, placement } = runtime;
    if (executor.activeOf(vswitch.name) !== undefined) break;
    network.movesUntil = Number.POSITIVE_INFINITY;
    executor.start(vswitch, placement.primary, to as DatapathName, 'lime');
    while (executor.activeOf(vswitch.name) !== undefined && world.now < END_MS) {
      world.runUntil(world.now + 20);
    }
    network.movesUntil = world.now + LEARNT_MS;
  }
  world.runUntil(END_MS + 500);
  const ends = executor.all().map(({ state }) => state.type);
  return { ends, ...network.found() };
}

/** A frame that a host sent, and to whom it came. */
interface Sent {
  readonly tenant: Tenant;
  readonly from: number;
  /** Where the address was; 0 for all. */
  readonly to: number;
  readonly atMs: number;
  /** Nothing had moved for some time. */
  readonly isQuiet: boolean;
  readonly came: number[];
}

/** An address, and behind which host it is now. */
interface Station {
  at: number;
}

class Network {
  readonly #world: SimWorld;
  readonly #receivers = new Map<string, (frame: Frame) => void>();
  readonly #lastMs = new Map<string, number>();
  readonly #switches: SimSwitch[] = [];
  readonly #sent: Sent[] = [];
  readonly #stations = new Map<string, Station>();
  /** When an address has moved. */
  readonly #moments: number[] = [];
  #learntMax = 0;
  movesUntil = START_MS + LEARNT_MS;

  constructor(world: SimWorld, { kind = {}, speaks = [] }: NormalOptions) {
    this.#world = world;
    const cables = new Map(links.flatMap(([a, b]) => [[a, b] as const, [b, a] as const]));
    const other = (end: string) => cables.get(end as (typeof links)[number][0]) ?? `host ${end}`;
    for (const n of [1, 2, 3]) {
      const made = new SimSwitch(world, {
        ...{ dpid: BigInt(n), speaks: speaks[n - 1] ?? version.of13, lieMs: LIE_MS, ...kind },
        ports: [1, 2, 20, 21],
        send: (port, frame) => this.#carry(other(`s${n}:${port}`), frame),
      });
      this.#switches.push(made);
      for (const port of [1, 2, 20, 21]) {
        this.#receivers.set(`s${n}:${port}`, (frame) => made.take(port, frame));
      }
      for (const [i, tenant] of tenants.entries()) {
        this.#receivers.set(`host s${n}:${i + 1}`, (frame) => this.#arrive(tenant, n, frame));
      }
    }
  }

  /** Every address talks to the others of its tenant, to the end; now and then one moves. */
  talk(storm: number): void {
    const { random } = this.#world;
    for (const tenant of tenants) {
      for (let n = 0; n < ADDRESSES; n += 1) {
        this.#stations.set(`${tenant} ${n}`, { at: 1 + (n % 3) });
        this.#world.after(random() * SEND_MS, () => this.#send(tenant, n));
      }
      this.#world.after(1_000 + random() * 500, () => this.#move(tenant));
    }
    for (let i = 0; i < storm; i += 1) {
      const atMs = START_MS + 400 + (i / storm) * MOVE_MS;
      this.#world.at(atMs, () => this.#emit('red', 3, 0x0600_0000_0000 + i, BROADCAST, 0));
    }
  }

  #send(tenant: Tenant, n: number): void {
    if (this.#world.now >= END_MS) return;
    const { random } = this.#world;
    const to = (n + 1 + Math.floor(random() * (ADDRESSES - 1))) % ADDRESSES;
    const [own, other] = [n, to].map((one) => this.#stations.get(`${tenant} ${one}`));
    if (own === undefined || other === undefined) throw new Error('everybody is somewhere');
    if (own.at !== other.at) this.#emit(tenant, own.at, addressOf(n), addressOf(to), other.at);
    this.#world.after(SEND_MS + random() * 5, () => this.#send(tenant, n));
  }

  /** An address is behind another host from now on, and says so, as a guest that has moved does. */
  #move(tenant: Tenant): void {
    if (this.#world.now >= END_MS) return;
    const { random } = this.#world;
    const n = Math.floor(random() * ADDRESSES);
    const station = this.#stations.get(`${tenant} ${n}`);
    if (station === undefined) return;
    station.at = 1 + (station.at % 3);
    this.#moments.push(this.#world.now);
    this.#emit(tenant, station.at, addressOf(n), BROADCAST, 0);
    this.#world.after(700 + random() * 500, () => this.#move(tenant));
  }

  #emit(tenant: Tenant, from: number, src: number, dst: number, to: number): void {
    const { now } = this.#world;
    const isQuiet = now > this.movesUntil && now > (this.#moments.at(-1) ?? 0) + LEARNT_MS;
    const id = this.#sent.push({ tenant, from, to, atMs: now, isQuiet, came: [] }) - 1;
    const port = tenants.indexOf(tenant) + 1;
    this.#carry(`s${from}:${port}`, { src, dst, id, tags: [] });
  }

  #arrive(tenant: Tenant, at: number, frame: Frame): void {
    const sent = this.#sent[frame.id];
    // Limevisor sends some, too.
    if (sent === undefined || frame.type !== undefined) return;
    sent.came.push(sent.tenant === tenant ? at : -at);
    const counts = this.#switches.map((one) => one.learnt.length);
    if (frame.id % 50 === 0) this.#learntMax = Math.max(this.#learntMax, ...counts);
  }

  found(): Omit<NormalFindings, 'ends'> {
    const wrong = { lost: [] as string[], doubled: [] as string[], foreign: [] as string[] };
    const spread = { red: 0, blue: 0 };
    for (const [id, { tenant, from, to, atMs, isQuiet, came }] of this.#sent.entries()) {
      const what = `${tenant}'s frame ${id} of ${atMs.toFixed(1)}: h${from} to h${to}, at ${came}`;
      const isIn = (one: number): boolean => came.includes(one);
      if (came.some((one) => one < 0 || one === from)) wrong.foreign.push(what);
      if (new Set(came).size < came.length) wrong.doubled.push(what);
      const wanted = to === 0 ? [1, 2, 3].filter((one) => one !== from) : [to];
      const hasMoved = this.#moments.some((one) => Math.abs(one - atMs) < MOVED_MS);
      if (!wanted.every(isIn) && !hasMoved) wrong.lost.push(what);
      if (isQuiet && to !== 0 && came.some((one) => one !== to)) spread[tenant] += 1;
    }
    return { sent: this.#sent.length, ...wrong, spread, learntMax: this.#learntMax };
  }

  #carry(to: string, frame: Frame): void {
    const wanted = this.#world.now + 0.05 + this.#world.random();
    const atMs = Math.max(wanted, this.#lastMs.get(to) ?? 0);
    this.#lastMs.set(to, atMs);
    this.#world.at(atMs, () => this.#receivers.get(to)?.(frame));
  }
}

function addressOf(n: number): number {
  return 0x0200_0000_0001 + n;
}
