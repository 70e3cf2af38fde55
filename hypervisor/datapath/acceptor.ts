/**
 * Connections from switches, until they have told their dpid (OF1.3.5 section 6.3).
 *
 *   hello -> features-request -> features-reply: a dpid of the configuration, and nobody there yet
 *   -> port descriptions -> the datapath's (datapath.ts)
 *
 * Whoever says nothing, something else, or the dpid of a switch that is connected and alive
 * (dpid-claims.ts), is refused.
 */

import { decode } from '../../openflow/messages/codec.ts';
import { type Version, version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { PortDesc } from '../../openflow/values/values.ts';
import { whyNotWanted } from '../../slices/config/tls.ts';
import { type Dpid, dpidText } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { Channel } from '../channel/channel.ts';
import { type Boundary, nobody, type Party, unbounded } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';
import { type Crowd, TurnShare } from '../world/turn-share.ts';
import type { Cancel, Connection, ConnectionUser, World } from '../world/world.ts';
import type { Datapath } from './datapath.ts';
import { type Claim, Claims } from './dpid-claims.ts';

export interface AcceptorUser {
  datapathOf(dpid: bigint): Datapath | undefined;
  /** The file has no such datapath. */
  onUnknown(dpid: bigint, peer: string, speaks: Version): void;
  /** The datapath is known, its ports are read, its tables are not yet right. */
  onConnected(datapath: Datapath): void;
  onLost(datapath: Datapath, why: string): void;
  /** Of a datapath of the file, or of nobody that is known. */
  onRefused?(peer: string, why: string): void;
  /** Somebody showed no certificate, or not the one that was wanted. */
  onStranger(why: string): void;
}

/** OFPC_FRAG_NORMAL, and whole packets in packet-ins: we keep no buffers. */
const WHOLE_PACKETS = { flags: 0, missSendLen: 0xffff } as const;

export class Acceptor {
  readonly #world: World;
  readonly #log: Log;
  readonly #user: AcceptorUser;
  readonly #claims: Claims;
  readonly #boundary: Boundary;
  /** All of them together have as much of a turn as all tenants. */
  readonly #crowd: Crowd = { waiting: 0 };
  readonly #greeting = new Set<Channel>();
  /** Connections of switches that are not in the file. */
  readonly #unknown = new WeakSet<Channel>();

  constructor(world: World, log: Log, user: AcceptorUser, boundary: Boundary = unbounded) {
    this.#boundary = boundary;
    this.#world = world;
    this.#log = log;
    this.#user = user;
    this.#claims = new Claims(world);
  }

  /** Somebody who did not get through TLS. */
  refused(peer: string, why: string): void {
    this.#log.warn({ peer, why }, 'switch refused');
    this.#user.onRefused?.(peer, why);
    this.#user.onStranger(why);
  }

  accept(connection: Connection): ConnectionUser {
    let channel: Channel | undefined;
    const party: Party = {
      title: `the connection of a switch at ${connection.peer}`,
      isClosed: false,
      close: ({ why }) => {
        if (channel === undefined) connection.close();
        else channel.close(`internal error of Limevisor: ${why}; see the log`);
      },
    };
    this.#boundary.run(party, () => {
      channel = this.#open(connection, party);
    });
    return channel === undefined ? nobody(connection) : this.#boundary.userOf(party, channel);
  }

  #open(connection: Connection, party: Party): Channel {
    const world = this.#boundary.worldOf(party, this.#world);
    let datapath: Datapath | undefined;
    let isGreeting = true;
    /** It has said a dpid, and what it says before that is settled is not looked at. */
    let isClaiming = false;
    let cancel: Cancel = () => undefined;
    const greeted = (): void => {
      if (!isGreeting) return;
      isGreeting = false;
      cancel();
      this.#greeting.delete(channel);
    };
    const channel: Channel = new Channel(
      world,
      {
        turns: new TurnShare(world, { crowd: this.#crowd }),
        onUp: () => channel.send({ type: 'featuresRequest', xid: channel.nextXid() }),
        onFrame: (dv, at, length, end) => {
          if (datapath !== undefined) {
            const before = this.#boundary.enter(datapath);
            const taken = datapath.receive(dv, at, length, end);
            this.#boundary.leave(before);
            return taken;
          }
          if (isClaiming) return length;
          isClaiming = this.#identify(channel, connection, dv, at, length, (known) => {
            datapath = known;
            greeted();
          });
          return length;
        },
        onFault: (error, message) => this.#boundary.caught(error, party, message),
        wrote: (to) => this.#boundary.wrote(to),
        onDown: (why) => {
          greeted();
          if (datapath?.channel === channel) {
            datapath.lose(why);
            this.#user.onLost(datapath, why);
          } else {
            this.#log.warn({ peer: channel.peer, why }, 'switch refused');
            if (!this.#unknown.has(channel)) this.#user.onRefused?.(channel.peer, why);
          }
        },
      },
      limits.datapathOutboxBytesMax,
      [version.of10, version.of13],
    ).attach(connection);
    cancel = world.after(limits.handshakeTimeoutMs, () => {
      if (isGreeting) channel.close('it did not send its dpid in time');
    });
    this.#greeting.add(channel);
    if (this.#greeting.size > limits.handshakesMax) {
      // The one that has had most time for it: a switch says its dpid at once.
      const [oldest = channel] = this.#greeting;
      this.#greeting.delete(oldest);
      world.soon(() => oldest.close('too many connections have not sent their dpid yet'));
    }
    return channel;
  }

  /** Whether it has said a dpid; `settle` runs when it has the datapath, now or later. */
  #identify(
    channel: Channel,
    connection: Connection,
    dv: DataView,
    at: number,
    length: number,
    settle: (datapath: Datapath) => void,
  ): boolean {
    const message = decode(channel.version, dv, at, length);
    if (isError(message) || message.type !== 'featuresReply') return false;
    const { of10 } = message;
    const dpid = dpidText(message.dpid as Dpid);
    const datapath = this.#user.datapathOf(message.dpid);
    if (datapath === undefined) {
      this.#unknown.add(channel);
      this.#user.onUnknown(message.dpid, channel.peer, channel.version);
      channel.close(`no datapath has dpid ${dpid}; add it to "datapaths" if it is yours`);
      return true;
    }
    const whyNot = this.#whyNot(datapath, channel, connection);
    if (whyNot !== undefined) {
      datapath.turnAway(whyNot);
      channel.close(`dpid ${dpid} (${datapath.name}): ${whyNot}`);
      return true;
    }
    const welcome = (): boolean => {
      if (!datapath.adopt(channel)) return false;
      settle(datapath);
      this.#welcome(datapath, channel, of10?.ports);
      return true;
    };
    if (!welcome()) this.#claim(datapath, channel, welcome);
    return true;
  }

  /** Somebody is there: is he still? */
  #claim(datapath: Datapath, channel: Channel, welcome: () => boolean): void {
    const { name, peer } = datapath;
    const refuse = (): void => {
      this.#user.onStranger(`${name} is connected already`);
      const dpid = dpidText(datapath.config.dpid);
      channel.close(`dpid ${dpid} (${name}) is connected already from ${peer}`);
    };
    if (this.#claims.isAsking(datapath)) {
      this.#world.soon(this.#boundary.bind(refuse));
      return;
    }
    const decided = this.#boundary.bind((claim: Claim) => {
      if (channel.isUp && (claim === 'taken' || !welcome())) refuse();
    });
    this.#claims.ask(datapath, decided);
  }

  /** Why this connection cannot be that datapath's, whoever it is. */
  #whyNot(datapath: Datapath, channel: Channel, connection: Connection): string | undefined {
    const { certificate, encoding } = datapath.config;
    const whyNot = certificate && whyNotWanted(certificate, connection.certificate?.());
    if (whyNot !== undefined) {
      this.#user.onStranger(`${datapath.name}: ${whyNot}`);
      return whyNot;
    }
    const isOld = channel.version === version.of10;
    if (!isOld || encoding !== 'pipeline') return undefined;
    return 'it speaks OpenFlow 1.0 only, and the file says "encoding: pipeline"';
  }

  #welcome(datapath: Datapath, channel: Channel, ports: readonly PortDesc[] | undefined): void {
    channel.send({ type: 'setConfig', xid: channel.nextXid(), ...WHOLE_PACKETS });
    if (ports !== undefined) {
      this.#begin(datapath, ports);
      return;
    }
    datapath.query({ kind: 'portDesc' }, (parts) => {
      const described = parts?.flatMap((part) => (part.kind === 'portDesc' ? part.ports : []));
      if (described === undefined) channel.close('it did not answer the request for its ports');
      else this.#begin(datapath, described);
    });
  }

  /** OpenFlow 1.0 has said the ports with the features (OF1.0.1 section 5.3.1). */
  #begin(datapath: Datapath, ports: readonly PortDesc[]): void {
    datapath.describe(ports);
    this.#user.onConnected(datapath);
  }
}
