/**
 * Bodies of multipart requests and replies on one line; print.ts prints the kind of the message.
 */

import { typeOfBody } from '../messages/multipart.ts';
import { hex } from '../values/addresses.ts';
import { multipartMore, port, table } from '../values/constants.ts';
import type {
  FlowStatsFilter,
  MultipartReplyBody,
  MultipartRequestBody,
} from '../values/values.ts';
import { hexOf, printFlow, printGroup, printPortDesc, words } from './print-flow.ts';
import { printMatch, printPort } from './print-match.ts';
import { printMeter, printMeterId } from './print-meter.ts';

export function printMpType(body: MultipartRequestBody | MultipartReplyBody): string {
  return body.kind === 'other' ? `multipart:${typeOfBody(body)}` : body.kind;
}

export function printMore(flags: number): string {
  return (flags & multipartMore) !== 0 ? '[more]' : '';
}

export function printRequest(request: MultipartRequestBody): string {
  switch (request.kind) {
    case 'flow':
    case 'aggregate':
      return printFilter(request.filter);
    case 'portStats':
      return `port=${printPort(request.portNo)}`;
    case 'queueStats':
      return `port=${printPort(request.portNo)} queue_id=${hexOf(request.queueId)}`;
    case 'groupStats':
      return `group_id=${request.groupId}`;
    case 'meterStats':
    case 'meterConfig':
      return `meter=${printMeterId(request.meterId)}`;
    case 'other':
      return hex(request.body);
    default:
      return '';
  }
}

function printFilter(filter: FlowStatsFilter): string {
  return words(
    filter.tableId !== table.all && `table=${filter.tableId}`,
    filter.outPort !== port.any && `out_port=${printPort(filter.outPort)}`,
    filter.outGroup !== port.any && `out_group=${filter.outGroup}`,
    filter.cookieMask !== 0n && `cookie=${hexOf(filter.cookie)}/${hexOf(filter.cookieMask)}`,
    printMatch(filter.match),
  );
}

export function printReply(reply: MultipartReplyBody): string {
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
      return reply.tables
        .map(({ of10, ...row }) => `[${printNumbers({ ...row, ...of10 })}]`)
        .join(' ');
    case 'portStats':
      return reply.ports.map((row) => `[${printNumbers(row)}]`).join(' ');
    case 'queueStats':
      return reply.queues.map((row) => `[${printNumbers(row)}]`).join(' ');
    case 'meterFeatures':
    case 'groupFeatures': {
      const { kind: _, ...numbers } = reply;
      return `[${printNumbers(numbers)}]`;
    }
    case 'meterConfig':
      return reply.meters.map((meter) => `[${printMeter(meter)}]`).join(' ');
    case 'meterStats':
      return reply.meters.map((row) => `[${printNumbers(row)}]`).join(' ');
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
