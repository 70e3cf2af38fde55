/**
 * Canaries show when a change is in force in all cached flows of a datapath (docs/DESIGN.md, "Flips
 * of a canary").
 *
 *   neighbour --packet-out--> cable --> datapath: the canary's entry writes its version into the
 *       ^                                  |      frame, and sends it back
 *       '--packet-in-- its probes' entry <-'
 *
 * Each frame says a number that nobody can guess, and counts once. The version is in the address
 * that the frame comes back from, and is a number that nobody can guess before the entry is there:
 * what a stranger sees of either is of no use to him. A frame that was sent back already has
 * another address than one that asks, so no second canary takes it.
 *
 * These are frames of the kind of link probes (link-probe.ts): what carries those carries them, the
 * same entry sends them up, and no host can send one that gets here, for the canary's entry takes
 * what comes by its cable only.
 */
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { port as ofpp, vlan } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { Port } from '../../slices/ids.ts';
import { frameOut } from '../entries/frame-output.ts';
import type { PhysicalFlow } from '../entries/physical-tables.ts';
import { cookieOf } from '../entries/pipeline.ts';
import { PROBE_ETHERTYPE } from './link-probe.ts';

/** The first bytes of the address that a frame comes from: asking, and sent back. */
const [ASKS, SHOWS] = [
  [0x02, 0x01],
  [0x02, 0x02],
] as const;
const TO = 0x03;
const ASKING = '02:01:00:00:00:00';
const FROM_AT = 6;
const VERSION_AT = 8;
const TYPE_AT = 12;
const NUMBER_AT = 14;
/** 32 bits each. */
const NUMBER_WORDS = 4;
const FRAME_BYTES = 60;
const HIGHEST = 0xffff;

/** Sends canary frames that come by a cable's port back, with a version of 32 bits. */
export function canaryFlow(port: Port, version: number): PhysicalFlow {
  const from = new Uint8Array(6);
  from.set(SHOWS, 0);
  new DataView(from.buffer).setUint32(VERSION_AT - FROM_AT, version);
  return {
    tableId: 0,
    priority: HIGHEST,
    match: matchOf(
      oxm('in_port', port),
      oxm('eth_dst', '03:00:00:00:00:00'),
      oxm('eth_src', ASKING),
      oxm('eth_type', PROBE_ETHERTYPE),
      oxm('vlan_vid', vlan.none),
    ),
    instructions: [
      {
        type: 'applyActions',
        actions: [
          { type: 'setField', oxm: oxm('eth_src', from) },
          { type: 'output', port: ofpp.inPort, maxLen: 0 },
        ],
      },
    ],
    cookie: cookieOf('canary', 0, port),
  };
}

/** A packet-out that sends a canary frame out of a port; `number` has four words of 32 bits. */
export function canaryOut(port: Port, number: readonly number[]): Message {
  const data = new Uint8Array(FRAME_BYTES);
  const dv = new DataView(data.buffer);
  data[0] = TO;
  data.set(ASKS, FROM_AT);
  dv.setUint16(TYPE_AT, PROBE_ETHERTYPE);
  for (const [i, word] of number.entries()) dv.setUint32(NUMBER_AT + 4 * i, word);
  return frameOut(data, port);
}

export function numberText(number: readonly number[]): string {
  return number.join(' ');
}

/** What looks like a canary frame that has come up. */
export interface CanaryFrame {
  /** As `numberText` writes it. */
  readonly number: string;
  /** Undefined where no canary has sent it back. */
  readonly version: number | undefined;
}

/** Undefined for every other packet. */
export function canaryIn(data: Uint8Array): CanaryFrame | undefined {
  if (data.length < FRAME_BYTES || data[0] !== TO) return undefined;
  const dv = new DataView(data.buffer, data.byteOffset, data.length);
  const is = (from: readonly number[]): boolean =>
    from.every((byte, i) => data[FROM_AT + i] === byte);
  const isBack = is(SHOWS);
  if (dv.getUint16(TYPE_AT) !== PROBE_ETHERTYPE || !(isBack || is(ASKS))) return undefined;
  const words = Array.from({ length: NUMBER_WORDS }, (_, i) => dv.getUint32(NUMBER_AT + 4 * i));
  const version = isBack ? dv.getUint32(VERSION_AT) : undefined;
  return { number: numberText(words), version };
}
