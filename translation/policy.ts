/**
 * The policy: what becomes of every message, in both directions. Read this page first.
 *
 *   answer    answered here; no datapath hears of it
 *   absorb    ends here, counted
 *   relay     passes as it is
 *   rewrite   becomes something else below or above
 *   refuse    an OpenFlow error, with the sender's xid and bytes
 *
 * `cloned` says what is different while a vswitch has several bodies (LIME 4). The tables are also
 * the dispatcher (hypervisor/controller.ts, hypervisor/datapath.ts) and the list that tests walk;
 * a message type without a line does not compile. The reserved ports have a table of their own:
 * reserved.ts.
 */
import { multipartType, port as ofpp, table, type Version } from '../openflow/constants.ts';
import { isError, ofError } from '../openflow/errors.ts';
import type { MessageName } from '../openflow/messages.ts';
import type { FlowMod, Message, OfError } from '../openflow/values.ts';
import type { Vport } from '../slices/ids.ts';
import type { Vswitch } from '../slices/snapshot.ts';

import { refuseFlowMod, refuseMatch } from './flow-mod.ts';
import { type PacketOut, refusePacketOut } from './packet-out.ts';
import { descOf, featuresReply, portDescs } from './personality.ts';
import { TENANT_TABLES } from './pipeline.ts';
import { type PortChange, portChangeOf } from './port-mod.ts';
import type { PortView } from './ports.ts';
import { refusePortNumber } from './reserved.ts';
import { isNiciraRole, niciraRoleRequestOf, type RoleRequest, roleRequestOf } from './roles.ts';
import { asyncOf, type Standing } from './standing.ts';
import type { CountersRequest } from './statistics.ts';

/** What a controller's message meets: its vswitch, and what the connection agreed. */
export interface Scene {
  readonly vswitch: Vswitch;
  /** Of this connection. */
  readonly version: Version;
  portView(vport: Vport): PortView;
  /** Of this connection: SET_CONFIG and SET_ASYNC change it. */
  readonly standing: Standing;
}

/** What the shell carries out, in the order of the connection's messages. */
export type Effect =
  | { readonly type: 'changeRules'; readonly mod: FlowMod }
  | { readonly type: 'changePort'; readonly change: PortChange }
  | { readonly type: 'changeRole'; readonly request: RoleRequest }
  | { readonly type: 'sendPacket'; readonly out: PacketOut }
  | { readonly type: 'barrier'; readonly xid: number }
  | { readonly type: 'readPorts'; readonly vports: readonly Vport[]; readonly xid: number }
  | { readonly type: 'readCounters'; readonly request: CountersRequest; readonly xid: number };

export type Verdict =
  | { readonly verdict: 'answer'; readonly message: Message }
  | { readonly verdict: 'absorb' }
  | { readonly verdict: 'refuse'; readonly error: OfError }
  | { readonly verdict: 'rewrite'; readonly effect: Effect };

export interface Line {
  readonly verdict: 'answer' | 'absorb' | 'relay' | 'rewrite' | 'refuse';
  /** Of a controller's message: what it becomes. */
  readonly handle: (scene: Scene, message: Message) => Verdict;
  readonly cloned: string;
  /** What changes the switch, a slave may not: IS_SLAVE (OF1.3.5 section 6.3.5). */
  readonly notForSlaves?: true;
}

const same = 'the same';
/** Refused before anybody looks at what is in it. */
const sentBySwitches = line('refuse', refuse('badType', 'a switch sends this'), same);

/** Controller -> switch ("south"). */
export const fromController = {
  hello: line('absorb', absorb, same),
  error: line('absorb', absorb, same),
  echoRequest: line('answer', absorb, same), // channel.ts answers, in the bytes
  echoReply: line('absorb', absorb, same),
  experimenter: line('rewrite', experimenter, same), // an allow-list
  featuresRequest: line('answer', features, same),
  getConfigRequest: line('answer', getConfig, same),
  setConfig: line('absorb', setConfig, same),
  // The plain ones stay bytes: packet-out-bytes.ts.
  packetOut: notForSlaves(line('rewrite', packetOut, 'waits for the rule changes before it')),
  flowMod: notForSlaves(line('rewrite', flowMod, 'one guarded round of all bodies')),
  groupMod: notForSlaves(line('refuse', refuse('badType', 'groups are not supported yet'), same)),
  portMod: notForSlaves(line('rewrite', portMod, 'the tables of every body')),
  tableMod: notForSlaves(line('absorb', tableMod, same)),
  meterMod: notForSlaves(line('refuse', refuse('badType', 'meters are not supported yet'), same)),
  multipartRequest: line('answer', statistics, 'counters are summed over all bodies'),
  barrierRequest: line('rewrite', barrier, 'answered when every body has answered'),
  queueGetConfigRequest: line('refuse', refuse('badType', 'queues are not supported yet'), same),
  roleRequest: line('rewrite', roleRequest, same),
  getAsyncRequest: line('answer', getAsync, same),
  setAsync: line('absorb', setAsync, same),
  featuresReply: sentBySwitches,
  getConfigReply: sentBySwitches,
  packetIn: sentBySwitches,
  flowRemoved: sentBySwitches,
  portStatus: sentBySwitches,
  multipartReply: sentBySwitches,
  barrierReply: sentBySwitches,
  queueGetConfigReply: sentBySwitches,
  roleReply: sentBySwitches,
  getAsyncReply: sentBySwitches,
} as const satisfies Record<MessageName, Line>;

/** The error for what no controller may say, whatever its bytes; undefined for other messages. */
export function refusedUnread(name: MessageName): OfError | undefined {
  if (fromController[name] !== sentBySwitches) return undefined;
  return ofError('badRequest', 'badType', `a switch sends ${name}`);
}

/** Which part of the shell a datapath's message is for. */
export type NorthRoute =
  | 'channel'
  | 'handshake'
  | 'batch'
  | 'query'
  | 'ports'
  | 'packets'
  | 'removals'
  | 'alarm';

export interface NorthLine {
  readonly verdict: Line['verdict'];
  readonly route: NorthRoute;
  readonly cloned: string;
}

/** Switch -> controller ("north"). */
export const fromDatapath = {
  hello: north('absorb', 'channel', same),
  error: north('rewrite', 'batch', 'a clone that refuses a rule ends the migration'),
  echoRequest: north('answer', 'channel', same),
  echoReply: north('absorb', 'channel', same),
  experimenter: north('absorb', 'alarm', same),
  featuresReply: north('absorb', 'handshake', same),
  getConfigReply: north('absorb', 'alarm', same),
  packetIn: north('rewrite', 'packets', 'one stream; what also forwards is sent on after it'),
  // Time-outs are the rulebook's: a switch only ever reports what we deleted, with its counters.
  flowRemoved: north('rewrite', 'removals', 'one for all bodies, counters summed'),
  portStatus: north('rewrite', 'ports', same),
  multipartReply: north('rewrite', 'query', 'summed'),
  barrierReply: north('absorb', 'batch', 'one of several'),
  queueGetConfigReply: north('absorb', 'alarm', same),
  roleReply: north('absorb', 'alarm', same),
  getAsyncReply: north('absorb', 'alarm', same),
  featuresRequest: north('refuse', 'alarm', same),
  getConfigRequest: north('refuse', 'alarm', same),
  setConfig: north('refuse', 'alarm', same),
  packetOut: north('refuse', 'alarm', same),
  flowMod: north('refuse', 'alarm', same),
  groupMod: north('refuse', 'alarm', same),
  portMod: north('refuse', 'alarm', same),
  tableMod: north('refuse', 'alarm', same),
  meterMod: north('refuse', 'alarm', same),
  multipartRequest: north('refuse', 'alarm', same),
  barrierRequest: north('refuse', 'alarm', same),
  queueGetConfigRequest: north('refuse', 'alarm', same),
  roleRequest: north('refuse', 'alarm', same),
  getAsyncRequest: north('refuse', 'alarm', same),
  setAsync: north('refuse', 'alarm', same),
} as const satisfies Record<MessageName, NorthLine>;

function line(verdict: Line['verdict'], handle: Line['handle'], cloned: string): Line {
  return { verdict, handle, cloned };
}

function notForSlaves(one: Line): Line {
  return { ...one, notForSlaves: true };
}

function north(verdict: Line['verdict'], route: NorthRoute, cloned: string): NorthLine {
  return { verdict, route, cloned };
}

function absorb(): Verdict {
  return { verdict: 'absorb' };
}

function refuse(code: Parameters<typeof ofError<'badRequest'>>[1], why: string): Line['handle'] {
  return () => ({ verdict: 'refuse', error: ofError('badRequest', code, why) });
}

function refused(error: OfError): Verdict {
  return { verdict: 'refuse', error };
}

function answer(message: Message): Verdict {
  return { verdict: 'answer', message };
}

function features({ vswitch }: Scene, { xid }: Message): Verdict {
  return answer(featuresReply(vswitch, xid));
}

function getConfig({ standing }: Scene, { xid }: Message): Verdict {
  const { flags, missSendLen } = standing;
  return answer({ type: 'getConfigReply', xid, flags, missSendLen });
}

function setConfig({ standing }: Scene, message: Message): Verdict {
  if (message.type !== 'setConfig') return absorb();
  standing.flags = message.flags;
  standing.missSendLen = message.missSendLen;
  return absorb();
}

function getAsync({ standing }: Scene, { xid }: Message): Verdict {
  return answer({ type: 'getAsyncReply', xid, ...standing.async });
}

function setAsync({ standing }: Scene, message: Message): Verdict {
  if (message.type === 'setAsync') standing.async = asyncOf(message);
  return absorb();
}

function roleRequest(_: Scene, message: Message): Verdict {
  if (message.type !== 'roleRequest') return absorb();
  return changeRole(roleRequestOf(message));
}

/** The allow-list: a role request as Nicira has it. Everything else is refused. */
function experimenter(_: Scene, message: Message): Verdict {
  if (message.type !== 'experimenter') return absorb();
  if (isNiciraRole(message)) return changeRole(niciraRoleRequestOf(message));
  const { experimenter: whose, expType } = message;
  const why = `message ${expType} of experimenter 0x${whose.toString(16)} is not offered`;
  return refused(ofError('badRequest', 'badExperimenter', why));
}

function changeRole(request: RoleRequest | OfError): Verdict {
  if (isError(request)) return refused(request);
  return { verdict: 'rewrite', effect: { type: 'changeRole', request } };
}

/** Its bits are deprecated and do nothing (OF1.3.5 section 7.3.3); the table must be there. */
function tableMod(_: Scene, message: Message): Verdict {
  if (message.type !== 'tableMod') return absorb();
  const { tableId } = message;
  if (tableId < TENANT_TABLES || tableId === table.all) return absorb();
  return refused(ofError('tableModFailed', 'badTable', `there is no table ${tableId}`));
}

function packetOut(_: Scene, message: Message): Verdict {
  if (message.type !== 'packetOut') return absorb();
  const error = refusePacketOut(message);
  if (error !== undefined) return refused(error);
  return { verdict: 'rewrite', effect: { type: 'sendPacket', out: message } };
}

function flowMod(_: Scene, message: Message): Verdict {
  if (message.type !== 'flowMod') return absorb();
  const error = refuseFlowMod(message);
  if (error !== undefined) return refused(error);
  return { verdict: 'rewrite', effect: { type: 'changeRules', mod: message } };
}

function portMod({ vswitch, version }: Scene, message: Message): Verdict {
  if (message.type !== 'portMod') return absorb();
  const change = portChangeOf(vswitch, message, version);
  if (isError(change)) return refused(change);
  return { verdict: 'rewrite', effect: { type: 'changePort', change } };
}

function barrier(_: Scene, { xid }: Message): Verdict {
  return { verdict: 'rewrite', effect: { type: 'barrier', xid } };
}

function statistics(scene: Scene, message: Message): Verdict {
  if (message.type !== 'multipartRequest') return absorb();
  const { request, xid } = message;
  switch (request.kind) {
    case 'desc':
      return reply(xid, descOf(scene.vswitch));
    case 'portDesc': {
      const ports = portDescs(scene.vswitch, (vport) => scene.portView(vport), scene.version);
      return reply(xid, { kind: 'portDesc', ports });
    }
    case 'flow':
    case 'aggregate': {
      const error = refuseMatch(request.filter.match);
      if (error !== undefined) return refused(error);
      return { verdict: 'rewrite', effect: { type: 'readCounters', request, xid } };
    }
    case 'table':
      return { verdict: 'rewrite', effect: { type: 'readCounters', request, xid } };
    case 'portStats': {
      const error = refusePortNumber(request.portNo);
      if (error !== undefined) return refused(error);
      const all = [...scene.vswitch.faces.keys()];
      // As Open vSwitch: of a port that is not there, no row.
      const vports = all.filter((one) => request.portNo === ofpp.any || request.portNo === one);
      return { verdict: 'rewrite', effect: { type: 'readPorts', vports, xid } };
    }
    case 'queueStats':
    case 'groupStats':
    case 'groupDesc':
    case 'other': {
      const why = `statistics of this kind (${request.kind}) are not supported yet`;
      const isForeign = request.kind === 'other' && request.mpType === multipartType.experimenter;
      return refused(ofError('badRequest', isForeign ? 'badExperimenter' : 'badMultipart', why));
    }
  }
}

function reply(xid: number, body: Extract<Message, { type: 'multipartReply' }>['reply']): Verdict {
  return answer({ type: 'multipartReply', xid, flags: 0, reply: body });
}
