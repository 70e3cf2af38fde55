/**
 * `limevisor discover`: which datapaths are connected, and where the cables in their ports lead.
 *
 * Probes go out of every port that no tenant's host is plugged into, by the file: a few of each
 * size, and then no more. Switches that are not in the file take part (strangers.ts), as soon as
 * they connect again. Nothing follows from it: what was found is printed.
 */
import { port as ofpp, version } from '../../openflow/values/constants.ts';
import { type DatapathConfig, DEFAULT_ACK } from '../../slices/config/config.ts';
import { isName } from '../../slices/config/config-names.ts';
import { hostPorts, hostsAt } from '../../slices/config/named-ports.ts';
import type { DatapathName, Port } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { type DiscoveredLinks, discovered, type Seen } from '../../slices/network/discovery.ts';
import type { LinkEnds } from '../../slices/network/link-states.ts';
import { isFlat } from '../../slices/network/snapshot.ts';
import { type ProbeSource, probeBytes } from '../../translation/datapath/link-probe.ts';
import type { World } from '../world/world.ts';
import type { ConvergingContext } from './contributors.ts';
import type { Datapath } from './datapath.ts';
import type { HostPorts } from './host-ports.ts';
import type { Prober, Probes } from './probes.ts';
import type { Strangers } from './strangers.ts';

export interface Discovered extends DiscoveredLinks {
  readonly datapaths: readonly {
    readonly config: DatapathConfig;
    readonly isInFile: boolean;
    /** Why the file's is not looked at; empty when it is. */
    readonly why: string;
  }[];
}

/** As little as there is; a frame with a tag, for flat datapaths; and a wrapped one. */
const kinds = [
  ['small', false],
  ['full', false],
  ['full', true],
] as const;

type Done = (found: Discovered) => void;

interface Outlet {
  readonly datapath: Datapath;
  readonly port: Port;
}

export class Discovery {
  readonly #world: World;
  readonly #context: ConvergingContext;
  readonly #probes: Probes;
  readonly #strangers: Strangers;
  /** Who waits for the look that is under way. */
  #waiting: Done[] = [];

  readonly #hostPorts: HostPorts;

  constructor(
    world: World,
    context: ConvergingContext,
    probes: Probes,
    strangers: Strangers,
    hostPorts: HostPorts,
  ) {
    this.#hostPorts = hostPorts;
    this.#world = world;
    this.#context = context;
    this.#probes = probes;
    this.#strangers = strangers;
  }

  /** Takes some seconds; who asks meanwhile is told the same. */
  discover(done: Done): void {
    this.#waiting.push(done);
    if (this.#waiting.length > 1) return;
    this.#strangers.letIn();
    const wanted = this.#strangers.all.map(({ dpid }) => dpid);
    const untilMs = this.#world.nowMs() + limits.strangerWaitMs;
    const look = (): void => {
      const there = new Set(this.#strangers.guests.map(({ config }) => config.dpid));
      const areThere = wanted.every((dpid) => there.has(dpid));
      if (areThere || this.#world.nowMs() >= untilMs) {
        this.#hostPorts.look((source, sent) => this.#probe(source, sent));
      } else this.#world.after(limits.strangerPollMs, look);
    };
    look();
  }

  #probe(source: ProbeSource, sent: () => void): void {
    const strangers = this.#strangers.guests;
    const names = this.#nameThem(strangers);
    const seen: Seen[] = [];
    const all = [...this.#context.datapaths().filter(({ isReady }) => isReady), ...strangers];
    const outlets = all.flatMap((datapath) => this.#outletsOf(datapath));
    const rounds = Array.from({ length: limits.discoverRounds }, () => outlets).flat();
    const named = (device: DatapathName): DatapathName => names.get(device) ?? device;
    const send = ({ datapath, port }: Outlet): void => {
      for (const [size, isWrapped] of kinds) {
        const prober: Prober = {
          arrived: (_, { device, port: toPort }) => {
            const from = { device: named(datapath.name), port };
            const to = { device: named(device), port: toPort };
            seen.push({ from, to, bytes: probeBytes(size, isWrapped) });
          },
          lost: () => undefined,
        };
        this.#probes.send(datapath, port, size, isWrapped, prober, source);
      }
    };
    const perSec = limits.linkProbesPerSecMax / kinds.length;
    const perTick = Math.ceil((perSec * limits.linkTickMs) / 1_000);
    const step = (at: number): void => {
      for (const one of rounds.slice(at, at + perTick)) send(one);
      if (at < rounds.length) this.#world.after(limits.linkTickMs, () => step(at + perTick));
      else {
        sent();
        this.#world.after(limits.linkProbeLostMs, () => this.#end(seen, strangers, names));
      }
    };
    step(0);
  }

  /** Ports that are up, and where no host is by the file. */
  #outletsOf(datapath: Datapath): readonly Outlet[] {
    const hosts = hostPorts(this.#context.snapshot().config).get(datapath.name);
    return [...datapath.ports].flatMap(([port, carries]) => {
      const isOutlet = port !== ofpp.local && carries && !hosts?.has(port);
      return isOutlet ? [{ datapath, port: port as Port }] : [];
    });
  }

  /** After their bridges, where that is a name and nobody else's. */
  #nameThem(strangers: readonly Datapath[]): ReadonlyMap<DatapathName, DatapathName> {
    const taken = new Set<string>(this.#context.datapaths().map(({ name }) => name));
    const names = new Map<DatapathName, DatapathName>();
    for (const { name, local } of strangers) {
      const bridge = local?.name ?? '';
      const isFree = isName(bridge) && !taken.has(bridge);
      const found = (isFree ? bridge : name) as DatapathName;
      taken.add(found);
      names.set(name, found);
    }
    return names;
  }

  #end(
    seen: readonly Seen[],
    strangers: readonly Datapath[],
    names: ReadonlyMap<DatapathName, DatapathName>,
  ): void {
    this.#strangers.sendAway();
    const { config } = this.#context.snapshot();
    const known = this.#context.datapaths().map(({ config: one, state }) => {
      const why = 'why' in state ? `${state.type}: ${state.why}` : '';
      return { config: one, isInFile: true, why };
    });
    const fresh = strangers.map(({ config: { ack: _, ...one } }) => {
      const name = names.get(one.name) ?? one.name;
      return { config: { ...one, name, ack: DEFAULT_ACK }, isInFile: false, why: '' };
    });
    const waiting = this.#waiting;
    this.#waiting = [];
    const flat = new Set<string>(
      [...this.#context.datapaths(), ...strangers].flatMap(({ name, version: speaks }) => {
        const is = speaks === version.of10 || isFlat(this.#context.snapshot(), name);
        return is ? [names.get(name) ?? name] : [];
      }),
    );
    const needs = (ends: LinkEnds): number =>
      probeBytes('full', !ends.some(({ device }) => flat.has(device)));
    const links = discovered(seen, config.links, needs, (end) => hostsAt(config, end));
    const found = { datapaths: [...known, ...fresh], ...links };
    for (const done of waiting) done(found);
  }
}
