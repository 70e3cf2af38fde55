/**
 * A vswitch whose two controllers change and monitor its rules, for tests.
 */
import { matchOf, oxm } from '../../openflow/match/match.ts';
import {
  errorName,
  flowCommand,
  groupCommand,
  port as ofpp,
} from '../../openflow/values/constants.ts';
import type { FlowMod, Message } from '../../openflow/values/values.ts';
import { everything, rowText, updatesIn } from '../openflow/monitored.ts';
import { twoDatapaths } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { FakeNetwork } from './fake-switches.ts';
import type { Peer } from './fake-world.ts';

export const barrier: Message = { type: 'barrierRequest', xid: 99 };
export const FULL = { errorType: 5, errorCode: 1 };
export const on = (i: number) => ({ match: matchOf(oxm('eth_dst', i)) });
export const add = (i: number, more: Partial<FlowMod> = {}): FlowMod =>
  flowMod({ xid: 100 + i, ...on(i), instructions: outputs(2), ...more });
export const remove = (more: Partial<FlowMod> = {}) =>
  flowMod({ xid: 200, command: flowCommand.delete, tableId: 0xff, ...more });
export const group = (command: number, groupId: number): Message => {
  const actions = [{ type: 'output', port: 2, maxLen: 0 } as const];
  const bucket = { weight: 0, watchPort: ofpp.any, watchGroup: 0xffff_ffff, actions };
  const buckets = command === groupCommand.delete ? [] : [bucket];
  return { type: 'groupMod', xid: 300, command, groupType: 0, groupId, buckets };
};
export const notOwn = everything.filter((flag) => flag !== 'own');

export function started() {
  const controllers = '[tcp:127.0.0.1:7001, tcp:127.0.0.1:7002]';
  const text = twoDatapaths('settle 60ms').replace('[tcp:127.0.0.1:7001]', controllers);
  const net = FakeNetwork.started(text);
  const [runtime] = net.hypervisor.runtimes();
  if (runtime === undefined) throw new Error('no vswitch');
  const [red, other] = [net.controller(7001), net.controller(7002)];
  const says = (peer: Peer, ...messages: readonly Message[]): readonly string[] => {
    peer.says(...messages);
    net.run(400);
    return told(peer);
  };
  return { net, runtime, red, other, says };
}

/** What a controller is told, less echoes. */
export function told(peer: Peer): readonly string[] {
  return peer.received().flatMap((message) => {
    if (message.type === 'echoRequest') return [];
    const { xid } = message;
    if (message.type === 'error')
      return [`${xid} ${errorName(message.errorType, message.errorCode)}`];
    const rows = updatesIn(message);
    if (rows !== undefined) return [[xid, ...rows.map(rowText)].join(' | ')];
    return [`${xid} ${message.type === 'experimenter' ? message.expType : message.type}`];
  });
}

export const row = (i: number): string => i.toString(16).padStart(12, '0');
