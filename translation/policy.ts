/**
 * The policy: how every message is handled, in both directions. Read this page first.
 *
 *   answer    answered here; no datapath hears of it
 *   absorb    ends here, counted
 *   relay     passes as it is
 *   rewrite   becomes something else below or above
 *   refuse    an OpenFlow error, with the sender's xid and bytes
 *
 * `cloned` says what is different while a vswitch has several bodies (LIME 4). The tables are also
 * the dispatcher (controller.ts, datapath.ts) and the list that tests walk;
 * a message type without a line does not compile. The reserved ports have a table of their own:
 * reserved.ts.
 */

import type { ExtensionName } from '../openflow/messages/extensions.ts';
import type { MessageName } from '../openflow/messages/messages.ts';
import { version } from '../openflow/values/constants.ts';
import { isError, ofError } from '../openflow/values/errors.ts';
import type { FlowMod, Message, OfError } from '../openflow/values/values.ts';
import { bundleHandlers } from './controllers/bundles.ts';
import { extension } from './controllers/extensions.ts';
import { cancelMonitor } from './controllers/flow-monitors.ts';
import {
  asMeant,
  niciraAsync,
  niciraFlowModIn,
  setControllerId,
  setFlowFormat,
  setPacketInFormat,
  setTableIds,
} from './controllers/nicira.ts';
import { portChangeOf } from './controllers/port-mod.ts';
import {
  getAsync,
  getConfig,
  niciraRole,
  roleRequest,
  setAsync,
  setConfig,
  tableMod,
} from './controllers/settings.ts';
import { statistics } from './controllers/statistics-requests.ts';
import { absorb, answer, refused, type Scene, type Verdict } from './controllers/verdict.ts';
import { featuresReply, portDescs } from './controllers/vswitch-description.ts';
import { features10 } from './entries/versions.ts';
import { refuseFlowMod } from './requests/flow-mod.ts';
import { refuseGroupMod } from './requests/group-mod.ts';
import { refuseMeterMod } from './requests/meter-mod.ts';
import { refusePacketOut } from './requests/packet-out.ts';
import { askedPorts } from './wiring/queues.ts';

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
const sentBySwitches = line('refuse', refuse('badType', 'only switches send this'), same);

/** Controller -> switch ("south"). */
export const fromController = {
  hello: line('absorb', absorb, same),
  error: line('refuse', refuse('badType', 'nothing was asked of the controller'), same),
  echoRequest: line('answer', absorb, same), // channel.ts answers, in the bytes
  echoReply: line('absorb', absorb, same),
  experimenter: line('rewrite', (...said) => extension(fromExtensions, ...said), same),
  featuresRequest: line('answer', features, same),
  getConfigRequest: line('answer', getConfig, same),
  setConfig: line('absorb', setConfig, same),
  // The plain ones stay bytes: packet-out-bytes.ts.
  packetOut: notForSlaves(line('rewrite', packetOut, 'at the body that does the work')),
  flowMod: notForSlaves(line('rewrite', flowMod, 'on every body; one of them does all the work')),
  groupMod: notForSlaves(line('rewrite', groupMod, 'on every body; one of them does all the work')),
  portMod: notForSlaves(line('rewrite', portMod, 'the tables of every body')),
  tableMod: notForSlaves(line('absorb', tableMod, same)),
  meterMod: notForSlaves(line('rewrite', meterMod, 'on every body; one of them does all the work')),
  multipartRequest: line('answer', statistics, 'counters are summed over all bodies'),
  barrierRequest: line('rewrite', barrier, 'answered when every body has answered'),
  queueGetConfigRequest: line('rewrite', queueConfig, same),
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

/** What may be in a bundle, and when it is looked at: as it is put in, or at the commit. */
export const inBundles: Readonly<Partial<Record<MessageName, 'put' | 'commit'>>> = {
  ...{ flowMod: 'put', groupMod: 'put', packetOut: 'put', portMod: 'commit' },
};
const bundles = bundleHandlers({
  when: (name) => name && inBundles[name],
  verdict: (scene, message) => fromController[message.type].handle(scene, message),
});

/** Messages of extensions, controller -> switch: an allow list. All others are refused. */
export const fromExtensions = {
  niciraRole: line('rewrite', niciraRole, same),
  niciraFlowFormat: line('absorb', setFlowFormat, same),
  niciraFlowMod: notForSlaves(
    line('rewrite', niciraFlowMod, 'on every body; one of them does all the work'),
  ),
  niciraTableIds: line('absorb', setTableIds, same),
  niciraPacketInFormat: line('absorb', setPacketInFormat, same),
  niciraAsync: line('absorb', niciraAsync, same),
  niciraControllerId: line('absorb', setControllerId, same),
  niciraMonitorCancel: line('rewrite', cancelMonitor, same),
  onfMonitorCancel: line('rewrite', cancelMonitor, same),
  bundleControl: notForSlaves(
    line('rewrite', bundles.control, 'a commit is on every body or none'),
  ),
  bundleAdd: notForSlaves(line('absorb', bundles.add, same)),
} as const satisfies Record<ExtensionName, Line>;

/** The error for what no controller may say, whatever its bytes; undefined for other messages. */
export function refusedUnread(name: MessageName): OfError | undefined {
  if (fromController[name] !== sentBySwitches) return undefined;
  return ofError('badRequest', 'badType', `only switches send ${name}`);
}

/** Which part of the shell a datapath's message is for. */
export type FrameHandler =
  | 'channel'
  | 'handshake'
  | 'batch'
  | 'query'
  | 'ports'
  | 'packets'
  | 'flowRemoved'
  | 'alarm';

export interface FromDatapathRow {
  readonly verdict: Line['verdict'];
  readonly route: FrameHandler;
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
  packetIn: north('rewrite', 'packets', 'one stream, of one body where order can be seen'),
  // Time-outs are the rulebook's: a switch only ever reports what we deleted, with its counters.
  flowRemoved: north('rewrite', 'flowRemoved', 'one for all bodies, counters summed'),
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
} as const satisfies Record<MessageName, FromDatapathRow>;

function line(verdict: Line['verdict'], handle: Line['handle'], cloned: string): Line {
  return { verdict, handle, cloned };
}

function notForSlaves(one: Line): Line {
  return { ...one, notForSlaves: true };
}

function north(verdict: Line['verdict'], route: FrameHandler, cloned: string): FromDatapathRow {
  return { verdict, route, cloned };
}

function refuse(code: Parameters<typeof ofError<'badRequest'>>[1], why: string): Line['handle'] {
  return () => ({ verdict: 'refuse', error: ofError('badRequest', code, why) });
}

function features(scene: Scene, { xid }: Message): Verdict {
  const reply = featuresReply(scene.vswitch, xid);
  if (scene.version !== version.of10) return answer(reply);
  const ports = portDescs(scene.vswitch, (vport) => scene.portView(vport), scene.version);
  return answer(features10(reply, ports));
}

function packetOut(_: Scene, message: Message): Verdict {
  if (message.type !== 'packetOut') return absorb();
  const error = refusePacketOut(message);
  if (error !== undefined) return refused(error);
  return { verdict: 'rewrite', effect: { type: 'sendPacket', out: message } };
}

function flowMod(scene: Scene, message: Message): Verdict {
  return message.type === 'flowMod' ? changeRules(asMeant(scene, message)) : absorb();
}

function niciraFlowMod(scene: Scene, message: Message): Verdict {
  return changeRules(niciraFlowModIn(scene, message));
}

function changeRules(mod: FlowMod | OfError): Verdict {
  const error = isError(mod) ? mod : refuseFlowMod(mod);
  if (error !== undefined) return refused(error);
  return { verdict: 'rewrite', effect: { type: 'changeRules', mod: mod as FlowMod } };
}

function groupMod(_: Scene, message: Message): Verdict {
  if (message.type !== 'groupMod') return absorb();
  const error = refuseGroupMod(message);
  if (error !== undefined) return refused(error);
  return { verdict: 'rewrite', effect: { type: 'changeGroups', mod: message } };
}

function meterMod(_: Scene, message: Message): Verdict {
  if (message.type !== 'meterMod') return absorb();
  const error = refuseMeterMod(message);
  if (error !== undefined) return refused(error);
  return { verdict: 'rewrite', effect: { type: 'changeMeters', mod: message } };
}

function queueConfig({ vswitch, version: spoken }: Scene, message: Message): Verdict {
  if (message.type !== 'queueGetConfigRequest') return absorb();
  const { portNo, xid } = message;
  const vports = askedPorts(vswitch, portNo, { config: true, of10: spoken === version.of10 });
  if (isError(vports)) return refused(vports);
  return { verdict: 'rewrite', effect: { type: 'describeQueues', vports, portNo, xid } };
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
