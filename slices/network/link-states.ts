/**
 * The state of each link of the file, by probes: whether it leads where the file says, and how.
 *
 * A link is two headings, one from each end. Each probe that is sent along one arrives somewhere,
 * or is lost; what that makes of the link is `stateOf`. Nothing is ever done about it here: the
 * file is what ways follow, and a person decides. Time is an argument.
 *
 *   unverified --both came where they should--> up --lost some in a row--> silent, tooSmall
 *        ^                                       |--came elsewhere-------> miswired
 *        '--------------- a port down, or a datapath away ----------------'
 */

import type { PhysicalEnd } from '../config/values.ts';
import { endText, isSameEnd } from '../ids.ts';
import { limits } from '../limits.ts';

export type LinkEnds = readonly [PhysicalEnd, PhysicalEnd];

/** How an end is, as its datapath says: frames could pass, or could not, or it is not there. */
export type EndState = 'up' | 'down' | 'away';

/** One end of a link leads where the file does not say. */
export interface Leads {
  readonly from: PhysicalEnd;
  readonly to: PhysicalEnd;
  /** Who is plugged in where it leads, by the file. */
  readonly hosts: readonly string[];
}

export type LinkState =
  | { readonly type: 'up'; readonly latencyMs: number }
  | { readonly type: 'down'; readonly at: PhysicalEnd }
  /** Too little is known: a datapath is away, or no probe has come yet. */
  | { readonly type: 'unverified'; readonly away: PhysicalEnd | undefined }
  | { readonly type: 'miswired'; readonly leads: readonly Leads[] }
  /** Small frames pass in this direction, and tenants' full-size frames do not. */
  | { readonly type: 'tooSmall'; readonly from: readonly PhysicalEnd[] }
  /** Ports are up, and what is sent from there comes nowhere. */
  | { readonly type: 'silent'; readonly from: readonly PhysicalEnd[] };

/** One direction of a link, and what its probes said. */
export interface Heading {
  readonly link: Link;
  readonly from: PhysicalEnd;
  /** Where it should lead. */
  readonly to: PhysicalEnd;
  /** Where it led when a probe came last; undefined: not known since its ports came up. */
  leadsTo: PhysicalEnd | undefined;
  /** Lost in a row. */
  smallLost: number;
  fullLost: number;
  hasFull: boolean;
  /** Of the last small ones. */
  latenciesMs: number[];
}

export interface Link {
  readonly ends: LinkEnds;
  readonly headings: readonly [Heading, Heading];
}

export function linkOf(ends: LinkEnds): Link {
  const link = { ends, headings: [] as unknown as [Heading, Heading] };
  const [one, other] = ends;
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const counts = { smallLost: 0, fullLost: 0, hasFull: false, latenciesMs: [] };
    link.headings.push({ link, from, to, leadsTo: undefined, ...counts });
  }
  return link;
}

/** Nothing is known of it any more: its port went down, or its datapath away. */
export function forget(heading: Heading): void {
  heading.leadsTo = undefined;
  heading.smallLost = 0;
  heading.fullLost = 0;
  heading.hasFull = false;
  heading.latenciesMs = [];
}

/** A probe has come. */
export function arrived(
  heading: Heading,
  size: 'small' | 'full',
  at: PhysicalEnd,
  latencyMs: number,
): void {
  if (heading.leadsTo !== undefined && !isSameEnd(heading.leadsTo, at)) forget(heading);
  // What full ones were lost before small ones came through is no matter of their size.
  if (size === 'full' || heading.smallLost > 0) heading.fullLost = 0;
  if (size === 'full') heading.hasFull = true;
  heading.smallLost = 0;
  heading.leadsTo = at;
  if (size === 'full') return;
  heading.latenciesMs.push(latencyMs);
  if (heading.latenciesMs.length > limits.linkLatenciesKept) heading.latenciesMs.shift();
}

/** A probe has not come in time. */
export function lost(heading: Heading, size: 'small' | 'full'): void {
  if (size === 'small') heading.smallLost += 1;
  else if (heading.smallLost === 0) heading.fullLost += 1;
}

/** Whether all is well with it, so that it need not be looked at closely. */
export function isSteady({ leadsTo, to, smallLost, fullLost, hasFull }: Heading): boolean {
  return leadsTo !== undefined && isSameEnd(leadsTo, to) && hasFull && smallLost + fullLost === 0;
}

export function stateOf(
  { ends, headings }: Link,
  endOf: (end: PhysicalEnd) => EndState,
  hostsAt: (end: PhysicalEnd) => readonly string[] = () => [],
): LinkState {
  const away = ends.find((end) => endOf(end) === 'away');
  if (away !== undefined) return { type: 'unverified', away };
  const down = ends.find((end) => endOf(end) === 'down');
  if (down !== undefined) return { type: 'down', at: down };
  const max = limits.linkProbesLostMax;
  const leads = headings.flatMap(({ from, to, leadsTo }): readonly Leads[] => {
    return leadsTo === undefined || isSameEnd(leadsTo, to)
      ? []
      : [{ from, to: leadsTo, hosts: hostsAt(leadsTo) }];
  });
  if (leads.length > 0) return { type: 'miswired', leads };
  const silent = headings.filter(({ smallLost }) => smallLost >= max);
  if (silent.length > 0) return { type: 'silent', from: silent.map(({ from }) => from) };
  const tooSmall = headings.filter(({ fullLost }) => fullLost >= max);
  if (tooSmall.length > 0) return { type: 'tooSmall', from: tooSmall.map(({ from }) => from) };
  if (!headings.every(({ latenciesMs, hasFull }) => latenciesMs.length > 0 && hasFull)) {
    return { type: 'unverified', away: undefined };
  }
  return { type: 'up', latencyMs: latencyOf(headings) };
}

/** The least that a small one took lately, in the slower direction. */
export function latencyOf(headings: readonly Heading[]): number {
  return Math.max(...headings.map(({ latenciesMs }) => Math.min(...latenciesMs)));
}

/**
 * Of links that lead where they should, those that take much longer than most: what a relay in
 * between would do, and what a long cable does.
 */
export function slowLinks(links: readonly Link[]): readonly Link[] {
  const known = links.filter(({ headings }) => {
    return headings.every(({ latenciesMs, leadsTo, to }) => {
      const isRight = leadsTo !== undefined && isSameEnd(leadsTo, to);
      return isRight && latenciesMs.length === limits.linkLatenciesKept;
    });
  });
  const latencies = known.map(({ headings }) => latencyOf(headings)).sort((a, b) => a - b);
  const median = latencies[Math.floor((latencies.length - 1) / 2)] ?? 0;
  const most = limits.linkSlowMs + limits.linkSlowFactor * median;
  return known.filter(({ headings }) => latencyOf(headings) > most);
}

/** Whether two states say the same to a person; a latency is no news. */
export function sameState(one: LinkState, other: LinkState): boolean {
  const text = ({ latencyMs: _, ...rest }: LinkState & { readonly latencyMs?: number }) =>
    JSON.stringify(rest);
  return text(one) === text(other);
}

/** As the file writes it. */
export function linkText(ends: LinkEnds): string {
  return ends.map(endText).join(' - ');
}

/** The state in words, behind the link's name: what is wrong, and how the world is. */
export function stateText(state: LinkState): string {
  switch (state.type) {
    case 'up':
      return 'up';
    case 'down':
      return `down at ${endText(state.at)}`;
    case 'unverified': {
      const { away } = state;
      return away === undefined ? 'unverified' : `unverified: ${away.device} is not connected`;
    }
    case 'miswired':
      return `miswired: ${state.leads.map(leadsText).join(', ')}`;
    case 'tooSmall':
      return `too small: full-size frames do not pass from ${state.from.map(endText).join(', ')}`;
    case 'silent':
      return `silent: nothing that is sent from ${state.from.map(endText).join(', ')} arrives`;
  }
}

function leadsText({ from, to, hosts }: Leads): string {
  return `${endText(from)} leads to ${endText(to)}${pluggedText(hosts)}`;
}

/** Of a cable that ends in a port which the file has for hosts. */
export function pluggedText(hosts: readonly string[]): string {
  return hosts.length === 0 ? '' : `, where ${hosts.join(', ')} is plugged in by the file`;
}

/** Its probes came up by a host's port, and do no more. */
export function forgetHostPort(heading: Heading): void {
  if (heading.leadsTo !== undefined && !isSameEnd(heading.leadsTo, heading.to)) {
    heading.leadsTo = undefined;
  }
}
