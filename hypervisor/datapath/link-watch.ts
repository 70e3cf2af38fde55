/**
 * Watches every link of the file with probes (translation/link-probe.ts), and tells a person what
 * is other than the file says (slices/network/link-states.ts): a log line, and a state that
 * `limevisor links` and `status` show. Nothing else ever follows from it.
 *
 * Ports have their turns one after the other, spread over the time that a round takes; where all is
 * well a turn is one probe, small and full in turns, and else one of each.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { fieldOf, oxmNumber } from '../../openflow/match/match.ts';
import { decode } from '../../openflow/messages/codec.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { PhysicalEnd } from '../../slices/config/values.ts';
import type { Port } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import {
  arrived,
  type EndState,
  forget,
  type Heading,
  isSteady,
  type Link,
  type LinkEnds,
  type LinkState,
  linkOf,
  linkText,
  lost,
  sameState,
  stateOf,
  stateText,
} from '../../slices/network/link-states.ts';
import { isFlat } from '../../slices/network/snapshot.ts';
import {
  type Probe,
  type ProbeSize,
  probeBytes,
  probeIn,
  probeOut,
  SEAL_BYTES,
  type Sending,
  sealedBytes,
} from '../../translation/link-probe.ts';
import type { Log } from '../world/log.ts';
import type { World } from '../world/world.ts';
import type { DatapathContext } from './contributors.ts';
import type { Datapath } from './datapath.ts';

/** A probe on its way. */
interface OnItsWay extends Sending {
  readonly heading: Heading;
}

const KEY_WORDS = 8;

export class LinkWatch {
  readonly #world: World;
  readonly #context: DatapathContext;
  readonly #log: Log;
  #key: Uint8Array | undefined;
  #number = 0;
  /** Of the file's links in `#from`. */
  #links: readonly Link[] = [];
  #from: readonly LinkEnds[] = [];
  #turn = 0;
  /** By number, in the order of sending: not yet lost; lost, and known if they come after all. */
  readonly #coming = new Map<number, OnItsWay>();
  readonly #late = new Map<number, OnItsWay>();
  /** What each link was said to be. */
  readonly #said = new Map<Link, LinkState>();

  constructor(world: World, context: DatapathContext, log: Log) {
    this.#world = world;
    this.#context = context;
    this.#log = log;
  }

  start(): void {
    const { perTick, tickMs } = this.#pace();
    this.#world.after(tickMs, () => {
      this.#expire();
      for (let i = 0; i < perTick; i += 1) this.#takeTurn();
      this.start();
    });
  }

  /** Each link of the file, and how it is. */
  states(): readonly { readonly ends: LinkEnds; readonly state: LinkState }[] {
    this.#follow();
    return this.#links.map((link) => ({ ends: link.ends, state: this.#stateOf(link) }));
  }

  /** True when the packet-in, which is nobody's, looks like a probe. */
  take(datapath: Datapath, dv: DataView, at: number, length: number): boolean {
    const message = decode(datapath.version, dv, at, length);
    if (isError(message) || message.type !== 'packetIn') return false;
    const probe = probeIn(message.data);
    if (probe === undefined) return false;
    const inPort = fieldOf(message.match, 'in_port');
    if (inPort === undefined) return false;
    const port = Number(oxmNumber(inPort)) as Port;
    this.#arrive(probe, { device: datapath.name, port });
    return true;
  }

  #arrive(probe: Probe, at: PhysicalEnd): void {
    const sent = this.#coming.get(probe.number) ?? this.#late.get(probe.number);
    if (sent === undefined || !timingSafeEqual(probe.seal, this.#sealOf(sent))) return;
    this.#coming.delete(probe.number);
    this.#late.delete(probe.number);
    arrived(sent.heading, sent.size, at, this.#world.nowMs() - sent.sentMs);
    this.#note(sent.heading.link);
  }

  /** How many turns are taken at once, and how long it is from then to the next. */
  #pace(): { readonly perTick: number; readonly tickMs: number } {
    this.#follow();
    const count = this.#links.length * 2;
    if (count === 0) return { perTick: 0, tickMs: limits.linkProbeMs };
    const turnMs = Math.max(limits.linkProbeMs / count, 1_000 / limits.linkProbesPerSecMax);
    const perTick = Math.ceil(limits.linkTickMs / turnMs);
    return { perTick, tickMs: turnMs * perTick };
  }

  /** The file's links may be others now. */
  #follow(): void {
    const { links } = this.#context.snapshot().config;
    if (links === this.#from) return;
    const before = new Map(this.#links.map((link) => [linkText(link.ends), link]));
    this.#from = links;
    this.#links = links.map((ends) => before.get(linkText(ends)) ?? linkOf(ends));
    const stay = new Set(this.#links);
    for (const link of this.#said.keys()) if (!stay.has(link)) this.#said.delete(link);
  }

  /** All links from one end, then all from the other: a link's two turns are far apart. */
  #takeTurn(): void {
    const count = this.#links.length;
    if (count === 0) return;
    const turn = this.#turn;
    this.#turn = (turn + 1) % (count * 4);
    const link = this.#links[turn % count];
    const heading = link?.headings[Math.floor(turn / count) % 2];
    if (link === undefined || heading === undefined) return;
    const isUp = link.ends.every((end) => this.#endOf(end) === 'up');
    if (!isUp) forget(heading);
    const { isCongested } = this.#context.datapath(heading.from.device);
    if (isUp && !isCongested) {
      const isFull = turn >= count * 2;
      if (!isFull || !isSteady(heading)) this.#send(heading, 'small');
      if (isFull || !isSteady(heading)) this.#send(heading, 'full');
    }
    this.#note(link);
  }

  #send(heading: Heading, size: ProbeSize): void {
    const { device, port } = heading.from;
    const datapath = this.#context.datapath(device);
    this.#number = (this.#number + 1) >>> 0;
    const { dpid } = datapath.config;
    const sentMs = this.#world.nowMs();
    const sent: OnItsWay = { number: this.#number, dpid, port, size, sentMs, heading };
    this.#coming.set(sent.number, sent);
    const snapshot = this.#context.snapshot();
    const isWrapped = heading.link.ends.every((end) => !isFlat(snapshot, end.device));
    const probe = { number: sent.number, seal: this.#sealOf(sent) };
    datapath.tell(probeOut(probe, port, probeBytes(size, isWrapped)));
  }

  #expire(): void {
    const nowMs = this.#world.nowMs();
    for (const [number, sent] of this.#coming) {
      if (nowMs - sent.sentMs < limits.linkProbeLostMs) break;
      this.#coming.delete(number);
      this.#late.set(number, sent);
      lost(sent.heading, sent.size);
      this.#note(sent.heading.link);
    }
    for (const [number, { sentMs }] of this.#late) {
      if (nowMs - sentMs < limits.linkProbeKnownMs) break;
      this.#late.delete(number);
    }
  }

  #endOf({ device, port }: PhysicalEnd): EndState {
    const datapath = this.#context.datapath(device);
    if (!datapath.isReady) return 'away';
    return datapath.isPortUp(port) ? 'up' : 'down';
  }

  #stateOf(link: Link): LinkState {
    return stateOf(link, (end) => this.#endOf(end));
  }

  /** Says in the log what is otherwise now; ports and datapaths have lines of their own. */
  #note(link: Link): void {
    const state = this.#stateOf(link);
    const before = this.#said.get(link);
    if (state.type === 'unverified' || state.type === 'down') return;
    if (before !== undefined && sameState(before, state)) return;
    this.#said.set(link, state);
    const about = { link: linkText(link.ends), state: stateText(state) };
    if (state.type !== 'up') this.#log.warn(about, 'a link is not as the file says');
    else if (before !== undefined) this.#log.info(about, 'a link is as the file says again');
  }

  #sealOf(sent: Sending): Uint8Array {
    const mac = createHmac('sha256', this.#keyOf()).update(sealedBytes(sent)).digest();
    return mac.subarray(0, SEAL_BYTES);
  }

  /** Made when the first probe is sent; no other process has it, nor has the next one here. */
  #keyOf(): Uint8Array {
    if (this.#key !== undefined) return this.#key;
    const words = Uint32Array.from(
      { length: KEY_WORDS },
      () => this.#world.random() * 0x1_0000_0000,
    );
    this.#key = new Uint8Array(words.buffer);
    return this.#key;
  }
}
