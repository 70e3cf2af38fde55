/**
 * Queues: those of a tenant that exist, and how a packet finds the one that its rule chose.
 *
 * A queue belongs to the physical port where the packet leaves, which may be on another datapath
 * than the rule. So a rule only says in reg3 which queue it wants. The egress table, which knows
 * the vport, chooses the datapath's queue, or says in reg4 which of the vport's queues it is; that
 * goes with the frame, in what we wrap it in or in the priority bits of our tag (ways.ts), and the
 * datapath where the way ends chooses the queue by it. A queue that was not granted changes
 * nothing, as one that is not there on Open vSwitch.
 */

import { oxm } from '../../openflow/match/match.ts';
import { sizeOf } from '../../openflow/messages/codec.ts';
import { ofError, port as ofpp, version } from '../../openflow/values/constants.ts';
import { fields, headerOf } from '../../openflow/values/fields.ts';
import type { Action, Message, OfError, Oxm, QueueStats } from '../../openflow/values/values.ts';
import type { Queues } from '../../slices/config/queues.ts';
import { LOCAL, type Vport } from '../../slices/ids.ts';
import type { Attachment, Vswitch } from '../../slices/network/snapshot.ts';
import { refusePortNumber } from '../entries/reserved.ts';
import { fitting } from '../entries/versions.ts';

/** What `set_queue` becomes. */
export function wantQueue(queueId: number): Action {
  return { type: 'setField', oxm: wanted(queueId) };
}

/** No queue is wanted: what a packet has that enters. */
export const wantNoQueue: Action = { type: 'setField', oxm: oxm('reg3', 0) };

/** 0 is for none, so a number is one more; OFPQ_ALL is no queue's. */
function wanted(queueId: number): Oxm {
  return oxm('reg3', (queueId + 1) >>> 0);
}

/** NXAST_POP_QUEUE (nicira-ext.h): the packet's next output is by the default queue again. */
export const popQueue: Action = {
  type: 'experimenter',
  experimenter: 0x2320,
  data: Uint8Array.of(0, 5, 0, 0, 0, 0, 0, 0),
};

/**
 * What a packet matches that wants a queue of the vport, and its way around `toGroup`: its host is
 * plugged in `here`, or at the end of a way; at both while it moves.
 */
export function queueWays(
  queues: Queues,
  { here, away }: { readonly here: boolean; readonly away: boolean },
  toGroup: Action,
) {
  return [...queues].map(([theirs, below], i) => ({
    match: wanted(theirs),
    actions: [
      ...(here ? [setQueue(below)] : []),
      ...(away ? [place(placeOf(i))] : []),
      toGroup,
      ...(here ? [popQueue] : []),
      ...(away ? [place(0)] : []),
    ],
  }));
}

/** Of a frame with our tag, the priority bits say which of the queues it is. */
export const tagQueue: Action = {
  type: 'move',
  bits: 3,
  from: headerOf(fields.reg4),
  to: headerOf(fields.vlan_pcp),
};

/** Where a way ends: the place of each queue, and what is done before its frames leave. */
export function queueEnds(queues: Queues): readonly { place: number; first: Action }[] {
  return [...queues.values()].map((below, i) => ({ place: placeOf(i), first: setQueue(below) }));
}

/** Where a way begins: the place of each queue, and what a packet has that wants it. */
export function placesOf(queues: Queues): readonly { place: number; wants: Oxm }[] {
  return [...queues.keys()].map((_, i) => ({ place: placeOf(i), wants: placed(placeOf(i)) }));
}

/** What a frame of the `i`th queue of a port carries; 0 is for none. */
function placeOf(i: number): number {
  return i + 1;
}

function place(number: number): Action {
  return { type: 'setField', oxm: placed(number) };
}

function placed(number: number): Oxm {
  return oxm('reg4', number);
}

function setQueue(queueId: number): Action {
  return { type: 'setQueue', queueId };
}

/** The queues of what a vport leads to; a virtual link's cables are the operator's. */
export function queuesOf(attachment: Attachment | undefined): Queues {
  return attachment?.type === 'host' ? attachment.queues : noQueues;
}

const noQueues: Queues = new Map();

export function hasQueues({ ports }: Vswitch): boolean {
  return [...ports.values()].some((one) => queuesOf(one).size > 0);
}

/**
 * Open vSwitch says of a queue that it is there, and nothing of its rates. This reply is one frame:
 * of more than it has room for, the first; each port may be asked for by itself.
 */
export function queueConfigReply(
  { portNo, xid }: { readonly portNo: number; readonly xid: number },
  rows: readonly QueueStats[],
): Message {
  const queues = rows.map((row) => ({
    queueId: row.queueId,
    portNo: row.portNo,
    properties: [],
  }));
  const reply = (count: number): Message => {
    return { type: 'queueGetConfigReply', xid, portNo, queues: queues.slice(0, count) };
  };
  return reply(fitting((count) => sizeOf(version.of13, reply(count)), queues.length));
}

/** The vports whose queues a request means, or its error, as from Open vSwitch. */
export function askedPorts(
  { ports }: Vswitch,
  portNo: number,
  is: { readonly config: boolean; readonly of10: boolean },
): readonly Vport[] | OfError {
  const error = refusePortNumber(portNo);
  if (error !== undefined) return error;
  // Of queues' configuration, 1.0 asks one port at a time (OF1.0.1 section 5.3.4).
  if (portNo === ofpp.any && !(is.config && is.of10)) return [...ports.keys()];
  if (ports.has(portNo as Vport)) return [portNo as Vport];
  if (portNo === LOCAL && !is.config) return [];
  return ofError('queueOpFailed', 'badPort', `port ${portNo} does not exist or has no queues`);
}
