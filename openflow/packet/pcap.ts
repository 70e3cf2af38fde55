/**
 * OpenFlow messages as a packet capture (pcap, the format of libpcap's `savefile(5)`), which tshark
 * and Wireshark read: each is in made-up segments of TCP between made-up addresses, since the real
 * ones may be encrypted, or on no network at all. The controller's port is 6653, by which these
 * programs recognise OpenFlow.
 */

import { internetChecksum } from './frames.ts';
import * as head from './packet-headers.ts';

/** Of one conversation, `[side, number]`: side 1 is a controller and its vswitch, 2 a body. */
export interface Conversation {
  readonly number: number;
  /** Whether messages of ours come from the controller's end of it. */
  readonly isOurs: 'controller' | 'switch';
}

const MAGIC = 0xa1b2_c3d4;
const ETHERNET = 1;
const SNAP_BYTES = 0x4_0000;
const OPENFLOW_PORT = 6653;
const FIRST_PORT = 20_000;
/** Of a segment: IP's length has 16 bits. */
const SEGMENT_BYTES_MAX = 32_000;
const ACK_PUSH = 0x18;

/** What a file begins with. */
export function pcapHeader(): Uint8Array {
  const file = new Uint8Array(24);
  const dv = new DataView(file.buffer);
  dv.setUint32(0, MAGIC);
  dv.setUint16(4, 2);
  dv.setUint16(6, 4);
  dv.setUint32(16, SNAP_BYTES);
  dv.setUint32(20, ETHERNET);
  return file;
}

/** Sequence numbers go on from message to message. */
export class Pcap {
  readonly #sent = new Map<string, number>();

  /** The records of one message; `fromController`: from that end of the conversation. */
  *records(
    { number, isOurs }: Conversation,
    fromController: boolean,
    atMs: number,
    message: Uint8Array,
  ): Generator<Uint8Array> {
    const [there, back] = [`${number} ${fromController}`, `${number} ${!fromController}`];
    const own = isOurs === 'controller' ? 1 : 2;
    const addresses = {
      controller: Uint8Array.of(10, 0, own === 1 ? 0 : 1, own === 1 ? 1 : number & 0xff),
      switch: Uint8Array.of(10, 0, own === 1 ? 1 : 0, own === 1 ? number & 0xff : 1),
    };
    for (let at = 0; at < message.length; at += SEGMENT_BYTES_MAX) {
      const payload = message.subarray(at, at + SEGMENT_BYTES_MAX);
      const sequence = this.#sent.get(there) ?? 1;
      this.#sent.set(there, sequence + payload.length);
      const ports = { controller: OPENFLOW_PORT, switch: FIRST_PORT + number };
      const [from, to] = fromController
        ? (['controller', 'switch'] as const)
        : (['switch', 'controller'] as const);
      const tcp = {
        src: ports[from],
        dst: ports[to],
        sequence: sequence >>> 0,
        acknowledgement: (this.#sent.get(back) ?? 1) >>> 0,
      };
      yield record(atMs, frame(addresses[from], addresses[to], tcp, payload));
    }
  }
}

interface TcpParts {
  readonly src: number;
  readonly dst: number;
  readonly sequence: number;
  readonly acknowledgement: number;
}

function frame(src: Uint8Array, dst: Uint8Array, tcp: TcpParts, payload: Uint8Array): Uint8Array {
  const ipAt = head.ethernet.size + 2;
  const tcpAt = ipAt + head.ipv4.size;
  const bytes = new Uint8Array(tcpAt + head.tcp.size + payload.length);
  const dv = new DataView(bytes.buffer);
  head.ethernet.write(dv, 0, {
    src: Uint8Array.of(2, 0, ...src),
    dst: Uint8Array.of(2, 0, ...dst),
  });
  dv.setUint16(head.ethernet.size, 0x0800);
  head.ipv4.write(dv, ipAt, {
    versionAndSize: 0x45,
    tos: 0,
    totalLength: bytes.length - ipAt,
    id: 0,
    fragment: 0,
    ttl: 64,
    protocol: 6,
    checksum: 0,
    src,
    dst,
  });
  head.ipv4.set.checksum(dv, ipAt, internetChecksum(bytes.subarray(ipAt, tcpAt)));
  const offsetAndFlags = ((head.tcp.size / 4) << 12) | ACK_PUSH;
  const rest = { offsetAndFlags, window: 0xffff, checksum: 0, urgent: 0 };
  head.tcp.write(dv, tcpAt, { ...tcp, ...rest });
  bytes.set(payload, tcpAt + head.tcp.size);
  return bytes;
}

/** `atMs` since 1970. */
function record(atMs: number, packet: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16 + packet.length);
  const dv = new DataView(bytes.buffer);
  dv.setUint32(0, Math.floor(atMs / 1000));
  dv.setUint32(4, Math.floor((atMs % 1000) * 1000));
  dv.setUint32(8, packet.length);
  dv.setUint32(12, packet.length);
  bytes.set(packet, 16);
  return bytes;
}
