/** The fields of packets that simulated switches look at and set. */

import { oxmNumber } from '../../openflow/match/match.ts';
import { bytesNumber } from '../../openflow/match/oxm.ts';
import { fieldByNumber } from '../../openflow/values/fields.ts';
import type { Action, Oxm } from '../../openflow/values/values.ts';
import type { Walk } from './pipeline.ts';

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

/** Some bits of the addresses of the frame around a frame. */
export function load(walk: Walk, action: Extract<Action, { type: 'load' }>): void {
  const { field, firstBit, bits, value } = action;
  const name = addresses.get(field);
  const { wrapping } = walk.frame;
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

/** The field that an action names by its header. */
export function nameOfHeader(header: number): string {
  const address = addresses.get(header);
  if (address !== undefined) return `eth_${address}`;
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
};

/** Those of them that a packet comes with; others are where the switch keeps something. */
const ofPackets = ['in_port', 'eth_dst', 'eth_src', 'eth_type', 'vlan_vid'];

/** A packet, as cached flows know it. */
export type Key = ReadonlyMap<string, bigint>;

export function keyOf(walk: Walk): Key {
  return new Map([...ofPackets, 'pkt_mark'].map((name) => [name, readers[name]?.(walk) ?? 0n]));
}

interface Look {
  readonly name: string;
  readonly read: (walk: Walk) => bigint;
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
  const mask = field.mask === undefined ? -1n : bytesNumber(field.mask);
  const look = { name, read, mask, value: oxmNumber(field) };
  looks.set(field, look);
  return look;
}

export function isMet(walk: Walk, field: Oxm): boolean {
  const { read, mask, value } = lookOf(field);
  return (read(walk) & mask) === value;
}
