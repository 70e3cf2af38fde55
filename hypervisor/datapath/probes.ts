/**
 * Probes that are under way, and packet-ins that look like one
 * (translation/datapath/link-probe.ts).
 *
 * A probe counts once, if its seal is ours and it comes in time. What else comes is suspicious: a
 * copy, a late or a forged one, or one of somebody else's Limevisor. The operator is told where it
 * came in, and nothing is made of it. Where such frames come in a flood nothing is heard for a
 * while: an entry of ours drops them there.
 */
import { timingSafeEqual } from 'node:crypto';
import { fieldOf, oxmNumber } from '../../openflow/match/match.ts';
import type { PhysicalEnd } from '../../slices/config/values.ts';
import { type DatapathName, endText, type Port } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import {
  type Probe,
  type ProbeSize,
  type ProbeSource,
  probeBytes,
  probeIn,
  probeOut,
  type Sending,
  sealedBytes,
} from '../../translation/datapath/link-probe.ts';
import type { Log } from '../world/log.ts';
import type { World } from '../world/world.ts';
import type { Datapath } from './datapath.ts';
import type { PacketIn } from './packet-ins.ts';
import { Seals } from './seals.ts';

/** Who sends probes, and what became of one. */
export interface Prober {
  arrived(size: ProbeSize, at: PhysicalEnd, latencyMs: number): void;
  lost(size: ProbeSize): void;
}

interface OnItsWay extends Sending, Probe {
  readonly from: PhysicalEnd;
  readonly prober: Prober;
  /** Where it has come. */
  at?: PhysicalEnd;
}

/** What looks like a probe and counts for nothing, where it came in. */
export interface Suspicion {
  readonly at: PhysicalEnd;
  readonly why: string;
  count: number;
  lastMs: number;
}

/** Who drops what comes by a port that is flooded. */
export interface Deafening {
  deafen(datapath: DatapathName, port: Port, isDeaf: boolean): void;
}

export class Probes {
  readonly #world: World;
  readonly #log: Log;
  readonly #deafening: Deafening;
  readonly #seals: Seals;
  #number = 0;
  /** By number, in the order of sending. */
  readonly #coming = new Map<number, OnItsWay>();
  /** Those that came, and those that are lost: each is known for a while. */
  readonly #past = new Map<number, OnItsWay>();
  /** By port and kind. */
  readonly #suspicions = new Map<string, Suspicion>();
  /** Frames that are none, by port, since a second began; and since when a port is not heard. */
  readonly #floods = new Map<string, { sinceMs: number; count: number }>();
  readonly #deaf = new Map<string, number>();

  constructor(world: World, log: Log, deafening: Deafening) {
    this.#world = world;
    this.#seals = new Seals(world);
    this.#log = log;
    this.#deafening = deafening;
  }

  /** `isWrapped`: tenants' frames are, where it is sent. `source`: host-ports.ts. */
  send(
    datapath: Datapath,
    port: Port,
    size: ProbeSize,
    isWrapped: boolean,
    prober: Prober,
    source?: ProbeSource,
  ): void {
    this.#number = (this.#number + 1) >>> 0;
    const { dpid } = datapath.config;
    const sentMs = this.#world.nowMs();
    const from = { device: datapath.name, port };
    const sending: Sending = { number: this.#number, dpid, port, size, sentMs };
    const sent = { ...sending, seal: this.#seals.of(sealedBytes(sending)), from, prober };
    this.#coming.set(sent.number, sent);
    datapath.tell(probeOut(sent, port, probeBytes(size, isWrapped), source));
  }

  /** True when the packet-in, which is nobody's, looks like a probe. */
  take(datapath: Datapath, message: PacketIn): boolean {
    const probe = probeIn(message.data);
    const inPort = fieldOf(message.match, 'in_port');
    if (probe === undefined || inPort === undefined) return false;
    const end = { device: datapath.name, port: Number(oxmNumber(inPort)) as Port };
    const sent = this.#coming.get(probe.number) ?? this.#past.get(probe.number);
    if (sent === undefined || !timingSafeEqual(probe.seal, sent.seal)) {
      this.#suspect(end, 'frames that look like our probes and are not');
    } else this.#arrive(sent, end);
    return true;
  }

  #arrive(sent: OnItsWay, at: PhysicalEnd): void {
    const tookMs = this.#world.nowMs() - sent.sentMs;
    const what = `a probe from ${endText(sent.from)}`;
    if (sent.at !== undefined) {
      this.#suspect(at, `${what} came again: first at ${endText(sent.at)}`);
      return;
    }
    sent.at = at;
    this.#coming.delete(sent.number);
    this.#past.set(sent.number, sent);
    if (tookMs <= limits.linkProbeLateMs) sent.prober.arrived(sent.size, at, tookMs);
    else this.#suspect(at, `${what} came more than ${limits.linkProbeLateMs / 1_000} s late`);
  }

  /** Tells of those that have not come in time; to be called now and then. */
  expire(): void {
    const nowMs = this.#world.nowMs();
    for (const [number, sent] of this.#coming) {
      if (nowMs - sent.sentMs < limits.linkProbeLostMs) break;
      this.#coming.delete(number);
      this.#past.set(number, sent);
      sent.prober.lost(sent.size);
    }
    // Those that came stand before those that were lost later: the order is nearly that of sending.
    for (const [number, { sentMs }] of this.#past) {
      if (nowMs - sentMs < limits.linkProbeKnownMs && this.#past.size < limits.linkProbesKeptMax) {
        break;
      }
      this.#past.delete(number);
    }
    for (const [key, { lastMs }] of this.#suspicions) {
      if (nowMs - lastMs >= limits.suspicionMs) this.#suspicions.delete(key);
    }
    for (const [key, sinceMs] of this.#deaf) {
      if (nowMs - sinceMs >= limits.linkDeafMs) this.#hearAgain(key);
    }
  }

  suspicions(): readonly Suspicion[] {
    return [...this.#suspicions.values()];
  }

  #suspect(at: PhysicalEnd, why: string): void {
    const nowMs = this.#world.nowMs();
    // What came twice is told with its first place, which may be any port: of each kind one.
    const key = `${endText(at)} ${why.split(':')[0]}`;
    const known = this.#suspicions.get(key);
    if (known !== undefined) {
      known.count += 1;
      known.lastMs = nowMs;
    } else if (this.#suspicions.size < limits.suspicionsMax) {
      this.#suspicions.set(key, { at, why, count: 1, lastMs: nowMs });
      this.#log.warn({ port: endText(at), why }, 'suspicious: somebody may be faking a link');
    }
    this.#flood(at, nowMs);
  }

  #flood(at: PhysicalEnd, nowMs: number): void {
    const key = endText(at);
    const before = this.#floods.get(key);
    const isFresh = before === undefined || nowMs - before.sinceMs >= 1_000;
    if (isFresh && this.#floods.size >= limits.suspicionsMax) this.#floods.clear();
    const flood = isFresh ? { sinceMs: nowMs, count: 0 } : before;
    flood.count += 1;
    this.#floods.set(key, flood);
    if (flood.count !== limits.linkForgeriesPerSecMax) return;
    if (!this.#deaf.has(key)) {
      const seconds = limits.linkDeafMs / 1_000;
      this.#log.warn({ port: key }, `probe-like frames flood this port; ignored for ${seconds} s`);
    }
    this.#deaf.set(key, nowMs);
    this.#deafening.deafen(at.device, at.port, true);
  }

  #hearAgain(key: string): void {
    this.#deaf.delete(key);
    const [device = '', port = ''] = key.split(':');
    this.#deafening.deafen(device as DatapathName, Number(port) as Port, false);
  }
}
