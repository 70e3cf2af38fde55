/**
 * One physical switch: its connection, its believed contents, and its acknowledgements.
 *
 *   away --connects--> greeting --dpid known--> reconciling --tables right--> ready
 *     ^--------------------------- connection lost --------------------------'
 *
 * Outlives connections: the object is there from the start, one for each datapath of the
 * configuration. Who decides what it should hold is hypervisor.ts; how the tables are corrected
 * after a connection is reconcile.ts.
 */

import { decode } from '../../openflow/messages/codec.ts';
import { header } from '../../openflow/messages/messages.ts';
import { port as ofpp, type Version, version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type {
  Message,
  MeterFeatures,
  MultipartReplyBody,
  MultipartRequestBody,
  PortDesc,
} from '../../openflow/values/values.ts';
import type { DatapathConfig } from '../../slices/config/config.ts';
import type { Amounts } from '../../slices/config/reservations.ts';
import { limits } from '../../slices/limits.ts';
import type { Steps } from '../../slices/steps.ts';
import { everyFlow } from '../../translation/entries/physical-tables.ts';
import type { FlatDatapath } from '../../translation/flat/datapath.ts';
import { Intent } from '../../translation/intent/intent.ts';
import type { FrameHandler } from '../../translation/policy.ts';
import { noMeters } from '../../translation/requests/meter-mod.ts';
import type { Channel } from '../channel/channel.ts';
import { type Boundary, type Fault, type Party, unbounded } from '../world/fault-boundary.ts';
import type { Scheduler } from '../world/scheduler.ts';
import { SharedRead } from '../world/shared-read.ts';
import type { World } from '../world/world.ts';
import { Acks } from './acknowledgements.ts';
import { type CarryingPorts, keepPort } from './datapath-ports.ts';
import type { DatapathState, DatapathUser, Warning } from './datapath-user.ts';
import { whyWrong } from './error-attribution.ts';
import { type Answered, handOn, type Part, Queries, selectedIn } from './queries.ts';
import { barrierReply, routes } from './routes.ts';
import { UnansweredWarnings } from './unanswered-queries.ts';
import { DatapathWriter } from './writer.ts';

export type { DatapathState, DatapathUser, Warning };

export class Datapath implements Party {
  /** What the file says of it now. */
  config: DatapathConfig;
  /** Those that the file names, and others as far as there is room (limits.ts). */
  readonly ports: CarryingPorts = new Map();
  /** Its LOCAL port; undefined when it has none, or is not known yet. */
  local: PortDesc | undefined;
  /** Whether it was ready at any time since this process began. */
  wasReady = false;
  /** What its meters can do, as it said when it connected. */
  meterFeatures: MeterFeatures = noMeters;
  /** How much it says that it has room for, where that matters (features.ts). */
  told: Amounts = {};
  /** What the operator has to be told of it now, by kind. */
  readonly warnings = new Map<Warning, string>();
  state: DatapathState = { type: 'away', why: 'it has not connected yet' };
  readonly #intent = new Intent();
  /** What of it is still to be computed. */
  #computation: Steps<void> | undefined;
  /** Its bodies, where rules depend on where vswitches live (translation/flat/). */
  flat: FlatDatapath | undefined;
  readonly #world: World;
  readonly #boundary: Boundary;
  readonly #user: DatapathUser;
  #channel: Channel | undefined;
  /** Of the version that it speaks. */
  #routes: readonly FrameHandler[] = [];
  #acks: Acks | undefined;
  #queries: Queries | undefined;
  #allFlows: readonly MultipartReplyBody[] | undefined;
  readonly #reading = new SharedRead<Datapath>(this, (own, landed) => {
    own.#ask({ kind: 'flow', filter: everyFlow }, (parts) => {
      own.#allFlows = parts;
      landed();
    });
  });
  /** The one place from which entries are sent to it. */
  readonly writer: DatapathWriter;

  constructor(
    world: World,
    config: DatapathConfig,
    user: DatapathUser,
    boundary: Boundary = unbounded,
  ) {
    this.#boundary = boundary;
    this.#world = boundary.worldOf(this, world);
    this.config = config;
    this.#user = user;
    this.writer = new DatapathWriter(this, this.#world, boundary);
  }

  get name() {
    return this.config.name;
  }

  get title(): string {
    return `datapath ${this.name}`;
  }

  /** Never for good: it comes back, and is corrected. */
  get isClosed(): boolean {
    return false;
  }

  close({ why }: Fault): void {
    this.#channel?.close(`internal error of Limevisor: ${why}; see the log`);
  }

  get isReady(): boolean {
    return this.state.type === 'ready';
  }

  /** Whether a cable in this port would carry frames: what it says of it, while it is ready. */
  isPortUp(port: number): boolean {
    return this.isReady && this.ports.get(port) === true;
  }

  get peer(): string | undefined {
    return this.#channel?.peer;
  }

  /** What it speaks now, or would be offered. */
  get version(): Version {
    return this.#channel?.version ?? version.of13;
  }

  /** Whether it does not take what is sent to it. */
  get isCongested(): boolean {
    return (this.#channel?.pendingBytes() ?? 0) > limits.congestedBytesMax;
  }

  get channel(): Channel | undefined {
    return this.#channel;
  }

  /** Takes a connection that said it is this datapath; false when one is already here. */
  adopt(channel: Channel): boolean {
    if (this.#channel !== undefined) return false;
    this.#channel = channel;
    this.#routes = routes[channel.version];
    const odd = new UnansweredWarnings(this.warnings, (how) => this.#user.isOdd?.(this, how));
    const acks = new Acks(
      this.#world,
      channel,
      (ack, done) => this.#user.whenInForce(this, ack, done),
      (count) => odd.barriers(count),
    );
    this.#acks = acks;
    this.#queries = new Queries(this.#world, channel, acks.replyTimeouts, this.writer, odd);
    this.writer.connect(channel, acks);
    this.state = { type: 'reconciling' };
    return true;
  }

  /** What it should hold, but for the rules, groups and meters of tenants (intent.ts). */
  get intent(): Intent {
    while (this.makeIntent());
    return this.#intent;
  }

  /** It is made from now on, a little with each `makeIntent`, or when it is asked for. */
  beginIntent(computed: (intent: Intent) => Steps<void>): void {
    this.#computation = computed(this.#intent);
  }

  /** Whether there is more to do. */
  makeIntent(): boolean {
    if (this.#computation?.next().done !== false) this.#computation = undefined;
    return this.#computation !== undefined;
  }

  /** It says which ports it has. */
  describe(ports: readonly PortDesc[]): void {
    this.ports.clear();
    this.local = undefined;
    this.warnings.delete('ports');
    for (const port of ports) this.#keepPort(port);
  }

  #forgetPort(port: number): void {
    this.ports.delete(port);
    if (port === ofpp.local) this.local = undefined;
  }

  #keepPort(desc: PortDesc): void {
    const isNamed = this.#user.isNamed(this, desc.portNo);
    if (desc.portNo === ofpp.local) this.local = desc;
    const why = keepPort(this.ports, desc, isNamed);
    if (why !== undefined) this.warnings.set('ports', why);
  }

  /** Somebody came in its name who is not the one. Nothing changes for the one who is there. */
  turnAway(why: string): void {
    if (this.state.type === 'away') this.state = { type: 'away', why };
  }

  /** The connection is gone: everything that waited for it is told. */
  lose(why: string): void {
    this.#channel = undefined;
    this.state = { type: 'away', why };
    this.#acks = undefined;
    const queries = this.#queries;
    this.#queries = undefined;
    this.writer.lose();
    queries?.lose();
  }

  /** Whether it does not answer such questions, so that nobody knows what it has. */
  isSilent(kind: MultipartRequestBody['kind']): boolean {
    return this.#queries?.isSilent(kind) === true;
  }

  /** Sends a message that has no answer (packet-out); its errors are counted. */
  tell(message: Message): void {
    this.#channel?.send({ ...message, xid: this.#channel.nextXid() });
  }

  /** Asks for statistics; all parts of the reply, or undefined when the answer never came. */
  query(request: MultipartRequestBody, told: Answered): void {
    const done = this.#boundary.bind(told);
    // Where flows cannot be selected all are read, once for all who ask meanwhile.
    if (this.version !== version.of10 || request.kind !== 'flow') this.#ask(request, done);
    else this.#reading.read(() => done(selectedIn(this.#allFlows, request.filter)));
  }

  /** As `query`, but each part is handed on as it comes; `done` says whether all of them did. */
  stream(
    scheduler: Scheduler,
    request: MultipartRequestBody,
    part: Part,
    told: (isWhole: boolean) => void,
  ): void {
    const each = this.#boundary.bind(part);
    const done = this.#boundary.bind(told);
    if (this.version !== version.of10 || request.kind !== 'flow') {
      this.#ask(request, (parts) => done(parts !== undefined), each);
      return;
    }
    this.#reading.read(() => {
      const parts = this.#allFlows;
      handOn(scheduler, parts ?? [], request.filter, each, () => done(parts !== undefined));
    });
  }

  #ask(request: MultipartRequestBody, done: Answered, each?: Part): void {
    if (this.#queries !== undefined) this.#queries.ask(request, done, each);
    else this.#world.soon(() => done(undefined));
  }

  /** Hands a frame to whom the policy table names (translation/policy.ts); as `onFrame`. */
  receive(dv: DataView, at: number, length: number, end: number): number {
    const type = header.get.type(dv, at);
    const route = this.#routes[type] ?? 'alarm';
    switch (route) {
      case 'batch':
      case 'query':
      case 'ports':
        if (type !== barrierReply[this.version]) this.#onValue(dv, at, length);
        else this.#acks?.onBarrierReply(header.get.xid(dv, at));
        return length;
      case 'packets':
      case 'flowRemoved':
      case 'channel':
      case 'handshake':
      case 'alarm':
        return this.#user.onFrame(this, route, dv, at, length, end);
    }
  }

  #onValue(dv: DataView, at: number, length: number): void {
    const message = decode(this.version, dv, at, length);
    if (isError(message)) {
      this.#channel?.refuse(dv, at, length, message);
      return;
    }
    if (message.type === 'error') this.#onError(message);
    if (message.type === 'multipartReply') this.#queries?.onReply(message);
    if (message.type === 'portStatus') {
      const { reason, desc } = message;
      const wasUp = this.isPortUp(desc.portNo);
      if (reason === 1) this.#forgetPort(desc.portNo);
      else this.#keepPort(desc);
      const isUp = this.isPortUp(desc.portNo);
      this.#user.onPort(this, desc.portNo, isUp === wasUp ? undefined : isUp);
    }
  }

  /** What it holds is not what we believe: the connection ends, and its tables are read again. */
  closeUntrusted(why: string): void {
    this.#channel?.close(why);
  }

  #onError(message: Extract<Message, { type: 'error' }>): void {
    const why = whyWrong(message, this.#acks, this.#queries, this.writer.counts);
    if (why !== undefined && why !== '') this.closeUntrusted(why);
  }
}
