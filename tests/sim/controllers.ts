/**
 * Tenants' controllers inside the simulation, speaking OpenFlow bytes.
 *
 * `versions` forwards by destination; on one switch a single rule, hit from every port, stamps a
 * version that grows all the time. `learning` learns addresses, and its rules do not last.
 */

import type { Connection, ConnectionUser } from '../../hypervisor/world/world.ts';
import { fieldOf, matchOf, oxm, oxmNumber } from '../../openflow/match/match.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { Framer } from '../../openflow/messages/framer.ts';
import {
  flowCommand,
  group,
  NO_BUFFER,
  port as ofpp,
  version,
} from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { Action, FlowMod, Match, Message } from '../../openflow/values/values.ts';
import { frameOf } from './frames.ts';
import { ETHERTYPE } from './pipeline.ts';
import type { SimWorld } from './world.ts';

/** Stamped source addresses are 0a:00 and the version. */
export const STAMP = 0x0a00 * 2 ** 32;

export type Behaviour = (session: Session, message: Message) => void;

/** One switch's connection to a controller. */
export class Session implements ConnectionUser {
  dpid = 0n;
  isClosed = false;
  readonly world: SimWorld;
  /** Every message but echoes and barrier replies: what a migration must not add to. */
  readonly saw: string[];
  readonly #connection: Connection;
  readonly #behave: Behaviour;
  readonly #framer = new Framer({ frameBytesMax: 65_535 });

  constructor(world: SimWorld, connection: Connection, behave: Behaviour, saw: string[]) {
    this.world = world;
    this.#connection = connection;
    this.#behave = behave;
    this.saw = saw;
  }

  onOpen(): void {
    this.send({ type: 'hello', xid: 0, versions: [4] });
  }

  onBytes(chunk: Uint8Array): void {
    this.#framer.push(chunk, (dv, at, length) => {
      const message = decode(version.of13, dv, at, length);
      if (isError(message)) throw new Error(`a tenant got what it cannot read: ${message.why}`);
      this.#receive(message);
    });
  }

  onClose(): void {
    this.isClosed = true;
    this.saw.push('disconnected');
  }

  send(message: Message): void {
    this.#connection.write(encode(version.of13, message));
  }

  #receive(message: Message): void {
    if (message.type === 'hello') this.send({ type: 'featuresRequest', xid: 1 });
    if (message.type === 'echoRequest') this.send({ ...message, type: 'echoReply' });
    if (message.type === 'error') {
      throw new Error(`a tenant got error ${message.errorType}/${message.errorCode}`);
    }
    if (message.type === 'featuresReply') this.dpid = message.dpid;
    const quiet = ['hello', 'echoRequest', 'barrierReply', 'featuresReply'];
    if (!quiet.includes(message.type)) this.saw.push(message.type);
    this.#behave(this, message);
  }
}

/** Listens like a tenant's controller; returns the list of what it saw. */
export function startController(world: SimWorld, port: number, behave: Behaviour): string[] {
  const saw: string[] = [];
  const never = (why: string): never => {
    throw new Error(why);
  };
  world.listen(
    { host: '127.0.0.1', port },
    {
      accept: (connection) => new Session(world, connection, behave, saw),
      refused: never,
      failed: never,
    },
  );
  return saw;
}

/** How far versions have come. */
export interface Progress {
  sent: number;
  /** By a barrier's reply. */
  acknowledged: number;
}

/**
 * `ways`: for each dpid, address -> port. The stamping switch has none. `isByEntrance`: each rule
 * names the port where packets come from, of two.
 */
export function versions(
  ways: ReadonlyMap<bigint, ReadonlyMap<number, number>>,
  stampingDpid: bigint,
  intervalMs: number,
  progress: Progress = { sent: 0, acknowledged: 0 },
  isByEntrance = false,
): Behaviour {
  const stamped = isByEntrance ? [1, 2].map((port) => [oxm('in_port', port)]) : [[]];
  const stamp = (session: Session, version: number, command: number): void => {
    for (const from of stamped) session.send(stamping(version, command, from));
  };
  let version = 1;
  return (session, message) => {
    const stamps = session.dpid === stampingDpid;
    if (message.type === 'featuresReply') {
      if (stamps) stamp(session, version, flowCommand.add);
      for (const [address, port] of ways.get(session.dpid) ?? []) {
        const from = isByEntrance ? [oxm('in_port', 3 - port)] : [];
        const match = matchOf(...from, oxm('eth_dst', BigInt(address)));
        session.send(rule(match, [output(port)], { priority: 10 }));
      }
      session.send({ type: 'barrierRequest', xid: version });
    }
    if (message.type !== 'barrierReply' || !stamps) return;
    progress.acknowledged = message.xid;
    session.world.after(intervalMs, () => {
      version += 1;
      progress.sent = version;
      stamp(session, version, flowCommand.modifyStrict);
      session.send({ type: 'barrierRequest', xid: version });
    });
  };
}

function stamping(version: number, command: number, from: Match): FlowMod {
  const stamp: Action = { type: 'setField', oxm: oxm('eth_src', BigInt(STAMP + version)) };
  const match = matchOf(...from, oxm('eth_type', ETHERTYPE));
  return rule(match, [stamp, output(ofpp.flood)], { priority: 10, command });
}

/** A learning switch whose rules live for a second at most, so that they change all the time. */
export function learning(): Behaviour {
  const portOf = new Map<string, number>();
  return (session, message) => {
    if (message.type === 'featuresReply') {
      session.send(rule([], [output(ofpp.controller)], { priority: 0 }));
    }
    if (message.type !== 'packetIn') return;
    const inPort = Number(oxmNumber(fieldOf(message.match, 'in_port') ?? oxm('in_port', 0)));
    const { src, dst } = frameOf(message.data);
    portOf.set(`${session.dpid}/${src}`, inPort);
    const known = portOf.get(`${session.dpid}/${dst}`);
    const actions = [output(known ?? ofpp.flood)];
    if (known !== undefined) {
      const hosts = [oxm('eth_src', BigInt(src)), oxm('eth_dst', BigInt(dst))];
      const match = matchOf(oxm('in_port', inPort), ...hosts);
      session.send(rule(match, actions, { priority: 1, hardTimeoutSec: 1 }));
    }
    const { data } = message;
    session.send({ type: 'packetOut', xid: 0, bufferId: NO_BUFFER, inPort, actions, data });
  };
}

export function output(port: number): Action {
  return { type: 'output', port, maxLen: 0xffff };
}

export function rule(
  match: Match,
  actions: readonly Action[],
  rest: Partial<
    Pick<FlowMod, 'priority' | 'command' | 'hardTimeoutSec' | 'tableId' | 'instructions' | 'cookie'>
  >,
): FlowMod {
  return {
    type: 'flowMod',
    xid: 0,
    cookie: 0n,
    cookieMask: 0n,
    tableId: 0,
    command: flowCommand.add,
    idleTimeoutSec: 0,
    hardTimeoutSec: 0,
    priority: 1,
    bufferId: NO_BUFFER,
    outPort: ofpp.any,
    outGroup: group.any,
    flags: 0,
    match,
    instructions: [{ type: 'applyActions', actions }],
    ...rest,
  };
}
