/**
 * One simulated run, from a seed, on switches with caches (megaflows.ts): two hosts that send from
 * several addresses, rules of a finer grain that come and go, and a vswitch that migrates around a
 * ring. What is found is what got lost, came twice, or went round.
 */
import { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { Log } from '../../hypervisor/world/log.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand, version } from '../../openflow/values/constants.ts';
import { readConfig } from '../../slices/config/config.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { isOver, type Migration } from '../../translation/migration/migration.ts';
import { failing } from '../support/faults.ts';
import { type Behaviour, output, rule, startController } from './controllers.ts';
import { Machine } from './mortal.ts';
import type { Frame } from './pipeline.ts';
import { SimSwitch, type SwitchOptions } from './switch.ts';
import { SimWorld } from './world.ts';

export interface Findings {
  readonly migrations: readonly Migration[];
  readonly sent: number;
  readonly lost: number;
  readonly doubled: number;
  /** The most switches that one frame has passed. */
  readonly hops: number;
}

const HOSTS = [0x020000000100, 0x020000000200] as const;
/** Of each host; so many talk at a time, for some time each. */
const ADDRESSES = 64;
const TALKS = 6;
const LIE_MS = 10;
const START_MS = 1_000;
/** From one move to the next; one that takes longer is waited for, so long at most. */
const MOVE_MS = 2_500;
const LONGEST_MS = 3 * limits.drainTimeoutMs;
const route = ['s2', 's3', 's1'] as const;
export const MOVES = route.length;

const links = [
  ['s1:20', 's2:21'],
  ['s2:20', 's3:21'],
  ['s3:20', 's1:21'],
] as const;

const tree = {
  datapaths: Object.fromEntries(
    ['1', '2', '3'].map((n) => [`s${n}`, { dpid: n, ack: `settle ${LIE_MS + 2}ms` }]),
  ),
  links: links.map((ends) => ends.join(' - ')),
  tenants: {
    red: {
      controllers: ['tcp:127.0.0.1:6661'],
      vswitches: { v: { dpid: '1', on: 's1' } },
      hosts: { h1: { port: 'v:1', at: 's1:1' }, h2: { port: 'v:2', at: 's3:1' } },
    },
  },
};

/** By destination; and now and then the same for one sender, for some time. */
const grains: Behaviour = (session, message) => {
  if (message.type !== 'featuresReply') return;
  const { random } = session.world;
  const ways = HOSTS.map((address, i) => ({ dst: oxm('eth_dst', address), port: i + 1, i }));
  for (const { dst, port } of ways) session.send(rule([dst], [output(port)], { priority: 10 }));
  const change = (): void => {
    const way = ways[Math.floor(random() * 2)];
    if (way === undefined) return;
    const { dst, port, i } = way;
    const src = (HOSTS[1 - i] ?? 0) + Math.floor(random() * ADDRESSES);
    const match = matchOf(dst, oxm('eth_src', src));
    const finer = rule(match, [output(port)], { priority: 20 });
    session.send(finer);
    session.world.after(20 + random() * 200, () => {
      session.send({ ...finer, command: flowCommand.deleteStrict });
      session.world.after(200 + random() * 1_500, change);
    });
  };
  change();
};

type SwitchKind = Pick<SwitchOptions, 'cache' | 'software'>;

export function runCached(seed: number, kind: SwitchKind): Findings {
  const world = new SimWorld(seed);
  const read = readConfig(tree, []);
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined } as Log;
  const machine = new Machine(world, (birth) => {
    const rest = { config: read.config, log, guard: 'redirect', onFault: failing } as const;
    const hypervisor = new Hypervisor({ ...birth, ...rest });
    hypervisor.start();
    return hypervisor;
  });
  startController(world, 6661, grains);
  machine.start();
  const network = new Network(world, kind);
  world.runUntil(START_MS);
  network.talk();
  const { executor } = machine.hypervisor;
  let nextMs = START_MS + 500;
  for (const to of route) {
    world.runUntil(nextMs + world.random() * 100);
    const runtime = machine.hypervisor.runtime('red/v' as VswitchName);
    if (runtime === undefined) throw new Error('there is no vswitch');
    executor.start(runtime.vswitch, runtime.placement.primary, to as DatapathName, 'lime');
    const isOn = (): boolean => executor.activeOf(runtime.vswitch.name) !== undefined;
    const lastMs = world.now + LONGEST_MS;
    world.runUntil(nextMs + MOVE_MS);
    while (isOn() && world.now < lastMs) world.runUntil(world.now + 100);
    // One that does not end is what is looked for, too.
    if (isOn()) break;
    nextMs = world.now;
  }
  world.runUntil(world.now + 100);
  network.hush();
  world.runUntil(world.now + 500);
  const migrations = executor.all().filter(isOver);
  return { migrations, ...network.found() };
}

/** The ring, its two hosts, and what became of each frame. */
class Network {
  readonly #world: SimWorld;
  readonly #receivers = new Map<string, (frame: Frame) => void>();
  readonly #lastMs = new Map<string, number>();
  readonly #arrivals: number[] = [];
  #isHushed = false;
  /** Of frames by their number; Limevisor sends some, too, with numbers of their own. */
  readonly #hops = new Map<number, number>();

  constructor(world: SimWorld, kind: SwitchKind) {
    this.#world = world;
    const cables = new Map<string, string>(
      links.flatMap(
        ([a, b]) =>
          [
            [a, b],
            [b, a],
          ] as const,
      ),
    );
    for (const n of [1, 2, 3]) {
      const made = new SimSwitch(world, {
        ...{ dpid: BigInt(n), speaks: version.of13, lieMs: LIE_MS, ...kind },
        ports: [1, 20, 21],
        send: (port, frame) => this.#carry(cables.get(`s${n}:${port}`) ?? `host s${n}`, frame),
      });
      for (const port of [1, 20, 21]) {
        this.#receivers.set(`s${n}:${port}`, (frame) => {
          this.#hops.set(frame.id, (this.#hops.get(frame.id) ?? 0) + 1);
          made.take(port, frame);
        });
      }
    }
    const arrive = (frame: Frame): void => {
      if (frame.id < this.#arrivals.length)
        this.#arrivals[frame.id] = (this.#arrivals[frame.id] ?? 0) + 1;
    };
    for (const n of [1, 3]) this.#receivers.set(`host s${n}`, arrive);
  }

  /** Some addresses of each host send, others in their place when these have said enough. */
  talk(): void {
    for (const [i, at] of ['s1:1', 's3:1'].entries()) {
      const [own = 0, other = 0] = i === 0 ? HOSTS : [HOSTS[1], HOSTS[0]];
      for (let n = 0; n < TALKS; n += 1) this.#talk(own, other, at);
    }
  }

  /** Nobody sends any more. */
  hush(): void {
    this.#isHushed = true;
  }

  /** Of frames that hosts sent. */
  found(): Omit<Findings, 'migrations'> {
    const lost = this.#arrivals.filter((times) => times === 0).length;
    const doubled = this.#arrivals.filter((times) => times > 1).length;
    const hops = Math.max(...this.#arrivals.map((_, id) => this.#hops.get(id) ?? 0));
    return { sent: this.#arrivals.length, lost, doubled, hops };
  }

  #talk(own: number, dst: number, at: string): void {
    const { random } = this.#world;
    const src = own + Math.floor(random() * ADDRESSES);
    const endMs = this.#world.now + 100 + random() * 2_000;
    const send = (): void => {
      if (this.#isHushed) return;
      this.#carry(at, { src, dst, id: this.#arrivals.push(0) - 1, tags: [] });
      const isOver = this.#world.now >= endMs;
      this.#world.after(10 + random() * 5, isOver ? () => this.#talk(own, dst, at) : send);
    };
    send();
  }

  /** Cables delay and keep their order; what went round for long is taken off. */
  #carry(to: string, frame: Frame): void {
    if ((this.#hops.get(frame.id) ?? 0) > 1_000) return;
    const wanted = this.#world.now + 0.05 + this.#world.random();
    const atMs = Math.max(wanted, this.#lastMs.get(to) ?? 0);
    this.#lastMs.set(to, atMs);
    this.#world.at(atMs, () => this.#receivers.get(to)?.(frame));
  }
}
