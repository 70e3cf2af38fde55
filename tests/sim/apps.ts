/**
 * Tenants' applications in simulations, as the reference model (reference.ts) hears them: each
 * knows one switch, whose ports lead to hosts of these numbers.
 */
import { fieldOf, matchOf, oxm, oxmNumber } from '../../openflow/match/match.ts';
import { flowCommand, NO_BUFFER, port as ofpp } from '../../openflow/values/constants.ts';
import type { Action, FlowMod, Message } from '../../openflow/values/values.ts';
import { type Behaviour, output, type Progress, rule, type Session } from './controllers.ts';
import { frameOf } from './frames.ts';
import type { Frame } from './pipeline.ts';
import type { Change, SwitchTrace, Trace } from './trace.ts';
import type { SimWorld } from './world.ts';

const OFPRR_IDLE_TIMEOUT = 0;
const BARRIERS = 0x4000_0000;

/** What an application does its work with; all of it is in the trace. */
export class AppSwitch {
  readonly world: SimWorld;
  readonly #session: Session;
  readonly #whole: Trace;
  readonly #trace: SwitchTrace;
  readonly #ports: readonly number[];
  readonly #waiting = new Map<number, () => void>();
  readonly #behind = new Map<number, number>();
  readonly #asked = new Map<number, number>();
  #xid = BARRIERS;
  #cookie: bigint;

  constructor(session: Session, trace: Trace, { vswitch, ports }: AppPlace) {
    this.world = session.world;
    this.#session = session;
    this.#whole = trace;
    this.#trace = trace.begin(vswitch);
    this.#ports = ports;
    this.#cookie = this.#trace.firstCookie;
  }

  /** A cookie that no rule had. */
  cookie(): bigint {
    this.#cookie += 1n;
    return this.#cookie;
  }

  /** What is sent over a connection that is cut is no change. */
  change(mod: FlowMod): void {
    if (this.#session.isClosed) return;
    const one: Change = { atMs: this.world.now, mod, ackedMs: Infinity };
    this.#trace.changes.push(one);
    this.#session.send(mod);
  }

  barrier(then: () => void = () => undefined): void {
    if (this.#session.isClosed) return;
    this.#xid += 1;
    this.#waiting.set(this.#xid, then);
    this.#behind.set(this.#xid, this.#trace.changes.length);
    this.#session.send({ type: 'barrierRequest', xid: this.#xid });
  }

  /** Sends a packet that came up on; by no port if it is to be dropped. */
  sendOn(data: Uint8Array, inPort: number, port: number): void {
    if (this.#session.isClosed) return;
    const { id, src, dst } = frameOf(data);
    const ports = (port === ofpp.flood ? this.#ports : [port]).filter((one) => one !== inPort);
    const behind = { atMs: this.world.now, changes: this.#trace.changes.length };
    this.#trace.sentBack.push({ id, src, dst, ports, ...behind });
    this.#whole.handed(id);
    const actions = [output(port)];
    const rest = { xid: 0, bufferId: NO_BUFFER };
    this.#session.send({ type: 'packetOut', ...rest, inPort, actions, data });
  }

  askCounters(): void {
    this.#xid += 1;
    this.#asked.set(this.#xid, this.world.now);
    const all = { tableId: 0xff, outPort: ofpp.any, outGroup: 0xffff_ffff };
    const filter = { ...all, cookie: 0n, cookieMask: 0n, match: [] };
    const request = { kind: 'flow', filter } as const;
    this.#session.send({ type: 'multipartRequest', xid: this.#xid, flags: 0, request });
  }

  /** What the trace is told, whatever the application makes of it. */
  hears(message: Message): void {
    const { now } = this.world;
    if (message.type === 'barrierReply') {
      this.#trace.acknowledged(this.#behind.get(message.xid) ?? 0, now);
      this.#waiting.get(message.xid)?.();
      this.#waiting.delete(message.xid);
    } else if (message.type === 'packetIn') {
      const { id } = frameOf(message.data);
      this.#trace.ups.push({ id, atMs: now, port: inPortOf(message) });
      this.#whole.passedOn(id);
    } else if (message.type === 'flowRemoved') {
      const { cookie, packetCount, reason } = message;
      const isIdle = reason === OFPRR_IDLE_TIMEOUT;
      this.#trace.removed.push({ atMs: now, cookie, packets: Number(packetCount), isIdle });
    } else if (message.type === 'multipartReply' && message.reply.kind === 'flow') {
      const { flows } = message.reply;
      const packets = new Map(flows.map((one) => [one.cookie, Number(one.packetCount)]));
      this.#trace.counted.push({ askedMs: this.#asked.get(message.xid) ?? 0, atMs: now, packets });
    }
  }
}

export interface App {
  readonly begins: (own: AppSwitch) => void;
  readonly packetIn?: (own: AppSwitch, frame: Frame, inPort: number, data: Uint8Array) => void;
}

/** Where an application runs. */
export interface AppPlace {
  readonly app: App;
  readonly vswitch: string;
  readonly ports: readonly number[];
}

/** Applications by dpid, as a controller's behaviour; all other vswitches are `rest`'s. */
export function running(
  apps: ReadonlyMap<bigint, AppPlace>,
  trace: Trace,
  rest: Behaviour = () => undefined,
): Behaviour {
  const all = new Map<Session, AppSwitch>();
  return (session, message) => {
    const place = apps.get(session.dpid);
    if (place === undefined) {
      rest(session, message);
      return;
    }
    const { app } = place;
    const own = all.get(session) ?? new AppSwitch(session, trace, place);
    all.set(session, own);
    if (message.type === 'featuresReply') app.begins(own);
    own.hears(message);
    if (message.type !== 'packetIn') return;
    app.packetIn?.(own, frameOf(message.data), inPortOf(message), message.data);
  };
}

function inPortOf({ match }: Extract<Message, { type: 'packetIn' }>): number {
  return Number(oxmNumber(fieldOf(match, 'in_port') ?? oxm('in_port', 0)));
}

const up = output(ofpp.controller);
const from = (port: number) => oxm('in_port', port);
const src = (address: number) => oxm('eth_src', BigInt(address));
const dst = (address: number) => oxm('eth_dst', BigInt(address));
const to = (field: 'eth_src' | 'eth_dst', address: number): Action => ({
  type: 'setField',
  oxm: oxm(field, BigInt(address)),
});

/** Knows where hosts are: one rule for each. */
export function forwarding(ways: ReadonlyMap<number, number>): App {
  return {
    begins: (own) => {
      for (const [address, port] of ways) {
        const cookie = own.cookie();
        own.change(rule(matchOf(dst(address)), [output(port)], { priority: 10, cookie }));
      }
      own.barrier();
    },
  };
}

/** Learns where hosts are; a rule for each conversation, some of which go when nobody uses them. */
export function learningSwitch(idleSec = 0): App {
  const portOf = new Map<number, number>();
  return {
    begins: (own) => {
      own.change(rule([], [up], { priority: 0, cookie: own.cookie() }));
      own.barrier();
    },
    packetIn: (own, frame, inPort, data) => {
      portOf.set(frame.src, inPort);
      const port = portOf.get(frame.dst);
      if (port !== undefined) {
        const match = matchOf(from(inPort), src(frame.src), dst(frame.dst));
        const made = rule(match, [output(port)], { priority: 1, cookie: own.cookie() });
        own.change({ ...made, idleTimeoutSec: idleSec, flags: idleSec > 0 ? 1 : 0 });
      }
      own.sendOn(data, inPort, port ?? ofpp.flood);
    },
  };
}

/** Who is where in the applications below: what is inside may talk to what is outside. */
export interface Sides {
  readonly inside: ReadonlyMap<number, number>;
  readonly outside: ReadonlyMap<number, number>;
}

/**
 * A stateful firewall: what comes from inside goes up, its answers are let in, and then it goes on.
 * What comes from outside without that is dropped, and so is what comes much later.
 */
export function firewall({ inside, outside }: Sides, openMs: number): App {
  const newest = new Map<string, bigint>();
  return {
    begins: (own) => {
      for (const port of inside.values()) {
        own.change(rule(matchOf(from(port)), [up], { priority: 1, cookie: own.cookie() }));
      }
      own.barrier();
    },
    packetIn: (own, frame, inPort, data) => {
      const out = outside.get(frame.dst);
      if (out === undefined) return;
      const back = matchOf(from(out), src(frame.dst), dst(frame.src));
      const cookie = own.cookie();
      const made = rule(back, [output(inPort)], { priority: 10, cookie });
      own.change(made);
      own.sendOn(data, inPort, out);
      const key = `${frame.dst} ${frame.src}`;
      newest.set(key, cookie);
      own.world.after(openMs, () => {
        // It may have been asked again.
        if (newest.get(key) !== cookie) return;
        own.change({ ...made, command: flowCommand.deleteStrict });
      });
    },
  };
}

export interface Detection extends App {
  /** Who was found out. */
  readonly blocked: Set<number>;
}

/**
 * Intrusion detection: everything goes up and on. Who answers where nobody has asked is blocked.
 */
export function detection({ inside, outside }: Sides, isBlocking = true): Detection {
  const asked = new Set<string>();
  const blocked = new Set<number>();
  const isInside = new Set(inside.values());
  return {
    blocked,
    begins: (own) => {
      for (const [address, port] of [...inside, ...outside]) {
        const made = rule(matchOf(dst(address)), [up, output(port)], { priority: 1 });
        own.change({ ...made, cookie: own.cookie() });
      }
      own.barrier();
    },
    packetIn: (own, frame, inPort) => {
      if (isInside.has(inPort)) asked.add(`${frame.src} ${frame.dst}`);
      else if (!asked.has(`${frame.dst} ${frame.src}`) && !blocked.has(frame.src)) {
        blocked.add(frame.src);
        if (!isBlocking) return;
        const cookie = own.cookie();
        own.change(rule(matchOf(src(frame.src)), [], { priority: 100, cookie }));
      }
    },
  };
}

/** Clients reach a service by one address; each is given a server, anew every so often. */
export function balancer({ inside, outside }: Sides, service: number, everyMs: number): App {
  const servers = [...outside];
  let next = 0;
  const give = (own: AppSwitch): void => {
    for (const [client, port] of inside) {
      const [server = 0, at = 0] = servers[next % servers.length] ?? [];
      next += 1;
      const there = matchOf(from(port), src(client), dst(service));
      const back = matchOf(from(at), src(server), dst(client));
      const [one, other] = [to('eth_dst', server), to('eth_src', service)];
      own.change(rule(back, [other, output(port)], { priority: 5, cookie: own.cookie() }));
      own.change(rule(there, [one, output(at)], { priority: 5, cookie: own.cookie() }));
    }
    own.barrier(() => own.world.after(everyMs, () => give(own)));
  };
  return { begins: give };
}

/** One rule, hit from every port, that stamps a version which grows all the time. */
export function stamping(
  everyMs: number,
  stamp: number,
  progress: Progress = { sent: 0, acknowledged: 0 },
): App {
  let version = 0;
  const next = (own: AppSwitch): void => {
    version += 1;
    const now = version;
    progress.sent = now;
    const actions = [to('eth_src', stamp + version), output(ofpp.flood)];
    const cookie = own.cookie();
    own.change(rule([], actions, { priority: 10, cookie }));
    own.barrier(() => {
      progress.acknowledged = now;
      own.world.after(everyMs, () => next(own));
    });
  };
  return { begins: next };
}
