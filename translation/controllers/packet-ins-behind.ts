/**
 * Packet-ins that are like the one before them: of the same vswitch, whatever their packets are.
 * When nobody would be told of that one, these need not be looked at one by one.
 */

import { header, messages, packetIn, packetIn10 } from '../../openflow/messages/messages.ts';
import { type Version, version } from '../../openflow/values/constants.ts';

/** Of an Ethernet frame: where the tag is that may say whose it is, with its type. */
const TAG_AT = 12;
const TAG_END = TAG_AT + 4;
/** What may differ: the transaction, the buffer and the length of the packet. */
const FROM_10 = packetIn10.offset.inPort;
const FROM_13 = packetIn.offset.reason;

export interface Behind {
  count: number;
  bytes: number;
}

/**
 * Counts those right behind the packet-in at `at`, up to `end`. None, where a tag of ours was taken
 * out of it (flat/packet-in.ts): it is no more what it was.
 */
export function countBehind(
  behind: Behind,
  speaks: Version,
  dv: DataView,
  at: number,
  end: number,
  dataAt: number,
): void {
  behind.count = 0;
  behind.bytes = 0;
  const length = header.get.length(dv, at);
  const packetAt = speaks === version.of10 ? packetIn10.size : packetAt13(dv, at, length);
  if (packetAt !== dataAt || length < dataAt + TAG_END) return;
  const from = speaks === version.of10 ? FROM_10 : FROM_13;
  const head = dv.getUint32(at);
  const tag = dv.getUint32(at + dataAt + TAG_AT);
  for (let next = at + length; next + length <= end; next += length) {
    if (dv.getUint32(next) !== head || dv.getUint32(next + dataAt + TAG_AT) !== tag) return;
    for (let i = from; i < dataAt; i += 2) {
      if (dv.getUint16(next + i) !== dv.getUint16(at + i)) return;
    }
    behind.count += 1;
    behind.bytes += length;
  }
}

function packetAt13(dv: DataView, at: number, length: number): number {
  if (length < messages.packetIn.minimum) return -1;
  return packetIn.size + ((dv.getUint16(at + packetIn.size + 2) + 7) & ~7) + 2;
}
