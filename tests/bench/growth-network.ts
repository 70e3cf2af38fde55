/**
 * Networks of any size for "growth": leaves that tenants live on, spines that all ways lead over,
 * switches that answer and hold nothing, controllers that only listen.
 */
import { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { Config } from '../../slices/config/config.ts';
import { type HostPlan, planHostMove } from '../../translation/migration/host-move-plan.ts';
import { begin, isOver, type Migration } from '../../translation/migration/migration.ts';
import { configOf, datapath, vswitchName } from '../slices/networks.ts';
import { memoryStore } from '../support/memory-store.ts';
import { GrowthSwitch } from './growth-switch.ts';
import { GrowthWorld, type Spent } from './growth-world.ts';

export interface Size {
  readonly tenants: number;
  readonly datapaths: number;
  /** Hosts of each vswitch. */
  readonly hosts: number;
}

const SPINES = 2;
const HOSTS_FROM = 1_000;
/** The number of an ensemble that has nothing else to do. */
const OF_NOBODY = 1_000_000;

/** Every tenant has two vswitches, v1 and v2, on two leaves, with a link and hosts. */
export function textOf({ tenants, datapaths, hosts }: Size): string {
  const leaves = datapaths - SPINES;
  const next = new Map<number, number>();
  const port = (leaf: number): string => {
    const number = next.get(leaf) ?? HOSTS_FROM;
    next.set(leaf, number + 1);
    return `s${leaf}:${number}`;
  };
  const links = Array.from({ length: leaves }, (_, i) =>
    Array.from({ length: SPINES }, (_, j) => {
      return `  - s${SPINES + i + 1}:${j + 1} - s${j + 1}:${i + 1}`;
    }),
  ).flat();
  const tenant = (i: number): string => {
    const on = [0, 1].map((j) => SPINES + 1 + ((i + j) % leaves));
    const all = [0, 1].flatMap((j) =>
      Array.from({ length: hosts }, (_, k) => {
        return `h${j}x${k}: { port: v${j + 1}:${k + 1}, at: ${port(on[j] ?? 0)} }`;
      }),
    );
    return `  t${i}:
    controllers: [tcp:127.0.0.1:7001]
    vswitches:
      v1: { dpid: ${2 * i + 1}, on: s${on[0]} }
      v2: { dpid: ${2 * i + 2}, on: s${on[1]} }
    links: ["v1:1000 - v2:1000"]
    hosts: { ${all.join(', ')} }`;
  };
  return `
listen: [ptcp:6653:127.0.0.1]
datapaths:
${Array.from({ length: datapaths }, (_, i) => `  s${i + 1}: { dpid: ${i + 1} }`).join('\n')}
links:
${links.join('\n')}
tenants:
${Array.from({ length: tenants }, (_, i) => tenant(i)).join('\n')}
`;
}

/** What it keeps is no vswitch's memory. */
function forgetfulStore(written: (bytes: number) => void): Store {
  return {
    ...memoryStore(),
    append(entries, done) {
      written(entries.length);
      done();
    },
  };
}

const quiet = { info: () => undefined, warn: () => undefined, error: console.error };

export class GrowthNetwork {
  readonly world: GrowthWorld;
  readonly config: Config;
  readonly hypervisor: Hypervisor;
  /** Written to the store so far. */
  storeBytes = 0;
  readonly #switches = new Map<string, GrowthSwitch>();

  constructor(size: Size, connects = true, world = new GrowthWorld()) {
    this.world = world;
    this.config = configOf(textOf(size));
    let made: Hypervisor | undefined;
    const store = forgetfulStore((bytes) => {
      this.storeBytes += bytes;
    });
    const { config } = this;
    this.world.turn(() => {
      const options = { store, isAudited: false };
      made = new Hypervisor({ world, config, log: quiet, ...options });
      made.start();
    });
    if (made === undefined) throw new Error('it is made in that turn');
    this.hypervisor = made;
    if (!connects) return;
    for (const { name } of config.datapaths) this.connect(name);
    world.runUntil(() => this.hypervisor.datapaths().every((one) => one.isReady));
    // All is quiet then, and what is away for good is said.
    world.pass(15_000);
    for (const one of this.hypervisor.datapaths()) {
      if (!one.isReady) throw new Error(`${one.name} is ${one.state.type}`);
    }
    for (const { controllers } of this.hypervisor.runtimes()) {
      if (!controllers.every((one) => one.isUp)) throw new Error('a controller is not there');
    }
    world.spent();
  }

  switch(name: string): GrowthSwitch {
    const found = this.#switches.get(name);
    if (found === undefined) throw new Error(`no switch ${name}`);
    return found;
  }

  /** A new connection of a datapath. */
  connect(name: string, onChange?: (message: Message) => void): void {
    const { config, world } = this;
    const dpid = config.datapaths.find((one) => one.name === name)?.dpid ?? 0n;
    const cables = config.links.flat().filter((end) => end.device === name);
    const hosts = config.hosts.filter(({ at }) => at.device === name);
    const ports = [...cables.map(({ port }) => port), ...hosts.map(({ at }) => at.port)];
    const one = new GrowthSwitch(world, dpid, ports);
    this.#switches.set(name, one);
    one.onChange = onChange;
    one.send = (port, data) => {
      const link = config.links.find((ends) =>
        ends.some((end) => end.device === name && end.port === port),
      );
      const far = link?.find((end) => end.device !== name);
      if (far !== undefined) this.switch(far.device).take(far.port, data);
    };
    world.connect('tcp:127.0.0.1:6653', one);
    one.hello();
  }

  /** A controller hangs up, and is dialled again. */
  redial(): void {
    const one = this.world.dialled.shift();
    if (one === undefined) throw new Error('nobody was dialled');
    one.hangUp();
    const { length } = this.world.dialled;
    this.world.runUntil(() => this.world.dialled.length > length);
    this.world.pass(1_000);
  }

  /** Begins to lead all ways around these datapaths. */
  drain(names: readonly string[]): void {
    const { draining } = this.hypervisor;
    this.world.turn(() => draining.lead(new Set(names.map(datapath)), () => undefined));
  }

  /** Hosts move as one, each to the port that `to` says; a person has them run there. */
  moveHosts(names: readonly string[], to: (index: number) => string): void {
    const { world, hypervisor } = this;
    const { hostMoves } = hypervisor;
    const plan = (host: string, i: number): HostPlan => {
      const planned = planHostMove(
        hypervisor.snapshot(),
        { host, to: to(i), driver: 'manual' },
        {
          isReady: (on) => hypervisor.datapath(on).isReady,
          tablesOf: (name) => hypervisor.runtime(name),
          whyNoDriver: (name) => hostMoves.whyNoDriver(name),
          underWay: (name, vswitch) => hostMoves.underWay(name, vswitch),
        },
      );
      if (planned.type === 'problems') throw new Error(planned.problems.join('; '));
      return planned;
    };
    const areAll = (type: string): boolean =>
      names.every((host) => {
        return hostMoves.all().findLast((one) => one.host === host)?.state.type === type;
      });
    const plans: HostPlan[] = [];
    for (const [i, name] of names.entries()) world.turn(() => void plans.push(plan(name, i)));
    const [first] = plans;
    world.turn(() => {
      if (first !== undefined && plans.length === 1) hostMoves.start(first);
      else for (const one of plans) hostMoves.startPart(one, OF_NOBODY);
    });
    world.runUntil(() => areAll('run'));
    for (const name of names) world.turn(() => void hostMoves.arrived(name));
    world.runUntil(() => areAll('done'));
  }

  /** Begins to move a vswitch, until its rules are to be copied. */
  firstStep(name: string, to: string): void {
    const { hypervisor, world } = this;
    const vswitch = hypervisor.snapshot().vswitches.get(vswitchName(name));
    const on = hypervisor.snapshot().placements.get(vswitchName(name))?.primary;
    if (vswitch === undefined || on === undefined) throw new Error(`no vswitch ${name}`);
    let { type } = begin(0, vswitch.name, on, datapath(to), 'lime', 0).state;
    const stop = hypervisor.watchMigrations(({ state }) => {
      ({ type } = state);
    });
    world.turn(() => hypervisor.executor.start(vswitch, on, datapath(to), 'lime'));
    world.runUntil(() => type === 'clone');
    stop();
  }

  /** Moves a vswitch; what each of its states took. */
  migrate(name: string, to: string): ReadonlyMap<string, Spent> {
    const { hypervisor, world } = this;
    const vswitch = hypervisor.snapshot().vswitches.get(vswitchName(name));
    const on = hypervisor.snapshot().placements.get(vswitchName(name))?.primary;
    if (vswitch === undefined || on === undefined) throw new Error(`no vswitch ${name}`);
    const spent = new Map<string, Spent>();
    const states: Migration[] = [];
    const stop = hypervisor.watchMigrations((migration) => void states.push(migration));
    global.gc?.();
    world.spent();
    world.turn(() => hypervisor.executor.start(vswitch, on, datapath(to), 'lime'));
    // It is told of when the disk has it.
    world.runUntil(() => states.length > 0);
    let last = states.at(-1);
    while (last !== undefined && !isOver(last)) {
      const { type } = last.state;
      const shown = states.length;
      world.runUntil(() => states.length > shown);
      spent.set(type, added(spent.get(type), world));
      last = states.at(-1);
    }
    stop();
    if (last?.state.type !== 'done') throw new Error(`it ended ${JSON.stringify(last?.state)}`);
    world.pass(5_000);
    world.spent();
    return spent;
  }
}

function added(before: Spent | undefined, world: GrowthWorld): Spent {
  const now = world.spent();
  if (before === undefined) return now;
  return {
    longestMs: Math.max(before.longestMs, now.longestMs),
    cpuMs: before.cpuMs + now.cpuMs,
    tookMs: before.tookMs + now.tookMs,
    turns: [...before.turns, ...now.turns],
  };
}
