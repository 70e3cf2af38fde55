/** The fields of packets that simulated switches look at and set. */

import { oxmNumber } from '../../openflow/match/match.ts';
import { bytesNumber } from '../../openflow/match/oxm.ts';
import { packetType } from '../../openflow/values/constants.ts';
import { fieldByNumber } from '../../openflow/values/fields.ts';
import type { Action, Match, Oxm } from '../../openflow/values/values.ts';
import type { Frame, Walk } from './pipeline.ts';

/** Of hosts' frames. */
export const ETHERTYPE = 0x88b6;
const NSH = 0x894f;

export function retag(walk: Walk, tags: readonly number[]): void {
  walk.frame = { ...walk.frame, tags };
}

/** Sets bits of the outer tag, which there is then. */
export function setTag(walk: Walk, kept: number, bits: number): void {
  const [outer = 0, ...inner] = walk.frame.tags;
  retag(walk, [(outer & kept) | bits, ...inner]);
}

export function set(walk: Walk, field: Oxm): void {
  const number = oxmNumber(field);
  const name = fieldByNumber(field.oxmClass, field.field)?.name;
  if (name === 'metadata') walk.metadata = number;
  else if (name === 'reg0') walk.reg0 = number;
  else if (name === 'reg2') walk.reg2 = number;
  else if (name === 'nxm_in_port') walk.inPort = Number(number);
  else if (name === 'eth_dst') walk.frame = { ...walk.frame, dst: Number(number) };
  else if (name === 'eth_src') walk.frame = { ...walk.frame, src: Number(number) };
  else if (name === 'vlan_vid') setTag(walk, 0xe000, Number(number) & 0xfff);
  else if (name === undefined) throw new Error('the simulated switch knows no such field');
  else walk.registers?.set(name, number); // Frames here have no other headers.
}

/** What a packet has in a field. */
export function readField(walk: Walk, name: string): bigint {
  return readers[name]?.(walk) ?? walk.registers?.get(name) ?? 0n;
}

/** Bits of a field to the lowest of a register. */
export function move(walk: Walk, action: Extract<Action, { type: 'move' }>): void {
  const { from, fromBit = 0, bits, to } = action;
  const value = readField(walk, nameOfHeader(from)) >> BigInt(fromBit);
  walk.registers?.set(nameOfHeader(to), value & ((1n << BigInt(bits)) - 1n));
}

/** Some bits of reg0, or of the addresses of the frame around a frame. */
export function load(walk: Walk, action: Extract<Action, { type: 'load' }>): void {
  const { field, firstBit, bits, value } = action;
  const name = addresses.get(field);
  const { wrapping } = walk.frame;
  if (nameOfHeader(field) === 'reg0') {
    const others = walk.reg0 & ~(((1n << BigInt(bits)) - 1n) << BigInt(firstBit));
    walk.reg0 = others | (value << BigInt(firstBit));
    return;
  }
  if (name === undefined || wrapping?.isBare !== false) {
    throw new Error('the simulated switch loads addresses of frames around frames only');
  }
  const kept = wrapping[name] & ~(((1n << BigInt(bits)) - 1n) << BigInt(firstBit));
  const whole = { ...wrapping, [name]: kept | (value << BigInt(firstBit)) };
  walk.frame = { ...walk.frame, wrapping: whole };
}

/** NXM_OF_ETH_DST and NXM_OF_ETH_SRC. */
const addresses = new Map<number, 'dst' | 'src'>([
  [0x0206, 'dst'],
  [0x0406, 'src'],
]);

/** NXM_OF_VLAN_TCI: its lower 13 bits are OpenFlow's field. */
const VLAN_TCI = 0x0802;

/** The field that an action names by its header. */
export function nameOfHeader(header: number): string {
  const address = addresses.get(header);
  if (address !== undefined) return `eth_${address}`;
  if (header === VLAN_TCI) return 'vlan_vid';
  return fieldByNumber(Math.floor(header / 0x1_0000), (header >> 9) & 0x7f)?.name ?? '?';
}

function addressOf({ frame }: Walk, name: 'dst' | 'src'): bigint {
  return frame.wrapping?.isBare === false ? frame.wrapping[name] : BigInt(frame[name]);
}

/** What a packet has in each field that the simulated switch can look at. */
const readers: Readonly<Record<string, (walk: Walk) => bigint>> = {
  in_port: (walk) => BigInt(walk.inPort),
  metadata: (walk) => walk.metadata,
  reg0: (walk) => walk.reg0,
  reg2: (walk) => walk.reg2,
  pkt_mark: () => 0n,
  eth_dst: (walk) => addressOf(walk, 'dst'),
  eth_src: (walk) => addressOf(walk, 'src'),
  eth_type: ({ frame }) => BigInt(frame.wrapping === undefined ? (frame.type ?? ETHERTYPE) : NSH),
  vlan_vid: ({ frame }) => {
    const [tag] = frame.wrapping === undefined ? frame.tags : [];
    return tag === undefined ? 0n : BigInt(0x1000 + (tag & 0xfff));
  },
  vlan_pcp: ({ frame }) => BigInt((frame.tags[0] ?? 0) >> 13),
};

/** Those of them that a packet comes with; others are where the switch keeps something. */
const ofPackets = ['in_port', 'eth_dst', 'eth_src', 'eth_type', 'vlan_vid', 'vlan_pcp'];

/** A packet, as cached flows know it. */
export type Key = ReadonlyMap<string, bigint>;

export function keyOf(walk: Walk): Key {
  return new Map([...ofPackets, 'pkt_mark'].map((name) => [name, readers[name]?.(walk) ?? 0n]));
}

interface Look {
  readonly name: string;
  readonly read: (walk: Walk) => bigint;
  readonly isMasked: boolean;
  readonly mask: bigint;
  readonly value: bigint;
}

const looks = new WeakMap<Oxm, Look>();

/** A field is read once from its bytes, and looked at for every packet. */
export function lookOf(field: Oxm): Look {
  const known = looks.get(field);
  if (known !== undefined) return known;
  const name = fieldByNumber(field.oxmClass, field.field)?.name ?? '?';
  const isRegister = name.startsWith('reg');
  const read =
    readers[name] ?? (isRegister ? (walk: Walk) => walk.registers?.get(name) ?? 0n : null);
  if (read === null) throw new Error(`the simulated switch cannot match ${name}`);
  const isMasked = field.mask !== undefined;
  const mask = field.mask === undefined ? -1n : bytesNumber(field.mask);
  const look = { name, read, isMasked, mask, value: oxmNumber(field) };
  looks.set(field, look);
  return look;
}

export function isMet(walk: Walk, field: Oxm): boolean {
  return meets(walk, lookOf(field));
}

function meets(walk: Walk, { read, isMasked, mask, value }: Look): boolean {
  return (isMasked ? read(walk) & mask : read(walk)) === value;
}

const looksOfMatches = new WeakMap<Match, readonly Look[]>();

/** Whether all fields are met. */
export function areMet(walk: Walk, match: Match): boolean {
  let all = looksOfMatches.get(match);
  if (all === undefined) {
    all = match.map(lookOf);
    looksOfMatches.set(match, all);
  }
  for (const look of all) if (!meets(walk, look)) return false;
  return true;
}

export function wrapped(frame: Frame, type: number): Frame {
  if (type === packetType.nsh) return { ...frame, wrapping: { dst: 0n, src: 0n, isBare: true } };
  if (type !== packetType.ethernet || frame.wrapping?.isBare !== true) {
    throw new Error(`no switch puts a header of type ${type} there`);
  }
  return { ...frame, wrapping: { dst: 0n, src: 0n, isBare: false } };
}

/** The network service header says that a frame follows. */
export function unwrapped({ wrapping, ...frame }: Frame): Frame {
  if (wrapping === undefined) throw new Error('it would be no frame any more');
  return wrapping.isBare ? frame : { ...frame, wrapping: { ...wrapping, isBare: true } };
}

export function copyOf(walk: Walk): Walk {
  return { ...walk, registers: new Map(walk.registers) };
}
