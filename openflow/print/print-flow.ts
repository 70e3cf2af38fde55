/**
 * Flows as `ovs-ofctl -O OpenFlow13 dump-flows` prints them, groups and ports as its other dumps
 * do.
 *
 * Matches are print-match.ts's, actions print-actions.ts's; print.ts puts it all into messages.
 */

import { formatMac } from '../values/addresses.ts';
import { flowFlag, groupType, port } from '../values/constants.ts';
import type { Bucket, FlowStats, Match, PortDesc } from '../values/values.ts';
import { printActions, printInstructions } from './print-actions.ts';
import { printMatch, printPort } from './print-match.ts';

/** The priority that ovs-ofctl leaves unsaid. */
const defaultPriority = 0x8000;

const flagNames: readonly (readonly [number, string])[] = [
  [flowFlag.sendFlowRem, 'send_flow_rem'],
  [flowFlag.checkOverlap, 'check_overlap'],
  [flowFlag.resetCounts, 'reset_counts'],
  [flowFlag.noPktCounts, 'no_packet_counts'],
  [flowFlag.noBytCounts, 'no_byte_counts'],
];

/** A row of dump-flows, without its leading space. */
export function printFlow(flow: FlowStats): string {
  const parts = [
    `cookie=${hexOf(flow.cookie)}`,
    `duration=${printDuration(flow.durationSec, flow.durationNsec)}`,
    `table=${flow.tableId}`,
    `n_packets=${flow.packetCount}`,
    `n_bytes=${flow.byteCount}`,
  ];
  if (flow.idleTimeoutSec > 0) parts.push(`idle_timeout=${flow.idleTimeoutSec}`);
  if (flow.hardTimeoutSec > 0) parts.push(`hard_timeout=${flow.hardTimeoutSec}`);
  const rule = words(printFlags(flow.flags), printRule(flow));
  return `${parts.join(', ')}, ${words(rule, `actions=${printInstructions(flow.instructions)}`)}`;
}

/** Priority and match: `priority=5,tcp,tp_dst=80`; the empty string for the default and all. */
export function printRule(rule: { readonly priority: number; readonly match: Match }): string {
  const priority = rule.priority === defaultPriority ? '' : `priority=${rule.priority}`;
  return [priority, printMatch(rule.match)].filter((part) => part !== '').join(',');
}

export function printFlags(flags: number): string {
  return flagNames
    .map(([flag, name]) => ((flags & flag) !== 0 ? name : ''))
    .filter(Boolean)
    .join(' ');
}

/** Seconds; a fraction in milliseconds, or in all its digits, as OVS does. */
export function printDuration(sec: number, nsec: number): string {
  if (nsec === 0) return `${sec}s`;
  const digits = String(nsec).padStart(9, '0');
  return `${sec}.${nsec % 1_000_000 === 0 ? digits.slice(0, 3) : digits.replace(/0+$/, '')}s`;
}

export function printGroup(groupId: number, type: number, buckets: readonly Bucket[]): string {
  const text = buckets.map(printBucket).join('');
  return `group_id=${groupId},type=${nameOf(groupType, type)}${text}`;
}

function printBucket(bucket: Bucket): string {
  const weight = bucket.weight === 0 ? '' : `weight:${bucket.weight},`;
  const watchPort =
    bucket.watchPort === port.any ? '' : `watch_port:${printPort(bucket.watchPort)},`;
  const watchGroup = bucket.watchGroup === port.any ? '' : `watch_group:${bucket.watchGroup},`;
  return `,bucket=${weight}${watchPort}${watchGroup}actions=${printActions(bucket.actions)}`;
}

export function printPortDesc(desc: PortDesc): string {
  const { portNo, name, hwAddr, config, state } = desc;
  const flags = `config=${hexOf(config)} state=${hexOf(state)}`;
  return `${printPort(portNo)}(${name}): addr:${formatMac(hwAddr)} ${flags}`;
}

export function nameOf(table: Readonly<Record<string, number>>, number: number): string {
  return Object.keys(table).find((name) => table[name] === number) ?? String(number);
}

export function hexOf(number: number | bigint): string {
  return `0x${number.toString(16)}`;
}

/** The parts that say something, with spaces between. */
export function words(...parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false && part !== '').join(' ');
}
