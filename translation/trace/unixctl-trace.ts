/**
 * The same trace by Open vSwitch: the request (ovs-vswitchd(8), ofproto/trace), and the differences
 * of its answer from ours.
 *
 * Behind our header it cannot be asked in one go, since what it finds there depends on bytes: each
 * look at a packet is a question of its own, which begins in the table where it goes on.
 */

import type { TracedPass } from './datapath-trace.ts';
import { flowText } from './headers.ts';

export interface UnixctlQuestion {
  readonly method: 'ofproto/trace' | 'ofproto/trace-packet-out';
  /** After the bridge's name. */
  readonly params: readonly string[];
}

/** Undefined where no text says what the packet is. */
export function questionOf({ packet, table, isArrival }: TracedPass): UnixctlQuestion | undefined {
  const flow = flowText(packet);
  if (flow === undefined) return undefined;
  if (isArrival) return { method: 'ofproto/trace', params: [flow] };
  return { method: 'ofproto/trace-packet-out', params: [flow, `resubmit(,${table})`] };
}

/** `table 2: priority 11, cookie 0x4c02000100000001`; undefined cookie: it is not said. */
interface Met {
  readonly table: number;
  readonly text: string;
}

/** What a switch says that it meets, in order. */
export function metIn(answer: string): readonly Met[] {
  const found: Met[] = [];
  for (const line of answer.split('\n')) {
    const [, table, rest = ''] = /^\s*(\d+)\. (.*)$/.exec(line) ?? [];
    if (table === undefined) continue;
    const [, priority] = /(?:^|, )priority (\d+)/.exec(rest) ?? [];
    const [, cookie = '0x0'] = /cookie (0x[0-9a-f]+)/.exec(rest) ?? [];
    const text = priority === undefined ? 'no match' : metText(Number(priority), BigInt(cookie));
    found.push({ table: Number(table), text });
  }
  return found;
}

function metText(priority: number, cookie: bigint): string {
  return `priority ${priority}, cookie 0x${cookie.toString(16)}`;
}

/** Where the switch goes another way than we expect; empty where it does not. */
export function differencesIn(pass: TracedPass, answer: string): readonly string[] {
  const expected = pass.met.map(({ table, entry }) => {
    return { table, text: entry ? metText(entry.priority, entry.cookie ?? 0n) : 'no match' };
  });
  const said = metIn(answer);
  const length = pass.isOpen ? expected.length : Math.max(expected.length, said.length);
  for (let i = 0; i < length; i++) {
    const [ours, theirs] = [expected[i], said[i]];
    if (ours?.table === theirs?.table && ours?.text === theirs?.text) continue;
    return [`${pass.datapath}: expected ${stepText(ours)}, but the switch has ${stepText(theirs)}`];
  }
  return [];
}

function stepText(met: Met | undefined): string {
  return met === undefined ? 'nothing more' : `in table ${met.table}: ${met.text}`;
}

/** The last line of what it says. */
export function datapathActionsIn(answer: string): string | undefined {
  return /^Datapath actions: (.*)$/m.exec(answer)?.[1];
}
