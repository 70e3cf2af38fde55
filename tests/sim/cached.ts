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
  /** Counted more than was sent, by rule that stays, where there are some of a finer grain. */
  readonly miscounted: readonly number[];
}

const HOSTS = [0x020000000100, 0x020000000200] as const;
/** Of each host; so many talk at a time, for some time each. */
const ADDRESSES = 64;
const TALKS = 6;
const LIE_MS = 10;
const START_MS = 1_000;
/** Longer than a switch takes to count. */
const COUNTED_MS = 700;
/** From one move to the next; one that takes longer is waited for, so long at most. */
const MOVE_MS = 2_500;
const LONGEST_MS = 3 * limits.drainTimeoutMs;
const route = ['s2', 's3', 's1'] as const;
export const MOVES = route.length;

interface Setting {
  /** How many switches the ring has, and at which of them the hosts are. */
  readonly size: number;
  readonly hostsAt: readonly [number, number];
  readonly tenant: Behaviour;
}

const linksOf = (size: number): readonly (readonly [string, string])[] =>
  Array.from({ length: size }, (_, i) => [`s${i + 1}:20`, `s${((i + 1) % size) + 1}:21`]);

const treeOf = ({ size, hostsAt: [one, other] }: Setting) => ({
  datapaths: Object.fromEntries(
    Array.from({ length: size }, (_, i) => {
      return [`s${i + 1}`, { dpid: String(i + 1), ack: `settle ${LIE_MS + 2}ms` }];
    }),
  ),
  links: linksOf(size).map((ends) => ends.join(' - ')),
  tenants: {
    red: {
      controllers: ['tcp:127.0.0.1:6661'],
      vswitches: { v: { dpid: '1', on: 's1' } },
      hosts: { h1: { port: 'v:1', at: `s${one}:1` }, h2: { port: 'v:2', at: `s${other}:1` } },
    },
  },
});

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

/** Those of every eighth address stay, and one that no packet meets comes and goes. */
const staying: Behaviour = (session, message) => {
  if (message.type !== 'featuresReply') return;
  for (const { match, port, cookie } of counted())
    session.send(rule(match, [output(port)], { priority: 20, cookie }));
  for (const [i, address] of HOSTS.entries())
    session.send(rule([oxm('eth_dst', address)], [output(i + 1)], { priority: 10 }));
  const unmet = rule([oxm('eth_src', 1)], [], { priority: 15 });
  const change = (command: number): void => {
    session.send({ ...unmet, command });
    const next = command === flowCommand.add ? flowCommand.deleteStrict : flowCommand.add;
    session.world.after(20 + session.world.random() * 50, () => change(next));
  };
  change(flowCommand.add);
};

const GRAIN = 8;

function counted() {
  return HOSTS.flatMap((dst, i) =>
    Array.from({ length: ADDRESSES / GRAIN }, (_, n) => {
      const src = (HOSTS[1 - i] ?? 0) + n * GRAIN;
      const match = matchOf(oxm('eth_dst', dst), oxm('eth_src', src));
      return { dst, src, match, port: i + 1, cookie: BigInt(1 + 2 * n + i) };
    }),
  );
}

const nearBodies: Setting = { size: 3, hostsAt: [1, 3], tenant: grains };
/** No body is where a host is. */
export const apart: Setting = { size: 5, hostsAt: [4, 5], tenant: staying };

type SwitchKind = Pick<SwitchOptions, 'cache' | 'software'>;

export function runCached(seed: number, kind: SwitchKind, setting = nearBodies): Findings {
  const world = new SimWorld(seed);
  const read = readConfig(treeOf(setting), []);
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined } as Log;
  const machine = new Machine(world, (birth) => {
    const rest = { config: read.config, log, guard: 'redirect', onFault: failing } as const;
    const hypervisor = new Hypervisor({ ...birth, ...rest });
    hypervisor.start();
    return hypervisor;
  });
  startController(world, 6661, setting.tenant);
  machine.start();
  const network = new Network(world, kind, setting);
  world.runUntil(START_MS);
  network.talk();
  const { executor } = machine.hypervisor;
  let nextMs = START_MS + 500;
  for (const to of route) {
    world.runUntil(nextMs + world.random() * 100);
    const runtime = vswitchOf(machine.hypervisor);
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
  world.runUntil(world.now + COUNTED_MS);
  const migrations = executor.all().filter(isOver);
  const runtime = vswitchOf(machine.hypervisor);
  runtime.counters.read(() => undefined);
  world.runUntil(world.now + COUNTED_MS);
  const shown = new Map(
    runtime.rulebook.rules().map(({ cookie, counter }) => [cookie, counter.total().packets]),
  );
  const miscounted = counted().flatMap(({ src, dst, cookie }) => {
    const packets = shown.get(cookie);
    return packets === undefined ? [] : [Number(packets) - network.sentBy(src, dst)];
  });
  return { migrations, ...network.found(), miscounted };
}

function vswitchOf(hypervisor: Hypervisor) {
  const runtime = hypervisor.runtime('red/v' as VswitchName);
  if (runtime === undefined) throw new Error('there is no vswitch');
  return runtime;
}

/** The ring, its two hosts, and what became of each frame. */
class Network {
  readonly #world: SimWorld;
  readonly #receivers = new Map<string, (frame: Frame) => void>();
  readonly #lastMs = new Map<string, number>();
  readonly #arrivals: number[] = [];
  readonly #hostsAt: Setting['hostsAt'];
  /** Frames by source and destination. */
  readonly #sent = new Map<string, number>();
  #isHushed = false;
  /** Of frames by their number; Limevisor sends some, too, with numbers of their own. */
  readonly #hops = new Map<number, number>();

  constructor(world: SimWorld, kind: SwitchKind, { size, hostsAt }: Setting) {
    this.#world = world;
    this.#hostsAt = hostsAt;
    const cables = new Map<string, string>(
      linksOf(size).flatMap(
        ([a, b]) =>
          [
            [a, b],
            [b, a],
          ] as const,
      ),
    );
    for (let n = 1; n <= size; n += 1) {
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
    for (const n of hostsAt) this.#receivers.set(`host s${n}`, arrive);
  }

  /** Some addresses of each host send, others in their place when these have said enough. */
  talk(): void {
    for (const [i, n] of this.#hostsAt.entries()) {
      const at = `s${n}:1`;
      const [own = 0, other = 0] = i === 0 ? HOSTS : [HOSTS[1], HOSTS[0]];
      for (let n = 0; n < TALKS; n += 1) this.#talk(own, other, at);
    }
  }

  /** Nobody sends any more. */
  hush(): void {
    this.#isHushed = true;
  }

  /** Of frames that hosts sent. */
  found(): Pick<Findings, 'sent' | 'lost' | 'doubled' | 'hops'> {
    const lost = this.#arrivals.filter((times) => times === 0).length;
    const doubled = this.#arrivals.filter((times) => times > 1).length;
    const hops = Math.max(...this.#arrivals.map((_, id) => this.#hops.get(id) ?? 0));
    return { sent: this.#arrivals.length, lost, doubled, hops };
  }

  sentBy(src: number, dst: number): number {
    return this.#sent.get(`${src} ${dst}`) ?? 0;
  }

  #talk(own: number, dst: number, at: string): void {
    const { random } = this.#world;
    const src = own + Math.floor(random() * ADDRESSES);
    const endMs = this.#world.now + 100 + random() * 2_000;
    const send = (): void => {
      if (this.#isHushed) return;
      this.#sent.set(`${src} ${dst}`, this.sentBy(src, dst) + 1);
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
