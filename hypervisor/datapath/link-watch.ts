/**
 * Watches every link of the file with probes (translation/datapath/link-probe.ts), and tells a
 * person where the network differs from the file (slices/network/link-states.ts): by a log line,
 * and a state that `limevisor links` and `status` show. It never changes anything.
 *
 * Ports have their turns one after the other, spread over the time that a round takes; where all is
 * well a turn is one probe, small and full in turns, and else one of each.
 */

import { hostsAt } from '../../slices/config/named-ports.ts';
import type { PhysicalEnd } from '../../slices/config/values.ts';
import { limits } from '../../slices/limits.ts';
import {
  arrived,
  type EndState,
  forget,
  forgetHostPort,
  type Heading,
  isSteady,
  type Link,
  type LinkEnds,
  type LinkState,
  latencyOf,
  linkOf,
  linkText,
  lost,
  sameState,
  slowLinks,
  stateOf,
  stateText,
} from '../../slices/network/link-states.ts';
import { isFlat } from '../../slices/network/snapshot.ts';
import type { ProbeSize, ProbeSource } from '../../translation/datapath/link-probe.ts';
import type { Log } from '../world/log.ts';
import type { World } from '../world/world.ts';
import type { ConvergingContext, DatapathContext } from './contributors.ts';
import { ControlPaths } from './control-paths.ts';
import { leadOwner } from './converge.ts';
import type { HostPorts } from './host-ports.ts';
import type { Deafening, Prober, Probes } from './probes.ts';

/** Drops, on a datapath, what comes by a port in a flood and looks like a probe. */
export function deafening(context: ConvergingContext): Deafening {
  return {
    deafen(name, port, isThere) {
      // What is let in for a moment (strangers.ts) has nothing of ours.
      const datapath = context.datapaths().find((one) => one.name === name);
      if (datapath === undefined) return;
      leadOwner(context.snapshot(), datapath, { type: 'deaf', port, isThere }, 'later');
    },
  };
}

/** A link of the file, as it is now. */
export interface LinkNow {
  readonly ends: LinkEnds;
  readonly state: LinkState;
  /** It takes much longer than others. */
  readonly isSlow: boolean;
}

export class LinkWatch {
  readonly #world: World;
  readonly #context: DatapathContext;
  readonly #log: Log;
  readonly #probes: Probes;
  /** Of the file's links in `#from`. */
  #links: readonly Link[] = [];
  #from: readonly LinkEnds[] = [];
  #turn = 0;
  readonly #controlPaths: ControlPaths;
  /** Links that take much longer than others. */
  #slow: ReadonlySet<Link> = new Set();
  /** What each link was said to be. */
  readonly #said = new Map<Link, LinkState>();

  readonly #hostPorts: HostPorts;
  /** Whether it ends in a host's port: when it is looked next, and how long after that again. */
  readonly #looks = new WeakMap<Heading, { readonly nextMs: number; readonly thenMs: number }>();

  constructor(
    world: World,
    context: DatapathContext,
    log: Log,
    probes: Probes,
    hostPorts: HostPorts,
  ) {
    this.#hostPorts = hostPorts;
    this.#world = world;
    this.#context = context;
    this.#log = log;
    this.#probes = probes;
    this.#controlPaths = new ControlPaths(world, probes);
  }

  start(): void {
    const { perTick, tickMs } = this.#pace();
    this.#world.after(tickMs, () => {
      this.#probes.expire();
      this.#follow();
      for (let i = 0; i < perTick; i += 1) this.#probeNext();
      if (perTick > 0 && this.#turn % this.#links.length < perTick) this.#lookForSlow();
      this.start();
    });
  }

  /** Each link of the file, and how it is. */
  states(): readonly LinkNow[] {
    this.#follow();
    return this.#links.map((link) => {
      return { ends: link.ends, state: this.#stateOf(link), isSlow: this.#slow.has(link) };
    });
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
  #probeNext(): void {
    const count = this.#links.length;
    if (count === 0) return;
    const turn = this.#turn;
    this.#turn = (turn + 1) % (count * 4);
    const link = this.#links[turn % count];
    const heading = link?.headings[Math.floor(turn / count) % 2];
    if (link === undefined || heading === undefined) return;
    const isUp = link.ends.every((end) => this.#endOf(end) === 'up');
    if (!isUp) forget(heading);
    const datapath = this.#context.datapath(heading.from.device);
    if (isUp && !datapath.isCongested) {
      for (const { device } of link.ends) this.#controlPaths.look(this.#context.datapath(device));
      const isFull = turn >= count * 2;
      if (!isFull || !isSteady(heading)) this.#send(heading, 'small');
      if (isFull || !isSteady(heading)) this.#send(heading, 'full');
    }
    this.#note(link);
  }

  #send(heading: Heading, size: ProbeSize, source?: ProbeSource): void {
    const { device, port } = heading.from;
    const snapshot = this.#context.snapshot();
    const isWrapped = heading.link.ends.every((end) => !isFlat(snapshot, end.device));
    const prober: Prober = {
      arrived: (came, at, latencyMs) => {
        const controlMs = this.#controlPaths.between(device, at.device);
        arrived(heading, came, at, Math.max(0, latencyMs - controlMs));
        this.#note(heading.link);
      },
      lost: (which) => {
        lost(heading, which);
        if (source !== undefined) forgetHostPort(heading);
        if (heading.smallLost >= limits.linkProbesLostMax) this.#lookAtHosts(heading);
        this.#note(heading.link);
      },
    };
    this.#probes.send(this.#context.datapath(device), port, size, isWrapped, prober, source);
  }

  /** Nothing that is sent there comes out at a cable: it may at a host's port. */
  #lookAtHosts(heading: Heading): void {
    const nowMs = this.#world.nowMs();
    const { nextMs, thenMs } = this.#looks.get(heading) ?? {
      nextMs: nowMs,
      thenMs: limits.hostPortLookFirstMs,
    };
    if (nowMs < nextMs) return;
    // A probe may be late: the first looks are soon one after the other.
    const laterMs = Math.min(2 * thenMs, limits.hostPortLookMs);
    this.#looks.set(heading, { nextMs: nowMs + thenMs, thenMs: laterMs });
    this.#hostPorts.look((source, sent) => {
      this.#send(heading, 'small', source);
      sent();
    });
  }

  /** A relay between two ends takes time, even one that lets all probes pass. */
  #lookForSlow(): void {
    const slow = new Set(slowLinks(this.#links));
    for (const link of slow) {
      if (this.#slow.has(link)) continue;
      const ms = latencyOf(link.headings).toFixed(1);
      const about = { link: linkText(link.ends), ms };
      this.#log.warn(
        about,
        'suspicious: a link is much slower than others; is a relay in between?',
      );
    }
    this.#slow = slow;
  }

  #endOf({ device, port }: PhysicalEnd): EndState {
    const datapath = this.#context.datapath(device);
    if (!datapath.isReady) return 'away';
    return datapath.isPortUp(port) ? 'up' : 'down';
  }

  #stateOf(link: Link): LinkState {
    const { config } = this.#context.snapshot();
    return stateOf(
      link,
      (end) => this.#endOf(end),
      (end) => hostsAt(config, end),
    );
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
}
