/**
 * Flows as `ovs-ofctl -O OpenFlow13 dump-flows` shows them, and any message on one line.
 *
 * The lines are for logs, goldens and people. Matches are printmatch.ts's, actions printactions.ts's.
 */

import { hex } from './addresses.ts';
import { errorName, flowCommand, flowFlag, groupCommand, groupType, NO_BUFFER, port } from './constants.ts';
import { messageNames } from './messages.ts';
import { typeOfBody } from './multipart.ts';
import { printActions, printInstructions } from './printactions.ts';
import { printMatch, printPort } from './printmatch.ts';
import type {
  Bucket,
  FlowMod,
  FlowStats,
  FlowStatsFilter,
  Message,
  MultipartReplyBody,
  MultipartRequestBody,
  PortDesc,
} from './values.ts';

export { printActions, printInstructions } from './printactions.ts';
export { printMatch, printPort } from './printmatch.ts';

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
function printRule(rule: { readonly priority: number; readonly match: FlowStats['match'] }): string {
  const priority = rule.priority === defaultPriority ? '' : `priority=${rule.priority}`;
  return [priority, printMatch(rule.match)].filter((part) => part !== '').join(',');
}

function printFlags(flags: number): string {
  return flagNames.map(([flag, name]) => ((flags & flag) !== 0 ? name : '')).filter(Boolean).join(' ');
}

/** Seconds, with as many decimals as say something. */
function printDuration(sec: number, nsec: number): string {
  const fraction = nsec === 0 ? '' : `.${String(nsec).padStart(9, '0').replace(/0+$/, '')}`;
  return `${sec}${fraction}s`;
}

/** Any message on one line: its name, its xid, what it says. */
export function printMessage(message: Message): string {
  const name = message.type === 'raw' ? (messageNames[message.messageType] ?? 'raw') : message.type;
  return words(`${name} xid=${hexOf(message.xid)}`, printBody(message));
}

function printBody(message: Message): string {
  switch (message.type) {
    case 'hello':
      return `versions=${message.versions.join(',')}`;
    case 'error':
      return `${errorName(message.errorType, message.errorCode)} data=${hex(message.data)}`;
    case 'echoRequest':
    case 'echoReply':
      return words(hex(message.data));
    case 'experimenter':
      return `${hexOf(message.experimenter)}:${message.expType} data=${hex(message.data)}`;
    case 'featuresReply':
      return words(
        `dpid=${message.dpid.toString(16).padStart(16, '0')} n_buffers=${message.bufferCount}`,
        `n_tables=${message.tableCount} auxiliary=${message.auxiliaryId}`,
        `capabilities=${hexOf(message.capabilities)}`,
      );
    case 'getConfigReply':
    case 'setConfig':
      return `flags=${message.flags} miss_send_len=${message.missSendLen}`;
    case 'portStatus':
      return `${['ADD', 'DEL', 'MOD'][message.reason] ?? message.reason} ${printPortDesc(message.desc)}`;
    case 'flowMod':
      return printFlowMod(message);
    case 'groupMod':
      return words(
        nameOf(groupCommand, message.command).toUpperCase(),
        printGroup(message.groupId, message.groupType, message.buckets),
      );
    case 'packetIn':
    case 'packetOut':
    case 'flowRemoved':
      return printPacketMessage(message);
    case 'multipartRequest':
      return words(printMpType(message.request), more(message.flags), printRequest(message.request));
    case 'multipartReply':
      return words(printMpType(message.reply), more(message.flags), printReply(message.reply));
    case 'roleRequest':
    case 'roleReply':
      return `role=${message.role} generation_id=${message.generationId}`;
    case 'raw':
      return hex(message.body);
    default:
      return '';
  }
}

type PacketMessage = Extract<Message, { readonly type: 'packetIn' | 'packetOut' | 'flowRemoved' }>;

function printPacketMessage(message: PacketMessage): string {
  switch (message.type) {
    case 'packetIn':
      return words(
        `table_id=${message.tableId} cookie=${hexOf(message.cookie)} total_len=${message.totalLen}`,
        printMatch(message.match),
        `(via ${['no_match', 'action', 'invalid_ttl'][message.reason] ?? message.reason})`,
        `${printBuffer(message.bufferId)} data=${hex(message.data)}`,
      );
    case 'packetOut':
      return words(
        `in_port=${printPort(message.inPort)} actions=${printActions(message.actions)}`,
        `${printBuffer(message.bufferId)} data=${hex(message.data)}`,
      );
    case 'flowRemoved':
      return words(
        printRule(message),
        `reason=${['idle', 'hard', 'delete', 'group_delete'][message.reason] ?? message.reason}`,
        `table_id=${message.tableId} cookie=${hexOf(message.cookie)}`,
        `duration=${printDuration(message.durationSec, message.durationNsec)}`,
        `idle=${message.idleTimeoutSec} hard=${message.hardTimeoutSec}`,
        `pkts=${message.packetCount} bytes=${message.byteCount}`,
      );
  }
}

const commandNames: readonly string[] = ['ADD', 'MOD', 'MOD_STRICT', 'DEL', 'DEL_STRICT'];

function printFlowMod(mod: FlowMod): string {
  const isDelete = mod.command >= flowCommand.delete;
  return words(
    commandNames[mod.command] ?? `command:${mod.command}`,
    `table:${mod.tableId}`,
    printRule(mod),
    `cookie:${hexOf(mod.cookie)}${mod.cookieMask === 0n ? '' : `/${hexOf(mod.cookieMask)}`}`,
    mod.idleTimeoutSec > 0 && `idle:${mod.idleTimeoutSec}`,
    mod.hardTimeoutSec > 0 && `hard:${mod.hardTimeoutSec}`,
    mod.bufferId !== NO_BUFFER && `buf:${hexOf(mod.bufferId)}`,
    isDelete && mod.outPort !== port.any && `out_port:${printPort(mod.outPort)}`,
    isDelete && mod.outGroup !== port.any && `out_group:${mod.outGroup}`,
    printFlags(mod.flags),
    `actions=${printInstructions(mod.instructions)}`,
  );
}

function printGroup(groupId: number, type: number, buckets: readonly Bucket[]): string {
  const text = buckets.map(printBucket).join('');
  return `group_id=${groupId},type=${nameOf(groupType, type)}${text}`;
}

function printBucket(bucket: Bucket): string {
  const weight = bucket.weight === 0 ? '' : `weight:${bucket.weight},`;
  const watchPort = bucket.watchPort === port.any ? '' : `watch_port:${printPort(bucket.watchPort)},`;
  const watchGroup = bucket.watchGroup === port.any ? '' : `watch_group:${bucket.watchGroup},`;
  return `,bucket=${weight}${watchPort}${watchGroup}actions=${printActions(bucket.actions)}`;
}

function printPortDesc(desc: PortDesc): string {
  const { portNo, name, hwAddr, config, state } = desc;
  const flags = `config=${hexOf(config)} state=${hexOf(state)}`;
  return `${printPort(portNo)}(${name}): addr:${hex(hwAddr).replace(/..(?!$)/g, '$&:')} ${flags}`;
}

function printMpType(body: MultipartRequestBody | MultipartReplyBody): string {
  return body.kind === 'other' ? `multipart:${typeOfBody(body)}` : body.kind;
}

function more(flags: number): string {
  return (flags & 1) === 1 ? '[more]' : '';
}

function printRequest(request: MultipartRequestBody): string {
  switch (request.kind) {
    case 'flow':
    case 'aggregate':
      return printFilter(request.filter);
    case 'portStats':
      return `port=${printPort(request.portNo)}`;
    case 'groupStats':
      return `group_id=${request.groupId}`;
    case 'other':
      return hex(request.body);
    default:
      return '';
  }
}

function printFilter(filter: FlowStatsFilter): string {
  return words(
    filter.tableId !== 0xff && `table=${filter.tableId}`,
    filter.outPort !== port.any && `out_port=${printPort(filter.outPort)}`,
    filter.outGroup !== port.any && `out_group=${filter.outGroup}`,
    filter.cookieMask !== 0n && `cookie=${hexOf(filter.cookie)}/${hexOf(filter.cookieMask)}`,
    printMatch(filter.match),
  );
}

function printReply(reply: MultipartReplyBody): string {
  switch (reply.kind) {
    case 'desc': {
      const { manufacturer, hardware, software, serial, datapath } = reply;
      return JSON.stringify([manufacturer, hardware, software, serial, datapath]);
    }
    case 'flow':
      return reply.flows.map((flow) => `[${printFlow(flow)}]`).join(' ');
    case 'aggregate':
      return `packets=${reply.packetCount} bytes=${reply.byteCount} flows=${reply.flowCount}`;
    case 'groupDesc':
      return reply.groups
        .map((group) => `[${printGroup(group.groupId, group.groupType, group.buckets)}]`)
        .join(' ');
    case 'portDesc':
      return reply.ports.map((desc) => `[${printPortDesc(desc)}]`).join(' ');
    case 'table':
      return reply.tables.map((row) => `[${printNumbers(row)}]`).join(' ');
    case 'portStats':
      return reply.ports.map((row) => `[${printNumbers(row)}]`).join(' ');
    case 'groupStats':
      return reply.groups.map((row) => `[${printNumbers(row)}]`).join(' ');
    case 'other':
      return hex(reply.body);
  }
}

/** A row of counters, field by field; lists inside it as their own rows. */
function printNumbers(row: object): string {
  const pairs = Object.entries(row).map(([name, value]) => {
    const inner = Array.isArray(value) ? `(${value.map(printNumbers).join(';')})` : String(value);
    return `${name}=${inner}`;
  });
  return pairs.join(' ');
}

function nameOf(table: Readonly<Record<string, number>>, number: number): string {
  return Object.keys(table).find((name) => table[name] === number) ?? String(number);
}

function hexOf(number: number | bigint): string {
  return `0x${number.toString(16)}`;
}

/** The parts that say something, with spaces between. */
function words(...parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false && part !== '').join(' ');
}
