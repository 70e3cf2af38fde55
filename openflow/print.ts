/**
 * Any message on one line: for logs, goldens and people.
 *
 * The dialect is ovs-ofctl's where it has one: see printmatch.ts, printactions.ts, printflow.ts.
 */

import { formatMac, hex } from './addresses.ts';
import {
  errorName,
  flowCommand,
  group,
  groupCommand,
  meterCommand,
  NO_BUFFER,
  port,
} from './constants.ts';
import { printActions, printInstructions } from './printactions.ts';
import {
  hexOf,
  nameOf,
  printDuration,
  printFlags,
  printGroup,
  printPortDesc,
  printRule,
  words,
} from './printflow.ts';
import { printMatch, printPort } from './printmatch.ts';
import { printMeter } from './printmeter.ts';
import { printMore, printMpType, printReply, printRequest } from './printmultipart.ts';
import type { FlowMod, Message, QueueDesc } from './values.ts';

export { printActions, printInstructions } from './printactions.ts';
export { printFlow } from './printflow.ts';
export { printMatch, printPort } from './printmatch.ts';

/** Any message on one line: its name, its xid, what it says. */
export function printMessage(message: Message): string {
  return words(`${message.type} xid=${hexOf(message.xid)}`, printBody(message));
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
        message.of10 !== undefined && `actions=${hexOf(message.of10.actions)}`,
        ...(message.of10?.ports ?? []).map((desc) => `[${printPortDesc(desc)}]`),
      );
    case 'getConfigReply':
    case 'setConfig':
      return `flags=${message.flags} miss_send_len=${message.missSendLen}`;
    case 'portStatus':
    case 'portMod':
    case 'queueGetConfigRequest':
    case 'queueGetConfigReply':
      return printPortMessage(message);
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
      return words(
        printMpType(message.request),
        printMore(message.flags),
        printRequest(message.request),
      );
    case 'multipartReply':
      return words(printMpType(message.reply), printMore(message.flags), printReply(message.reply));
    case 'roleRequest':
    case 'roleReply':
    case 'getAsyncReply':
    case 'setAsync':
    case 'tableMod':
      return printSetting(message);
    case 'meterMod': {
      const command = nameOf(meterCommand, message.command).toUpperCase();
      return words(command, printMeter(message));
    }
    default:
      return '';
  }
}

type Setting = Extract<
  Message,
  { readonly type: 'roleRequest' | 'roleReply' | 'getAsyncReply' | 'setAsync' | 'tableMod' }
>;

function printSetting(message: Setting): string {
  switch (message.type) {
    case 'roleRequest':
    case 'roleReply':
      return `role=${message.role} generation_id=${message.generationId}`;
    case 'getAsyncReply':
    case 'setAsync':
      return words(
        `packet_in=${hexOf(message.packetIn)}/${hexOf(message.packetInSlave)}`,
        `port_status=${hexOf(message.portStatus)}/${hexOf(message.portStatusSlave)}`,
        `flow_removed=${hexOf(message.flowRemoved)}/${hexOf(message.flowRemovedSlave)}`,
      );
    case 'tableMod':
      return `table=${message.tableId} config=${hexOf(message.config)}`;
  }
}

type PortMessage = Extract<
  Message,
  { readonly type: 'portStatus' | 'portMod' | 'queueGetConfigRequest' | 'queueGetConfigReply' }
>;

function printPortMessage(message: PortMessage): string {
  switch (message.type) {
    case 'portStatus':
      return words(
        String(['ADD', 'DEL', 'MOD'][message.reason] ?? message.reason),
        printPortDesc(message.desc),
      );
    case 'portMod':
      return words(
        `${printPort(message.portNo)} addr:${formatMac(message.hwAddr)}`,
        `config=${hexOf(message.config)}/${hexOf(message.mask)}`,
        `advertise=${hexOf(message.advertise)}`,
      );
    case 'queueGetConfigRequest':
      return `port=${printPort(message.portNo)}`;
    case 'queueGetConfigReply':
      return words(`port=${printPort(message.portNo)}`, ...message.queues.map(printQueue));
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
    isDelete && mod.outGroup !== group.any && `out_group:${mod.outGroup}`,
    printFlags(mod.flags),
    `actions=${printInstructions(mod.instructions)}`,
  );
}

function printQueue({ queueId, portNo, properties }: QueueDesc): string {
  const said = properties.map((property) =>
    property.type === 'other'
      ? `property:${property.number}=${hex(property.data)}`
      : `${property.type === 'minRate' ? 'min_rate' : 'max_rate'}=${property.rate}`,
  );
  return `[${words(`queue_id=${hexOf(queueId)} port=${printPort(portNo)}`, ...said)}]`;
}

function printBuffer(bufferId: number): string {
  return bufferId === NO_BUFFER ? 'unbuffered' : `buffer=${hexOf(bufferId)}`;
}
