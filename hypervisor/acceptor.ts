/**
 * Connections from switches, until they have said who they are (OF1.3.5 section 6.3).
 *
 *   hello -> features-request -> features-reply: a dpid of the configuration, and nobody there yet
 *   -> port descriptions -> the datapath's (datapath.ts)
 *
 * Whoever says nothing, something else, or the dpid of a switch that is connected, is refused.
 */

import { decode } from '../openflow/codec.ts';
import { version } from '../openflow/constants.ts';
import { isError } from '../openflow/errors.ts';
import type { PortDesc } from '../openflow/values.ts';
import { type Dpid, dpidText } from '../slices/ids.ts';
import { limits } from '../slices/limits.ts';
import { whyNotWanted } from '../slices/tls.ts';
import { Channel } from './channel.ts';
import type { Datapath } from './datapath.ts';
import type { Log } from './log.ts';
import type { Cancel, Connection, ConnectionUser, World } from './world.ts';

export interface AcceptorUser {
  datapathOf(dpid: bigint): Datapath | undefined;
  /** The datapath is known, its ports are read, its tables are not yet right. */
  onConnected(datapath: Datapath): void;
  onLost(datapath: Datapath, why: string): void;
  /** Somebody showed no certificate, or not the one that was wanted. */
  onStranger(why: string): void;
}

/** OFPC_FRAG_NORMAL, and whole packets in packet-ins: we keep no buffers. */
const WHOLE_PACKETS = { flags: 0, missSendLen: 0xffff } as const;

export class Acceptor {
  readonly #world: World;
  readonly #log: Log;
  readonly #user: AcceptorUser;
  #greeting = 0;

  constructor(world: World, log: Log, user: AcceptorUser) {
    this.#world = world;
    this.#log = log;
    this.#user = user;
  }

  /** Somebody who did not get through TLS. */
  refused(peer: string, why: string): void {
    this.#log.warn({ peer, why }, 'switch refused');
    this.#user.onStranger(why);
  }

  accept(connection: Connection): ConnectionUser {
    let datapath: Datapath | undefined;
    let isGreeting = true;
    let cancel: Cancel = () => undefined;
    const greeted = (): void => {
      if (!isGreeting) return;
      isGreeting = false;
      cancel();
      this.#greeting -= 1;
    };
    this.#greeting += 1;
    const channel: Channel = new Channel(
      this.#world,
      {
        onUp: () => channel.send({ type: 'featuresRequest', xid: channel.nextXid() }),
        onFrame: (dv, at, length) => {
          if (datapath !== undefined) {
            datapath.receive(dv, at, length);
            return length;
          }
          datapath = this.#identify(channel, connection, dv, at, length);
          if (datapath !== undefined) greeted();
          return length;
        },
        onDown: (why) => {
          greeted();
          if (datapath?.channel === channel) {
            datapath.lose(why);
            this.#user.onLost(datapath, why);
          } else this.#log.warn({ peer: channel.peer, why }, 'switch refused');
        },
      },
      limits.datapathOutboxBytesMax,
      [version.of10, version.of13],
    ).attach(connection);
    cancel = this.#world.after(limits.handshakeTimeoutMs, () => {
      if (isGreeting) channel.close('it did not say its dpid in time');
    });
    if (this.#greeting > limits.handshakesMax) {
      this.#world.soon(() => channel.close('too many switches that have not said who they are'));
    }
    return channel;
  }

  #identify(
    channel: Channel,
    connection: Connection,
    dv: DataView,
    at: number,
    length: number,
  ): Datapath | undefined {
    const message = decode(channel.version, dv, at, length);
    if (isError(message) || message.type !== 'featuresReply') return undefined;
    const dpid = dpidText(message.dpid as Dpid);
    const datapath = this.#user.datapathOf(message.dpid);
    if (datapath === undefined) {
      channel.close(`no datapath has dpid ${dpid}; add it to "datapaths" if it is yours`);
      return undefined;
    }
    const { certificate } = datapath.config;
    const whyNot = certificate && whyNotWanted(certificate, connection.certificate?.());
    if (whyNot !== undefined) {
      datapath.turnAway(whyNot);
      this.#user.onStranger(`${datapath.name}: ${whyNot}`);
      channel.close(`dpid ${dpid} (${datapath.name}): ${whyNot}`);
      return undefined;
    }
    if (channel.version === version.of10 && datapath.config.encoding === 'pipeline') {
      const why = `it speaks OpenFlow 1.0 only, and the file says "encoding: pipeline"`;
      datapath.turnAway(why);
      channel.close(`dpid ${dpid} (${datapath.name}): ${why}`);
      return undefined;
    }
    if (!datapath.adopt(channel)) {
      channel.close(`dpid ${dpid} (${datapath.name}) is connected already from ${datapath.peer}`);
      return undefined;
    }
    channel.send({ type: 'setConfig', xid: channel.nextXid(), ...WHOLE_PACKETS });
    const { of10 } = message;
    if (of10 !== undefined) this.#begin(datapath, of10.ports);
    else {
      datapath.query({ kind: 'portDesc' }, (parts) => {
        const ports = parts?.flatMap((part) => (part.kind === 'portDesc' ? part.ports : []));
        if (ports === undefined) channel.close('it did not describe its ports');
        else this.#begin(datapath, ports);
      });
    }
    return datapath;
  }

  /** OpenFlow 1.0 has said the ports with the features (OF1.0.1 section 5.3.1). */
  #begin(datapath: Datapath, ports: readonly PortDesc[]): void {
    datapath.ports.clear();
    for (const port of ports) datapath.ports.set(port.portNo, port);
    this.#user.onConnected(datapath);
  }
}
