/**
 * Conversions for messages of OpenFlow 1.0 whose fields do not map directly to our values (1.3's).
 *
 * Beside their lines in messages.ts: `heard` makes the value of what the wire says, `said` the
 * other way round. What a switch reports is said as far as 1.0 goes, as Open vSwitch does it.
 */

import { errorFrom10, errorTo10 } from '../layout/errors10.ts';
import { layout, u32, type ValuesOf } from '../layout/layout.ts';
import { list, meaning, type Part, rest, struct } from '../layout/struct.ts';
import { fieldOf, matchOf, oxm, oxmNumber } from '../match/match.ts';
import { isExact } from '../match/match10.ts';
import {
  flowCommand,
  flowRemovedReason,
  port as ofpp,
  packetInReason,
  table,
  version,
} from '../values/constants.ts';
import { ofError } from '../values/errors.ts';
import type { Message, MessageOf, OfError, PortDesc, QueueDesc } from '../values/values.ts';
import { flowMod10, type packetIn10 } from './message-layouts.ts';
import { port10 } from './structs.ts';

/** Without its type, which stands for itself. */
type Said<N extends Message['type']> = Omit<MessageOf<N>, 'type'>;
type Mod = Said<'flowMod'>;

/** Errors have other numbers. */
export const error10 = {
  heard: (raw: Said<'error'>) => {
    return { ...raw, ...errorFrom10(raw.errorType, raw.errorCode, raw.data) };
  },
  said: (message: Said<'error'>) => ({ ...message, ...errorTo10(message) }),
};

/** A vendor need not say a type; one that does says it first, as experimenters do. */
const vendorType: Part<number> = {
  minimum: 0,
  isExact: false,
  read: (dv, at, end) =>
    at + 4 <= end ? { value: dv.getUint32(at), size: 4 } : { value: 0, size: end - at },
  write: (to, type) => {
    const at = to.room(4);
    to.dv.setUint32(at, type);
  },
};

export const vendor10 = { expType: vendorType, data: rest };

/** What only 1.0's features say. */
const features = struct('actions', layout('Actions10', { actions: u32 }), { ports: list(port10) });
type Features = { readonly actions: number; readonly ports: readonly PortDesc[] };
const of10: Part<Features | undefined> = meaning(
  features as Part<Features>,
  (said) => said,
  (given) => given ?? { actions: 0, ports: [] },
);
export const features10 = { of10 };

/** The port is all of a match that it says. */
export const in10 = {
  heard: ({ inPort, ...raw }: ValuesOf<typeof packetIn10> & { data: Uint8Array }) => {
    return { ...raw, match: matchOf(oxm('in_port', inPort)) };
  },
  said: (message: Said<'packetIn'>) => {
    const inPort = fieldOf(message.match, 'in_port');
    return {
      ...message,
      // 1.0 has no reason for a bad TTL: the packet went up by an action of the switch's own.
      reason: Math.min(message.reason, packetInReason.action),
      inPort: inPort === undefined ? ofpp.any : Number(oxmNumber(inPort)),
    };
  },
};

export const removed10 = {
  said: (message: Said<'flowRemoved'>) => {
    return { ...message, reason: Math.min(message.reason, flowRemovedReason.delete) };
  },
};

/** OFPFF_*: 1.0's emergency flag has the number of 1.3's resetCounts. */
const flags = { known: 3, emergency: 4 } as const;
const highestPriority = 0xffff;

export const mod10 = {
  heard: (raw: Mod, dv: DataView, at: number): Mod | OfError => {
    const { command, idleTimeoutSec, hardTimeoutSec, priority } = raw;
    const wrong = refuseFlags(raw.flags, idleTimeoutSec + hardTimeoutSec > 0);
    if (wrong) return wrong;
    const isDelete = command === flowCommand.delete || command === flowCommand.deleteStrict;
    return {
      ...raw,
      version: version.of10,
      // 1.0 knows no tables: what it adds is in the first, what it deletes is anywhere.
      tableId: isDelete ? table.all : 0,
      // "An entry that specifies an exact match ... is always the highest priority" (section 3.4).
      priority: isExact(dv, at + flowMod10.offset.match) ? highestPriority : priority,
    };
  },
  said: (mod: Mod) => ({ ...mod, flags: mod.flags & flags.known }),
};

/** The emergency table is "not required" (section 4.6), and refused as Open vSwitch does it. */
export function refuseFlags(bits: number, hasTimeout: boolean): OfError | undefined {
  if ((bits & ~(flags.known | flags.emergency)) !== 0) {
    return ofError('flowModFailed', 'badFlags', `flags 0x${bits.toString(16)}`);
  }
  if ((bits & flags.emergency) === 0) return undefined;
  const code = hasTimeout ? 'badEmergTimeout' : 'tableFull';
  return ofError('flowModFailed', code, 'there is no emergency flow table');
}

/** Queues do not repeat their port. */
type Queues = { portNo: number; xid: number; queues: readonly Omit<QueueDesc, 'portNo'>[] };
export const theirPort = {
  heard: (raw: Queues): Said<'queueGetConfigReply'> => {
    const { portNo } = raw;
    return { ...raw, queues: raw.queues.map((queue) => ({ ...queue, portNo })) };
  },
};
