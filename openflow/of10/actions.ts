/**
 * Actions of OpenFlow 1.0, bytes to values and back (OF1.0.1 section 5.2.4).
 *
 * As ../actions.ts is for 1.3: an action type is one row. Most of what 1.0 does to packets has no
 * equal in 1.3 and values of its own (values.ts); where a value of 1.3 means the same as an action
 * of 1.0 it is written as that one, and `unsaidInActions` names what cannot be.
 */

import { readExperimenter, writeActions as writeActions13 } from '../actions.ts';
import { port as ofpp } from '../constants.ts';
import { isError, ofError } from '../errors.ts';
import { type FieldName, fieldByNumber } from '../fields.ts';
import { oxm, oxmNumber } from '../oxm.ts';
import type { Action, Action10, Instruction, OfError, Oxm } from '../values.ts';
import type { Sized, Writer } from '../writer.ts';
import { portFrom10, portTo10 } from './ports.ts';
import { actionLayouts as layouts } from './structs.ts';

/** OFPAT_*. */
const numbers = {
  output: 0,
  setVlanVid: 1,
  setVlanPcp: 2,
  stripVlan: 3,
  setDlSrc: 4,
  setDlDst: 5,
  setNwSrc: 6,
  setNwDst: 7,
  setNwTos: 8,
  setTpSrc: 9,
  setTpDst: 10,
  enqueue: 11,
} as const;
/** OFPAT_VENDOR: the same as 1.3's experimenter. */
const vendor = 0xffff;

interface Reader {
  /** Exact length in bytes; absent where it varies. */
  readonly size?: number;
  read(dv: DataView, at: number, length: number, strict: boolean): Action | OfError;
}

const { output, vlanVid, vlanPcp, dlAddr, nwAddr, nwTos, tpPort, enqueue } = layouts;

const readers = new Map<number, Reader>([
  [numbers.output, { size: 8, read: readOutput }],
  [numbers.setVlanVid, { size: 8, read: readVlanVid }],
  [numbers.setVlanPcp, { size: 8, read: readVlanPcp }],
  [numbers.stripVlan, { size: 8, read: () => ({ type: 'stripVlan' }) }],
  [numbers.setDlSrc, { size: 16, read: (dv, at) => setMac('eth_src', dlAddr.get.address(dv, at)) }],
  [numbers.setDlDst, { size: 16, read: (dv, at) => setMac('eth_dst', dlAddr.get.address(dv, at)) }],
  [numbers.setNwSrc, { size: 8, read: (dv, at) => setNw('setNwSrc', dv, at) }],
  [numbers.setNwDst, { size: 8, read: (dv, at) => setNw('setNwDst', dv, at) }],
  [numbers.setNwTos, { size: 8, read: readTos }],
  [numbers.setTpSrc, { size: 8, read: (dv, at) => setTp('setTpSrc', dv, at) }],
  [numbers.setTpDst, { size: 8, read: (dv, at) => setTp('setTpDst', dv, at) }],
  [numbers.enqueue, { size: 16, read: readEnqueue }],
  [vendor, { read: readExperimenter }],
]);

function readOutput(dv: DataView, at: number): Action {
  const { port, maxLen } = output.read(dv, at);
  return { type: 'output', port: portFrom10(port), maxLen };
}

function readVlanVid(dv: DataView, at: number, _length: number, strict: boolean): Action | OfError {
  const vid = vlanVid.get.vid(dv, at);
  if (strict && vid > 0xfff) return ofError('badAction', 'badArgument', `VLAN id ${vid}`);
  return { type: 'setVlanVid', vid };
}

function readVlanPcp(dv: DataView, at: number, _length: number, strict: boolean): Action | OfError {
  const pcp = vlanPcp.get.pcp(dv, at);
  if (strict && pcp > 7) return ofError('badAction', 'badArgument', `VLAN priority ${pcp}`);
  return { type: 'setVlanPcp', pcp };
}

function readTos(dv: DataView, at: number, _length: number, strict: boolean): Action | OfError {
  const tos = nwTos.get.tos(dv, at);
  if (strict && (tos & 3) !== 0) return ofError('badAction', 'badArgument', `ToS ${tos} has ECN`);
  return { type: 'setNwTos', tos };
}

function setMac(name: 'eth_src' | 'eth_dst', address: Uint8Array): Action {
  return { type: 'setField', oxm: oxm(name, address) };
}

function setNw(type: 'setNwSrc' | 'setNwDst', dv: DataView, at: number): Action {
  return { type, address: nwAddr.get.address(dv, at) };
}

function setTp(type: 'setTpSrc' | 'setTpDst', dv: DataView, at: number): Action {
  return { type, port: tpPort.get.port(dv, at) };
}

function readEnqueue(dv: DataView, at: number, _length: number, strict: boolean): Action | OfError {
  const { port, queueId } = enqueue.read(dv, at);
  const found = portFrom10(port);
  // "Should refer to a valid physical port or OFPP_IN_PORT" (section 5.2.4).
  const hasQueues = found <= 0xff00 || found === ofpp.inPort || found === ofpp.local;
  if (strict && !hasQueues) {
    return ofError('badAction', 'badOutPort', `0x${port.toString(16)} has no queues`);
  }
  return { type: 'enqueue', port: found, queueId };
}

const only10 = {
  setVlanVid: true,
  setVlanPcp: true,
  stripVlan: true,
  setNwSrc: true,
  setNwDst: true,
  setNwTos: true,
  setTpSrc: true,
  setTpDst: true,
  enqueue: true,
} as const satisfies Record<Action10['type'], true>;

/** Is this one of those that 1.3 does not have? */
export function is10(action: Action): action is Action10 {
  return Object.hasOwn(only10, action.type);
}

/** Reads the actions in [at, end). `strict`: as a controller asks (see ../matchwire.ts). */
export function readActions(
  dv: DataView,
  at: number,
  end: number,
  strict: boolean,
): Action[] | OfError {
  const actions: Action[] = [];
  for (let next = at; next < end; ) {
    if (next + 8 > end) return ofError('badAction', 'badLen', 'cut in an action');
    const { type, length } = layouts.plain.read(dv, next);
    if (length < 8 || length % 8 !== 0 || next + length > end) {
      return ofError('badAction', 'badLen', `action ${type} of ${length} bytes`);
    }
    const row = readers.get(type);
    if (!row) return ofError('badAction', 'badType', `action ${type}`);
    if (row.size !== undefined && row.size !== length) {
      return ofError('badAction', 'badLen', `action ${type} of ${length} bytes`);
    }
    const action = row.read(dv, next, length, strict);
    if (isError(action)) return action;
    actions.push(action);
    next += length;
  }
  return actions;
}

/** A rule's list of actions in 1.0 is one instruction of 1.3. */
export function instructionsFrom10(actions: readonly Action[]): Instruction[] {
  return actions.length === 0 ? [] : [{ type: 'applyActions', actions }];
}

/** The actions that 1.0 can say of some instructions: those that are applied at once. */
export function actionsTo10(instructions: readonly Instruction[]): readonly Action[] {
  return instructions.flatMap((one) => (one.type === 'applyActions' ? one.actions : []));
}

/** Why 1.0 cannot say these instructions; undefined when it can. */
export function unsaidInInstructions(instructions: readonly Instruction[]): string | undefined {
  const other = instructions.find(({ type }) => type !== 'applyActions');
  if (other) return `OpenFlow 1.0 has no instruction ${other.type}`;
  return unsaidInActions(actionsTo10(instructions));
}

/** Why 1.0 cannot say these actions; undefined when it can. */
export function unsaidInActions(actions: readonly Action[]): string | undefined {
  for (const action of actions) {
    if (writerOf(action) !== undefined) continue;
    return action.type === 'setField'
      ? `OpenFlow 1.0 cannot set ${fieldNameOf(action.oxm)}`
      : `OpenFlow 1.0 has no action ${action.type} of this kind`;
  }
  return undefined;
}

/** Writes those that 1.0 can say. */
export function writeActions(to: Writer, actions: readonly Action[]): void {
  for (const action of actions) writerOf(action)?.(to);
}

type Write = (to: Writer) => void;

/** What writes this action; undefined when 1.0 cannot say it. */
function writerOf(action: Action): Write | undefined {
  switch (action.type) {
    case 'output': {
      const { maxLen } = action;
      const port = portTo10(action.port);
      return port === undefined ? undefined : put(output, numbers.output, { port, maxLen });
    }
    case 'enqueue': {
      const { queueId } = action;
      const port = portTo10(action.port);
      return port === undefined ? undefined : put(enqueue, numbers.enqueue, { port, queueId });
    }
    case 'setVlanVid':
      return put(vlanVid, numbers.setVlanVid, { vid: action.vid });
    case 'setVlanPcp':
      return put(vlanPcp, numbers.setVlanPcp, { pcp: action.pcp });
    case 'stripVlan':
    case 'popVlan': // only where there is a tag: the same
      return put(layouts.plain, numbers.stripVlan, {});
    case 'setNwSrc':
    case 'setNwDst':
      return put(nwAddr, numbers[action.type], { address: action.address });
    case 'setNwTos':
      return put(nwTos, numbers.setNwTos, { tos: action.tos });
    case 'setTpSrc':
    case 'setTpDst':
      return put(tpPort, numbers[action.type], { port: action.port });
    case 'setField':
      return writerOfField(action.oxm);
    case 'resubmit':
    case 'move':
    case 'experimenter':
      return (to) => writeActions13(to, [action]);
    case 'group':
    case 'setQueue':
    case 'pushVlan':
    case 'pushMpls':
    case 'popMpls':
    case 'pushPbb':
    case 'popPbb':
    case 'copyTtlOut':
    case 'copyTtlIn':
    case 'setMplsTtl':
    case 'decMplsTtl':
    case 'setNwTtl':
    case 'decNwTtl':
      return undefined;
  }
}

/** The layouts above, all of which begin with type and length. */
interface ActionLayout<V> extends Sized {
  readonly size: number;
  write(dv: DataView, at: number, values: V & { type: number }): void;
}

function put<V extends object>(layout: ActionLayout<V>, type: number, values: V): Write {
  return (to) => {
    const at = to.room(layout.size);
    layout.write(to.dv, at, { ...values, type });
    to.end(layout, at);
  };
}

/** 1.0 has one action for either address, and 1.3's value for it. */
function writerOfField(one: Oxm): Write | undefined {
  const name = fieldNameOf(one);
  const address = one.value;
  if (name === 'eth_src') return put(dlAddr, numbers.setDlSrc, { address });
  if (name === 'eth_dst') return put(dlAddr, numbers.setDlDst, { address });
  const action = setters[name as FieldName]?.(one);
  return action && writerOf(action);
}

/**
 * An action as a switch of 1.0 says it when it is asked what it does: what 1.3 has another value
 * for is written as 1.0's own (`writerOf`), and is read as that.
 */
export function heardAs10(action: Action): Action {
  if (action.type === 'popVlan') return { type: 'stripVlan' };
  if (action.type !== 'setField') return action;
  return setters[fieldNameOf(action.oxm) as FieldName]?.(action.oxm) ?? action;
}

/** Fields that 1.3 sets only in packets that have them: there, 1.0's actions do the same. */
const setters: { readonly [N in FieldName]?: (oxm: Oxm) => Action10 } = {
  vlan_vid: (one) => ({ type: 'setVlanVid', vid: Number(oxmNumber(one)) & 0xfff }),
  vlan_pcp: (one) => ({ type: 'setVlanPcp', pcp: Number(oxmNumber(one)) }),
  ip_dscp: (one) => ({ type: 'setNwTos', tos: Number(oxmNumber(one)) << 2 }),
  ipv4_src: ({ value }) => ({ type: 'setNwSrc', address: value }),
  ipv4_dst: ({ value }) => ({ type: 'setNwDst', address: value }),
  tcp_src: (one) => ({ type: 'setTpSrc', port: Number(oxmNumber(one)) }),
  tcp_dst: (one) => ({ type: 'setTpDst', port: Number(oxmNumber(one)) }),
  udp_src: (one) => ({ type: 'setTpSrc', port: Number(oxmNumber(one)) }),
  udp_dst: (one) => ({ type: 'setTpDst', port: Number(oxmNumber(one)) }),
  sctp_src: (one) => ({ type: 'setTpSrc', port: Number(oxmNumber(one)) }),
  sctp_dst: (one) => ({ type: 'setTpDst', port: Number(oxmNumber(one)) }),
};

function fieldNameOf(one: Oxm): string {
  return fieldByNumber(one.oxmClass, one.field)?.name ?? `field ${one.oxmClass}:${one.field}`;
}
