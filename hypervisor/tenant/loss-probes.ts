/**
 * Sends loss probes (translation/wiring/loss-probe.ts) through a vswitch's vports while it
 * migrates, one vport after the other, and counts those that do not come up.
 *
 * Nothing is sent where nobody asked for it. A vport is left out where its frames would not be
 * taken anyway: its port is down, its tenant has closed it, or the host shares its port.
 */

import type { Message } from '../../openflow/values/values.ts';
import type { DatapathName, Vport } from '../../slices/ids.ts';
import { LazyMap } from '../../slices/lazy-collections.ts';
import { limits } from '../../slices/limits.ts';
import { isFlat, placementOf, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';
import { groupOf } from '../../translation/entries/pipeline.ts';
import type { Probed } from '../../translation/migration/loss-probe-counts.ts';
import {
  type LossProbeSource,
  lossProbeByGroup,
  lossProbeFromHost,
  lossProbeIn,
  lossProbeSource,
} from '../../translation/wiring/loss-probe.ts';
import { takenAt } from '../../translation/wiring/port-wiring.ts';
import type { Datapath } from '../datapath/datapath.ts';
import { type CountingContext, countWhatPassed } from '../datapath/fresh-counters.ts';
import type { PacketIn } from '../datapath/packet-ins.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { World } from '../world/world.ts';
import type { Bodied } from './configured.ts';
import type { Overriding } from './overrides.ts';

export interface LossProbesContext extends CountingContext {
  readonly world: World;
  snapshot(): Snapshot;
}

/** Whose vports they are. */
export interface LossProbesOwner extends Bodied {
  readonly overriding: Overriding;
}

/** One that was sent a moment ago. */
interface Sent {
  readonly vport: Vport;
  readonly sentMs: number;
  hasCome: boolean;
}

interface Counts {
  sent: number;
  lost: number;
  twice: number;
}

/** What the probes of one migration, or move, have come to. */
interface Run {
  /** The one vport that they go through; undefined: all. */
  readonly only: Vport | undefined;
  /** The place of the vport that is next. */
  turn: number;
  /** In the order of sending; each is known for a while, come or not. */
  readonly recent: Map<number, Sent>;
  /** Of those that had not come by then. */
  readonly missed: Map<number, Vport>;
  readonly counts: Map<Vport, Counts>;
  isSending: boolean;
  isOver: boolean;
}

export class LossProbes {
  readonly #context: LossProbesContext;
  readonly #owner: LossProbesOwner;
  /**
   * By migration, or move of a host: another may begin while the last probes of one are waited for.
   * All have one source, whose entries stand until nobody waits any more.
   */
  readonly #runs = new LazyMap<string, Run>();
  #source: LossProbeSource | undefined;
  #number = 0;
  /** By the datapath where they came up, since its entries are there. */
  readonly #cameUpOn = new LazyMap<DatapathName, number>();

  constructor(context: LossProbesContext, owner: LossProbesOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  get isOn(): boolean {
    return this.#source !== undefined;
  }

  /** How many have come up on a datapath. */
  cameUpOn(datapath: DatapathName): number {
    return this.#cameUpOn.get(datapath) ?? 0;
  }

  /** For this migration, or move, from now on, as soon as every body has the entries. */
  begin(id: string, only?: Vport): void {
    const { world } = this.#context;
    if (this.#source === undefined) {
      this.#source = lossProbeSource(world.random());
      this.#number = Math.floor(world.random() * 0x1_0000_0000);
    }
    this.#runs.set(id, {
      only,
      turn: 0,
      recent: new Map(),
      missed: new Map(),
      counts: new Map(),
      isSending: false,
      isOver: false,
    });
    this.follow(id);
  }

  /** The bodies may be others than before. */
  follow(id: string): void {
    const [run, source] = [this.#runs.get(id), this.#source];
    if (run === undefined || source === undefined) return;
    const { bodies } = this.#owner.placement;
    const snapshot = this.#context.snapshot();
    const lacking = bodies.filter((on) => {
      return !isFlat(snapshot, on) && this.#owner.overriding.on(on).probe !== source;
    });
    const lead = (on: DatapathName, ended: Ended): void => {
      this.#cameUpOn.delete(on);
      this.#owner.overriding.lead(on, { probe: source }, 'barrier', () => ended());
    };
    whenAll(lacking, lead, () => {
      if (run.isSending || run.isOver) return;
      run.isSending = true;
      this.#tick(run);
    });
  }

  /** No more are sent; `done` when those that are on their way have had their time. */
  end(id: string, done: (probed: Probed) => void): void {
    const run = this.#runs.get(id);
    if (run === undefined) {
      done({ sent: 0, lost: 0, twice: 0, ports: [], unseen: 'Limevisor was restarted meanwhile' });
      return;
    }
    run.isSending = false;
    run.isOver = true;
    this.#context.world.after(limits.lossProbeWaitMs, () => {
      expire(run, Number.POSITIVE_INFINITY);
      this.#runs.delete(id);
      done(probedOf(run));
      this.#clear();
    });
  }

  /**
   * The entries go when nobody waits for any more: when what they have met is counted, or Open
   * vSwitch would credit it to the tenant's rules.
   */
  #clear(): void {
    const source = this.#source;
    const isOver = (): boolean => this.#runs.size === 0 && this.#source === source;
    const those = this.#owner.placement.bodies.filter((on) => {
      return source !== undefined && this.#owner.overriding.on(on).probe === source;
    });
    const count = (on: DatapathName, ended: Ended): void =>
      countWhatPassed(this.#context, on, () => ended());
    whenAll(isOver() ? those : [], count, () => {
      if (!isOver()) return;
      this.#source = undefined;
      this.#cameUpOn.clear();
      for (const on of those) {
        this.#owner.overriding.lead(on, { probe: undefined }, 'barrier', () => undefined);
      }
    });
  }

  /** A packet-in that is no tenant's: whether it is one of these probes. */
  take(datapath: Datapath, message: PacketIn): boolean {
    if (this.#source === undefined) return false;
    const probe = lossProbeIn(message.data);
    if (probe === undefined || probe.source !== this.#source) return false;
    const { name } = datapath;
    this.#cameUpOn.set(name, this.cameUpOn(name) + 1);
    for (const run of this.#runs.values()) {
      const sent = run.recent.get(probe.number);
      if (sent === undefined) continue;
      if (sent.hasCome) countsOf(run, sent.vport).twice += 1;
      sent.hasCome = true;
    }
    for (const run of this.#runs.values()) cameLate(run, probe.number);
    return true;
  }

  /** A vport has its turn. */
  #tick(run: Run): void {
    if (!run.isSending) return;
    const { vswitch } = this.#owner;
    const vports = [...vswitch.ports.keys()].filter((one) => (run.only ?? one) === one);
    const { world } = this.#context;
    const vport = vports[run.turn % Math.max(1, vports.length)];
    run.turn += 1;
    if (vport !== undefined) this.#send(run, vswitch, vport);
    expire(run, world.nowMs() - limits.lossProbeWaitMs);
    const ms = Math.max(limits.lossProbeTickMs, limits.lossProbeMs / Math.max(1, vports.length));
    world.after(ms, () => this.#tick(run));
  }

  #send(run: Run, vswitch: Vswitch, vport: Vport): void {
    const [on, message] = this.#probe(vswitch, vport) ?? [];
    if (on === undefined || message === undefined) return;
    run.recent.set(this.#number, { vport, sentMs: this.#context.world.nowMs(), hasCome: false });
    countsOf(run, vport).sent += 1;
    this.#number = (this.#number + 1) >>> 0;
    on.tell(message);
  }

  /** Where one is sent into the way of this vport's frames, if it is to be; and how. */
  #probe(vswitch: Vswitch, vport: Vport): readonly [Datapath, Message] | undefined {
    const [source, number] = [this.#source, this.#number];
    const snapshot = this.#context.snapshot();
    const attachment = vswitch.ports.get(vport);
    const isTaken = takenAt(snapshot, vswitch, vport) === 'all';
    // A body that became one of one table meanwhile would take them for the tenant's.
    const hasTables = this.#owner.placement.bodies.every((on) => !isFlat(snapshot, on));
    if (source === undefined || attachment === undefined) return undefined;
    if (!isTaken || !hasTables) return undefined;
    if (attachment.type === 'host') {
      const { at, vlan, vlans } = attachment;
      const datapath = this.#context.datapath(at.device);
      const isAlone = vlan === undefined && vlans === undefined;
      if (!isAlone || !datapath.isReady || !datapath.isPortUp(at.port)) return undefined;
      return [datapath, lossProbeFromHost(source, number, at.port)];
    }
    const peer = snapshot.vswitches.get(attachment.peer.device);
    const { primary } = peer === undefined ? {} : placementOf(snapshot, peer.name);
    if (peer === undefined || primary === undefined || isFlat(snapshot, primary)) return undefined;
    const datapath = this.#context.datapath(primary);
    if (!datapath.isReady) return undefined;
    return [datapath, lossProbeByGroup(source, number, groupOf(peer.id, attachment.peer.port))];
  }
}

/** Those that were sent before this moment have had their time. */
function expire(run: Run, beforeMs: number): void {
  for (const [number, { vport, sentMs, hasCome }] of run.recent) {
    if (sentMs >= beforeMs) return;
    run.recent.delete(number);
    if (hasCome) continue;
    countsOf(run, vport).lost += 1;
    run.missed.set(number, vport);
  }
}

/** What takes long on a busy machine is not lost. */
function cameLate(run: Run, number: number): void {
  const vport = run.missed.get(number);
  if (vport !== undefined && run.missed.delete(number)) countsOf(run, vport).lost -= 1;
}

function countsOf(run: Run, vport: Vport): Counts {
  const known = run.counts.get(vport);
  if (known !== undefined) return known;
  const counts = { sent: 0, lost: 0, twice: 0 };
  run.counts.set(vport, counts);
  return counts;
}

function probedOf({ counts }: Run): Probed {
  const ports = [...counts].map(([port, one]) => ({ port, ...one }));
  const sum = (of: (one: Counts) => number): number => ports.reduce((all, one) => all + of(one), 0);
  return {
    ...{ sent: sum(({ sent }) => sent), lost: sum(({ lost }) => lost) },
    ...{ twice: sum(({ twice }) => twice), ports },
  };
}
