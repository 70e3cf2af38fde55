/**
 * A hypervisor in a world in memory, with switches that hold whatever they are told and answer what
 * they are asked, and with controllers that only listen.
 */

import type { TakeOver } from '../../hypervisor/datapath/identity.ts';
import type { Drivers, RunCommand } from '../../hypervisor/drivers/driver.ts';
import { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { Applied } from '../../hypervisor/migrate/applying.ts';
import type { OnFault } from '../../hypervisor/world/fault-boundary.ts';
import type { Log } from '../../hypervisor/world/log.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { NO_BUFFER, portReason, version } from '../../openflow/values/constants.ts';
import type { Message, MultipartReplyBody, PortDesc } from '../../openflow/values/values.ts';
import type { Config } from '../../slices/config/config.ts';
import { targetText } from '../../slices/config/target.ts';
import type { Steps } from '../../slices/steps.ts';
import { canaryIn } from '../../translation/datapath/canary.ts';
import { markerIn } from '../../translation/entries/marker.ts';
import { cookieOf, readCookie } from '../../translation/entries/pipeline.ts';
import type { Reconfiguration, Refusal } from '../../translation/migration/reconfiguration.ts';
import { noMeters } from '../../translation/requests/meter-mod.ts';
import { configOf, exampleText } from '../slices/networks.ts';
import { FakeCanaries } from '../support/fake-canaries.ts';
import { failing } from '../support/faults.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeWorld, fakeLog, Peer } from './fake-world.ts';
import { QuietMoments } from './quiet.ts';

const LISTEN = 'tcp:0.0.0.0:6653';

export class FakeSwitch {
  readonly peer = new Peer();
  readonly dpid: bigint;
  /** Whatever changed it, since the last look. */
  readonly #changes: Message[] = [];
  readonly #ports: readonly number[];
  /** Its counters of ports, as `portStats` has them. */
  counters: MultipartReplyBody = { kind: 'portStats', ports: [] };
  /** The error that it answers a change with, or undefined. */
  refuse: (change: Message) => { errorType: number; errorCode: number } | undefined = () =>
    undefined;
  /** What it is told to send by a port: markers and canary frames only. */
  send: (port: number, data: Uint8Array) => void = () => undefined;
  /** Its canaries by port: the address that frames come back from, and what they still show. */
  readonly canaries = new FakeCanaries();
  /** Which statistics it was asked for, and whether it answers with an error. */
  readonly asked: string[] = [];
  refusesStatistics = false;
  /** Statistics to which it says nothing at all. */
  ignores: ReadonlySet<string> = new Set();
  /** Its flow entries' rows. */
  flows: MultipartReplyBody = { kind: 'flow', flows: [] };

  /** What it says of itself, by what it is asked. */
  readonly features: Record<string, MultipartReplyBody> = {};

  constructor(dpid: bigint, ports: readonly number[]) {
    this.dpid = dpid;
    this.#ports = ports;
  }

  changes(): readonly Message[] {
    return this.#changes.splice(0);
  }

  /** Answers everything that it was sent; false when that was nothing. */
  answer(afterBarrier = (): void => undefined): boolean {
    const received = this.peer.received();
    for (const message of received) {
      if (!this.peer.isClosed) this.#answer(message);
      if (message.type === 'barrierRequest') afterBarrier();
    }
    return received.length > 0;
  }

  #answer(message: Message): void {
    const { xid } = message;
    const { dpid } = this;
    const rest = { bufferCount: 0, tableCount: 254, auxiliaryId: 0, capabilities: 0 };
    if (message.type === 'featuresRequest') {
      const of10 = this.peer.version === version.of10 && { of10: { actions: 0, ports: [] } };
      this.peer.says({ type: 'featuresReply', xid, dpid, ...rest, ...of10 });
    } else if (message.type === 'echoRequest') this.peer.says({ ...message, type: 'echoReply' });
    else if (message.type === 'barrierRequest') this.peer.says({ type: 'barrierReply', xid });
    else if (message.type === 'multipartRequest') {
      this.asked.push(message.request.kind);
      if (this.ignores.has(message.request.kind)) return;
      if (this.refusesStatistics) {
        this.peer.says({ type: 'error', xid, errorType: 1, errorCode: 5, data: noBytes });
        return;
      }
      this.peer.says({
        type: 'multipartReply',
        xid,
        flags: 0,
        reply: this.#reply(message.request.kind),
      });
    } else if (message.type === 'packetOut' && isOfOurs(message.data)) {
      for (const one of message.actions) {
        if (one.type === 'output') this.send(one.port, message.data);
      }
    } else if (message.type === 'flowMod' && readCookie(message.cookie)?.kind === 'canary') {
      this.canaries.change(message);
      const why = this.refuse(message);
      if (why !== undefined) this.peer.says({ type: 'error', xid, ...why, data: noBytes });
    } else {
      this.#changes.push(message);
      const why = this.refuse(message);
      if (why !== undefined) this.peer.says({ type: 'error', xid, ...why, data: noBytes });
    }
  }

  #reply(kind: string): MultipartReplyBody {
    const said = this.features[kind];
    if (said !== undefined) return said;
    if (kind === 'portDesc') return { kind, ports: this.#ports.map((no) => portOf(no, 4)) };
    if (kind === 'groupDesc' || kind === 'groupStats') return { kind, groups: [] };
    if (kind === 'meterConfig' || kind === 'meterStats') return { kind, meters: [] };
    if (kind === 'meterFeatures') return { kind, ...noMeters };
    return kind === 'portStats' ? this.counters : this.flows;
  }

  /** A marker or a canary frame comes in by a cable's port. */
  take(port: number, data: Uint8Array): void {
    const back = this.canaries.back(port, data);
    if (back !== undefined) {
      this.send(port, back);
      return;
    }
    const frame = canaryIn(data);
    const rest = { xid: 0, bufferId: NO_BUFFER, reason: 1, tableId: 0 };
    const cookie = cookieOf(frame === undefined ? 'marker' : 'probe', 0, port);
    const match = matchOf(oxm('in_port', port));
    this.peer.says({ type: 'packetIn', ...rest, cookie, match, data, totalLen: data.length });
  }

  /** A port of it goes down or comes up. */
  setPort(portNo: number, isUp: boolean): void {
    const desc = portOf(portNo, isUp ? 4 : 1);
    this.peer.says({ type: 'portStatus', xid: 0, reason: portReason.modify, desc });
  }

  deletePort(portNo: number): void {
    const desc = portOf(portNo, 4);
    this.peer.says({ type: 'portStatus', xid: 0, reason: portReason.delete, desc });
  }
}

const noBytes = new Uint8Array(0);

function isOfOurs(data: Uint8Array): boolean {
  return markerIn(data) !== undefined || canaryIn(data) !== undefined;
}

export function portOf(portNo: number, state: number): PortDesc {
  const speeds = { curr: 0, advertised: 0, supported: 0, peer: 0, currSpeed: 0, maxSpeed: 0 };
  return { portNo, hwAddr: new Uint8Array(6), name: `p${portNo}`, config: 0, state, ...speeds };
}

interface FakeOptions {
  readonly drivers?: Drivers;
  readonly runCommand?: RunCommand;
  readonly world?: FakeWorld;
  readonly takeOver?: TakeOver;
  readonly ports?: readonly number[];
  /** A log before that of the tests. */
  readonly through?: (log: Log) => Log;
}

/** The example's network, running. */
export class FakeNetwork {
  readonly world: FakeWorld;
  readonly hypervisor: Hypervisor;
  readonly switches: ReadonlyMap<string, FakeSwitch>;
  readonly #quiet: QuietMoments;

  readonly log = fakeLog();

  constructor(
    text = exampleText(),
    store: Store = memoryStore(),
    onFault: OnFault = failing,
    options: FakeOptions = {},
  ) {
    const { world = new FakeWorld(), takeOver = 'none', ports, through, ...programs } = options;
    const config = configOf(text);
    this.world = world;
    const log = through?.(this.log) ?? this.log;
    // Its switches say what a test has them say, and hold nothing.
    const own = { onFault, takeOver, ...programs, isAudited: false };
    this.hypervisor = new Hypervisor({ world, store, config, log, ...own });
    this.#quiet = new QuietMoments(this.hypervisor);
    this.switches = new Map(
      config.datapaths.map(({ name, dpid }) => [name, new FakeSwitch(dpid, ports ?? [1, 2, 3, 4])]),
    );
    for (const [one, other] of config.links) this.#lay(one, other);
    this.hypervisor.start();
  }

  /** A cable, which carries them both ways. */
  #lay(...ends: Config['links'][number]): void {
    const [one, other] = ends;
    for (const [near, far] of [
      [one, other],
      [other, one],
    ] as const) {
      const { send } = this.switch(near.device);
      this.switch(near.device).send = (port, data) => {
        if (port === near.port) this.switch(far.device).take(far.port, data);
        else send(port, data);
      };
    }
  }

  switch(name: string): FakeSwitch {
    const one = this.switches.get(name);
    if (one === undefined) throw new Error(`no switch ${name}`);
    return one;
  }

  connect(name: string): void {
    const { peer } = this.switch(name);
    this.world.connect(LISTEN, peer);
    peer.hello();
    this.run();
  }

  /** Lets everything that is asked be answered, for a while; then intents are as they should be. */
  run(ms = 200): void {
    const end = this.world.now + ms;
    for (let busy = true; busy || this.world.now < end; ) {
      this.world.pass(busy ? 0 : 10);
      busy = [...this.switches.values()].map((one) => one.answer()).includes(true);
    }
    this.#quiet.look();
  }

  /** The newest connection to a controller of this machine. */
  controller(port: number): Peer {
    const where = `tcp:127.0.0.1:${port}`;
    const found = this.world.dialled.filter((one) => targetText(one.target) === where).at(-1)?.peer;
    if (found === undefined) throw new Error(`nobody dialled ${port}`);
    return found;
  }

  /** What an apply would be, and what follows from that; or why not. */
  planned<T>(text: string, following: (plan: Reconfiguration) => Steps<T>) {
    let found: Refusal | { readonly following: T | undefined } | undefined;
    this.hypervisor.applying.plan(configOf(text), following, (plan, own) => {
      found = 'whyNot' in plan ? plan : { following: own };
    });
    this.run();
    return found;
  }

  /** Applies another file: what came of it, unless that takes longer than this. */
  apply(text: string, withinMs = 2_000): Applied | undefined {
    let ended: Applied | undefined;
    const { applying } = this.hypervisor;
    applying.apply('file', configOf(text), (applied) => {
      ended = applied;
    });
    this.run(withinMs);
    return ended;
  }

  /** Until all rules of its store are there; time stands still. */
  loaded(): this {
    const isLoading = (): boolean =>
      this.hypervisor.runtimes().some(({ vswitch }) => {
        return this.hypervisor.loading.whyNot(vswitch.name) !== undefined;
      });
    while (isLoading()) this.world.pass(0);
    return this;
  }

  /** Connects every switch, and greets as every controller. */
  static started(text?: string, store?: Store, onFault?: OnFault): FakeNetwork {
    return new FakeNetwork(text, store, onFault).up();
  }

  up(): this {
    for (const name of this.switches.keys()) this.connect(name);
    for (const { peer } of this.world.dialled) {
      peer.user?.onOpen();
      peer.hello();
    }
    this.run();
    for (const { peer } of this.world.dialled) peer.received();
    for (const one of this.switches.values()) one.changes();
    return this;
  }
}
