/**
 * A switch that answers what it must, and sends packet-ins of so many hosts as fast as answers come
 * (throughput.ts).
 */
import net from 'node:net';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { header } from '../../openflow/messages/messages.ts';
import { NO_BUFFER, version } from '../../openflow/values/constants.ts';
import { cookieOf, metadataOf } from '../../translation/entries/pipeline.ts';
import { End } from './end.ts';
import * as frames from './frames.ts';
import { numbersOf } from './numbers.ts';
import { answer } from './switch.ts';

export const HOSTS = 100;
/** Of each on their way: a controller that is slower than its switches has enough to do. */
const WINDOW = 100;
const PACKET_BYTES = 64;
const numbers = numbersOf(version.of13);

/** What is counted at switches, of answers. */
export type Counted = 'packetOut' | 'flowMod';

/** In and out by these; a cable leads from the third, and of the first switch from the fourth. */
export const IN = 1;
export const OUT = 2;
export const CABLE = 3;
const PORTS = 5;

/** The hosts of a port send to the one behind the other port. */
function packetInOf(index: number, port: number, isBelow: boolean): Uint8Array {
  const id = frames.vswitchIdOf(index);
  const data = new Uint8Array(PACKET_BYTES);
  const [to, from] = port === IN ? [OUT, IN] : [IN, OUT];
  data.set([2, to, 0, 0, 0, 0, 2, from, 0, 0, 0, 0, 0x08, 0x00]);
  const own = isBelow ? [oxm('metadata', metadataOf(id, port))] : [];
  return encode(version.of13, {
    ...{ type: 'packetIn', xid: 0, bufferId: NO_BUFFER, totalLen: data.length, reason: 0 },
    ...{ tableId: isBelow ? 2 : 0, cookie: isBelow ? cookieOf('rule', id, 1) : 0n },
    match: matchOf(oxm('in_port', port), ...own),
    data,
  });
}

/** One that sends packet-ins as answers come; or, if it is not loaded, one that only answers. */
export class LoadSwitch {
  /** Answers since it began, and rules among all that came. */
  count = 0;
  rules = 0;
  #isSending = false;
  #host = 0;
  readonly #end: End;
  readonly #fromHosts: Uint8Array;
  readonly #fromOut: Uint8Array;

  constructor(port: number, dpid: number, isBelow: boolean, counted: Counted) {
    this.#fromHosts = packetInOf(dpid - 1, IN, isBelow);
    this.#fromOut = packetInOf(dpid - 1, OUT, isBelow);
    const fake = { dpid, portCount: PORTS, speaks: version.of13 };
    this.#end = new End(
      net.connect(port, '127.0.0.1'),
      (end, dv, at, length) => {
        const type = header.get.type(dv, at);
        const isRule = type === numbers.flowMod && (!isBelow || frames.laneOfRule(dv, at) >= 0);
        if (isRule) this.rules += 1;
        if (counted === 'flowMod' ? isRule : type === numbers.packetOut) this.#answered();
        else answer(end, fake, dv, at, length);
      },
      () => undefined,
    );
    this.#end.bytes(frames.hello(version.of13).bytes);
  }

  #answered(): void {
    this.count += 1;
    if (this.#isSending) this.#send();
  }

  begin(): void {
    // The one that the others send to is known from here on.
    this.#end.bytes(this.#fromOut);
    this.count = 0;
    this.rules = 0;
    this.#isSending = true;
    for (let i = 0; i < WINDOW; i += 1) this.#send();
  }

  end(): number {
    this.#isSending = false;
    return this.count;
  }

  #send(): void {
    const view = this.#end.bytes(this.#fromHosts);
    // The last byte of the sender's address.
    view.setUint8(this.#end.at - PACKET_BYTES + 11, this.#host);
    this.#host = (this.#host + 1) % HOSTS;
  }

  close(): void {
    this.#end.socket.destroy();
  }
}
