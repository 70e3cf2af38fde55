/**
 * A switch as cbench's are (the original, of the oflops project, is a program in C; this is a load
 * of the same shape): OpenFlow 1.0, packet-ins by the flood or one at a time, and hardly an answer.
 *
 * It begins to send when it has said its features, whether anybody is ready. Of statistics it knows
 * its description, and says nothing to any other question; its echo replies have no body. When it
 * counts, it throws away what has come and was not looked at: barriers, too.
 */
import net from 'node:net';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode, encodeMultipartReply } from '../../openflow/messages/codec.ts';
import { header, multipart10 } from '../../openflow/messages/messages.ts';
import { flowCommand, multipartType, version } from '../../openflow/values/constants.ts';
import { ofError } from '../../openflow/values/errors.ts';
import type { PortDesc } from '../../openflow/values/values.ts';
import { End } from './end.ts';
import { numbersOf } from './numbers.ts';

const PORTS = 4;
const BUFFERS = 100_000;
/** What it has waiting at any time, in throughput mode. */
const OUTBOX_BYTES = 65_536;
/** Packet-ins of a switch on their way: not cbench's, but what its throughput mode is held to. */
const WINDOW = 1_000;
const COMMAND_AT = 56;
const PACKET_AT = 18;
const BUFFER_AT = 8;
const of10 = numbersOf(version.of10);
const VENDOR = 4;
const CONFIG_REQUEST = 7;

export type Mode = 'latency' | 'window' | 'throughput';

export class CbenchSwitch {
  readonly dpid: number;
  #mode: Mode = 'latency';
  /** Answers that ever came, also when nobody counts. */
  seen = 0;
  /** Answers to packet-ins since it counted last: flow-mods that add, and packet-outs. */
  #count = 0;
  #isReady = false;
  #isSending = false;
  /** In this turn of the event loop nothing that comes is looked at. */
  #isDeaf = false;
  #isFilling = false;
  #waiting = 0;
  #mac = 0;
  #buffer = 1;
  readonly #macs: number;
  readonly #packetIn: Uint8Array;
  readonly #end: End;
  readonly #onGone: (why: string) => void;

  constructor(port: number, dpid: number, macs: number, onGone: (why: string) => void) {
    this.dpid = dpid;
    this.#macs = macs;
    this.#onGone = onGone;
    this.#packetIn = packetInOf(dpid);
    this.#end = new End(
      net.connect(port, '127.0.0.1'),
      (_, dv, at, length) => this.#take(dv, at, length),
      (why) => this.#onGone(why),
    );
    this.#end.bytes(encode(version.of10, { type: 'hello', xid: 1, versions: [version.of10] }));
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  begin(mode: Mode): void {
    this.#mode = mode;
    this.#isSending = true;
    this.#count = 0;
    this.#waiting = 0;
    this.#fill();
  }

  /** What came in since `begin`; what waits to be read is thrown away. */
  end(): number {
    this.#isSending = false;
    this.#isDeaf = true;
    setImmediate(() => {
      this.#isDeaf = false;
    });
    return this.#count;
  }

  close(): void {
    this.#end.socket.destroy();
  }

  #fill(): void {
    if (!this.#isReady || !this.#isSending) return;
    if (this.#mode !== 'throughput') {
      const most = this.#mode === 'latency' ? 1 : WINDOW;
      while (this.#waiting < most) this.#send();
      return;
    }
    const { socket } = this.#end;
    if (socket.destroyed || this.#isFilling) return;
    const room = OUTBOX_BYTES - socket.writableLength;
    for (let i = 0; i < room / this.#packetIn.length; i++) this.#send();
    this.#end.flush();
    // Once in each turn of the event loop, as cbench does it with poll.
    this.#isFilling = true;
    setImmediate(() => {
      this.#isFilling = false;
      this.#fill();
    });
  }

  #send(): void {
    this.#waiting += 1;
    const { length } = this.#packetIn;
    const view = this.#end.bytes(this.#packetIn);
    const at = this.#end.at - length;
    view.setUint32(at + BUFFER_AT, this.#buffer);
    // Four of the sender's bytes count; its last one, and the receiver's, are the switch's.
    view.setUint32(at + PACKET_AT + 7, this.#mac, true);
    view.setUint8(at + PACKET_AT + 11, this.dpid);
    this.#buffer = (this.#buffer + 1) % BUFFERS;
    this.#mac = (this.#mac + 1) % this.#macs;
  }

  #answered(): void {
    this.seen += 1;
    if (!this.#isSending) return;
    this.#count += 1;
    this.#waiting -= 1;
    if (this.#mode !== 'throughput') this.#fill();
  }

  #take(dv: DataView, at: number, length: number): void {
    if (this.#isDeaf && this.#isReady) return;
    const xid = header.get.xid(dv, at);
    switch (header.get.type(dv, at)) {
      case of10.packetOut:
        this.#answered();
        break;
      case of10.flowMod: {
        const command = dv.getUint16(at + COMMAND_AT);
        const isAnswer = command === flowCommand.add || command === flowCommand.modifyStrict;
        if (isAnswer) this.#answered();
        break;
      }
      case of10.featuresRequest:
        this.#end.bytes(featuresOf(this.dpid, xid));
        this.#isReady = true;
        this.#fill();
        break;
      case CONFIG_REQUEST:
        this.#end.bytes(
          encode(version.of10, { type: 'getConfigReply', xid, flags: 0, missSendLen: 0 }),
        );
        break;
      case VENDOR: {
        const { errorType, errorCode } = ofError(
          'badRequest',
          'badExperimenter',
          'no vendor is known',
        );
        const data = new Uint8Array(dv.buffer, dv.byteOffset + at, Math.min(length, 64));
        this.#end.bytes(encode(version.of10, { type: 'error', xid, errorType, errorCode, data }));
        break;
      }
      case of10.echoRequest:
        this.#end.bytes(encode(version.of10, { type: 'echoReply', xid, data: new Uint8Array(0) }));
        break;
      case of10.barrierRequest:
        this.#end.bytes(encode(version.of10, { type: 'barrierReply', xid }));
        break;
      case of10.multipartRequest:
        if (multipart10.get.mpType(dv, at) !== multipartType.desc) break;
        for (const frame of encodeMultipartReply(version.of10, xid, description)) {
          this.#end.bytes(frame);
        }
        break;
      default:
    }
  }
}

const description = {
  ...({ kind: 'desc', manufacturer: 'a load like that of cbench', hardware: 'none' } as const),
  ...{ software: 'none', serial: 'none', datapath: 'none' },
} as const;

function packetInOf(dpid: number): Uint8Array {
  const data = new Uint8Array(64);
  data.set([0, 0, 0, 0, 0, dpid, 0, 0, 0, 0, 0, dpid, 0x08, 0x00, 0x45, 0, 0, 50]);
  data.set([64, 255, 0, 0, 192, 168, 0, 40, 192, 168, 1, 40], 22);
  return encode(version.of10, {
    ...{ type: 'packetIn', xid: 0, bufferId: 1, totalLen: data.length, reason: 0, tableId: 0 },
    ...{ cookie: 0n, match: matchOf(oxm('in_port', 1)), data },
  });
}

function featuresOf(dpid: number, xid: number): Uint8Array {
  const ports = Array.from({ length: PORTS }, (_, i): PortDesc => {
    const speeds = { curr: 0xc0, advertised: 0, supported: 0, peer: 0, currSpeed: 0, maxSpeed: 0 };
    const hwAddr = Uint8Array.of(2, 0, 0, 0, dpid, i + 1);
    return { portNo: i + 1, hwAddr, name: `veth${i + 1}`, config: 0, state: 0, ...speeds };
  });
  return encode(version.of10, {
    ...{ type: 'featuresReply', xid, dpid: BigInt(dpid), bufferCount: 256, tableCount: 2 },
    ...{ auxiliaryId: 0, capabilities: 0, of10: { actions: 0x7ff, ports } },
  });
}
