/**
 * Prints any message on one line: for logs, goldens and people.
 *
 * The dialect is ovs-ofctl's where it has one: see print-match.ts, print-actions.ts, print-flow.ts.
 */

import { formatMac, hex } from '../values/addresses.ts';
import {
  errorName,
  flowCommand,
  group,
  groupCommand,
  meterCommand,
  NO_BUFFER,
  port,
} from '../values/constants.ts';
import type { FlowMod, Message, MessageOf, QueueDesc } from '../values/values.ts';
import { printActions, printInstructions } from './print-actions.ts';
import {
  hexOf,
  nameOf,
  printDuration,
  printFlags,
  printGroup,
  printPortDesc,
  printRule,
  words,
} from './print-flow.ts';
import { printMatch, printPort } from './print-match.ts';
import { printMeter } from './print-meter.ts';
import { printMore, printMpType, printReply, printRequest } from './print-multipart.ts';

export { printActions, printInstructions } from './print-actions.ts';
export { printFlow } from './print-flow.ts';
export { printMatch, printPort } from './print-match.ts';

/** Any message on one line: its name, its xid, what it says. */
export function printMessage(message: Message): string {
  // The line of its own type, whose argument is of that type.
  const print = printers[message.type] as (message: Message) => string;
  return words(`${message.type} xid=${hexOf(message.xid)}`, print(message));
}

const nothing = (): string => '';
const printData = ({ data }: MessageOf<'echoRequest'>): string => words(hex(data));
const printConfig = ({ flags, missSendLen }: MessageOf<'setConfig'>): string =>
  `flags=${flags} miss_send_len=${missSendLen}`;
const printRole = ({ role, generationId }: MessageOf<'roleReply'>): string =>
  `role=${role} generation_id=${generationId}`;

type Printers = { readonly [T in Message['type']]: (message: MessageOf<T>) => string };

const printers: Printers = {
  hello: ({ versions }) => `versions=${versions.join(',')}`,
  error: ({ errorType, errorCode, data }) => `${errorName(errorType, errorCode)} data=${hex(data)}`,
  echoRequest: printData,
  echoReply: printData,
  experimenter: ({ experimenter, expType, data }) =>
    `${hexOf(experimenter)}:${expType} data=${hex(data)}`,
  featuresRequest: nothing,
  featuresReply: printFeatures,
  getConfigRequest: nothing,
  getConfigReply: printConfig,
  setConfig: printConfig,
  packetIn: (message) =>
    words(
      `table_id=${message.tableId} cookie=${hexOf(message.cookie)} total_len=${message.totalLen}`,
      printMatch(message.match),
      `(via ${['no_match', 'action', 'invalid_ttl'][message.reason] ?? message.reason})`,
      `${printBuffer(message.bufferId)} data=${hex(message.data)}`,
    ),
  flowRemoved: (message) =>
    words(
      printRule(message),
      `reason=${['idle', 'hard', 'delete', 'group_delete'][message.reason] ?? message.reason}`,
      `table_id=${message.tableId} cookie=${hexOf(message.cookie)}`,
      `duration=${printDuration(message.durationSec, message.durationNsec)}`,
      `idle=${message.idleTimeoutSec} hard=${message.hardTimeoutSec}`,
      `pkts=${message.packetCount} bytes=${message.byteCount}`,
    ),
  portStatus: ({ reason, desc }) =>
    words(['ADD', 'DEL', 'MOD'][reason] ?? String(reason), printPortDesc(desc)),
  packetOut: (message) =>
    words(
      `in_port=${printPort(message.inPort)} actions=${printActions(message.actions)}`,
      `${printBuffer(message.bufferId)} data=${hex(message.data)}`,
    ),
  flowMod: printFlowMod,
  groupMod: ({ command, groupId, groupType, buckets }) =>
    words(nameOf(groupCommand, command).toUpperCase(), printGroup(groupId, groupType, buckets)),
  portMod: ({ portNo, hwAddr, config, mask, advertise }) =>
    words(
      `${printPort(portNo)} addr:${formatMac(hwAddr)}`,
      `config=${hexOf(config)}/${hexOf(mask)} advertise=${hexOf(advertise)}`,
    ),
  tableMod: ({ tableId, config }) => `table=${tableId} config=${hexOf(config)}`,
  multipartRequest: ({ request, flags }) =>
    words(printMpType(request), printMore(flags), printRequest(request)),
  multipartReply: ({ reply, flags }) =>
    words(printMpType(reply), printMore(flags), printReply(reply)),
  barrierRequest: nothing,
  barrierReply: nothing,
  queueGetConfigRequest: ({ portNo }) => `port=${printPort(portNo)}`,
  queueGetConfigReply: ({ portNo, queues }) =>
    words(`port=${printPort(portNo)}`, ...queues.map(printQueue)),
  roleRequest: printRole,
  roleReply: printRole,
  getAsyncRequest: nothing,
  getAsyncReply: printAsync,
  setAsync: printAsync,
  meterMod: (message) =>
    words(nameOf(meterCommand, message.command).toUpperCase(), printMeter(message)),
};

function printFeatures(message: MessageOf<'featuresReply'>): string {
  const { dpid, bufferCount, tableCount, auxiliaryId, capabilities, of10 } = message;
  return words(
    `dpid=${dpid.toString(16).padStart(16, '0')} n_buffers=${bufferCount}`,
    `n_tables=${tableCount} auxiliary=${auxiliaryId} capabilities=${hexOf(capabilities)}`,
    of10 !== undefined && `actions=${hexOf(of10.actions)}`,
    ...(of10?.ports ?? []).map((desc) => `[${printPortDesc(desc)}]`),
  );
}

function printAsync(message: MessageOf<'setAsync'>): string {
  return words(
    `packet_in=${hexOf(message.packetIn)}/${hexOf(message.packetInSlave)}`,
    `port_status=${hexOf(message.portStatus)}/${hexOf(message.portStatusSlave)}`,
    `flow_removed=${hexOf(message.flowRemoved)}/${hexOf(message.flowRemovedSlave)}`,
  );
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
