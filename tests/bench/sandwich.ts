/**
 * The load generator around a middle: fake switches below, fake controllers above, and lanes.
 *
 *   controllers   one for each lane; told apart by the dpid that they are shown
 *      middle     nothing, the framing relay, or Limevisor with some tenants
 *   switches      ten; Limevisor's carry a lane for each tenant, the others' one
 *
 * A lane is one vswitch: what its controller and its switch say to each other. Here lanes are
 * opened and frames are recognised; how much is sent when is load.ts's.
 */
import { once } from 'node:events';
import net from 'node:net';
import { header } from '../../openflow/messages/messages.ts';
import type { Version } from '../../openflow/values/constants.ts';
import { End } from './end.ts';
import * as frames from './frames.ts';
import type { Kind, Sent } from './kinds.ts';
import type { Middle } from './middle.ts';
import { type Numbers, numbersOf } from './numbers.ts';
import { answer, type FakeSwitch, reflect } from './switch.ts';

export const SWITCHES = 10;
const OPEN_MS = 120_000;

export interface Lane {
  readonly index: number;
  readonly below: End;
  readonly above: End;
  readonly templates: Readonly<Record<Sent, frames.Template>>;
  /** Rules that a modify finds. */
  added: number;
  /** Whether they do what they did at first. */
  isBack: boolean;
  /** Numbers its flow-mods. */
  rule: number;
  /** Messages of it that are on their way (load.ts). */
  missing: number;
}

export interface Arrivals {
  readonly kind: Kind;
  onArrival(lane: Lane): void;
}

export class Sandwich {
  readonly name: string;
  readonly middle: Middle;
  readonly lanes: readonly Lane[];
  /** What both ends speak. */
  readonly speaks: Version;
  readonly #numbers: Numbers;
  /** Who is told of arrivals; set while there is load. */
  arrivals: Arrivals | undefined;
  /** The first thing that went wrong: an error message, a connection that ended. */
  trouble: string | undefined;
  readonly #server: net.Server;
  #closing = false;

  private constructor(
    name: string,
    middle: Middle,
    server: net.Server,
    lanes: Lane[],
    speaks: Version,
  ) {
    this.name = name;
    this.speaks = speaks;
    this.#numbers = numbersOf(speaks);
    this.middle = middle;
    this.#server = server;
    this.lanes = lanes;
  }

  /** Starts the middle, connects everything; every lane's controller says its first rule. */
  static async open(
    name: string,
    tenants: number,
    startMiddle: (controllerPort: number) => Promise<Middle>,
    isLimevisor: boolean,
    speaks: Version,
  ): Promise<Sandwich> {
    const server = net.createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 16_384 });
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const lanes: Lane[] = [];
    const middle = await startMiddle(port);
    const sandwich = new Sandwich(name, middle, server, lanes, speaks);
    const above: End[] = [];
    server.on('connection', (socket) => sandwich.#controller(socket, above));
    const below = Array.from({ length: SWITCHES }, (_, s) => sandwich.#switch(s, tenants));
    const count = tenants * SWITCHES;
    await sandwich.#until(() => Object.keys(above).length === count);
    for (const [index, end] of above.entries()) {
      const at = below[index % SWITCHES];
      if (at !== undefined) lanes.push(laneOf(index, at, end, isLimevisor, speaks));
    }
    return sandwich;
  }

  async close(): Promise<void> {
    this.#closing = true;
    for (const { above } of this.lanes) above.socket.destroy();
    for (const { below } of this.lanes.slice(0, SWITCHES)) below.socket.destroy();
    this.#server.close();
    await this.middle.stop();
  }

  async #until(done: () => boolean): Promise<void> {
    const startedMs = performance.now();
    while (!done()) {
      if (this.trouble !== undefined) throw new Error(this.trouble);
      if (performance.now() - startedMs > OPEN_MS) throw new Error(`${this.name}: not connected`);
      await new Promise((run) => setTimeout(run, 10));
    }
  }

  #gone(what: string, why: string): void {
    if (!this.#closing) this.trouble ??= `${this.name}: ${what} lost its connection: ${why}`;
  }

  #switch(index: number, portCount: number): End {
    const fake: FakeSwitch = { dpid: index + 1, portCount: portCount + 1, speaks: this.speaks };
    const end = new End(
      net.connect(this.middle.port, '127.0.0.1'),
      (_, dv, at, length) => this.#atSwitch(end, fake, dv, at, length),
      (why) => this.#gone(`switch ${index + 1}`, why),
    );
    end.bytes(frames.hello(this.speaks).bytes);
    return end;
  }

  #atSwitch(end: End, fake: FakeSwitch, dv: DataView, at: number, length: number): void {
    const type = header.get.type(dv, at);
    const { arrivals } = this;
    const { kind } = arrivals ?? {};
    if (kind?.arrivesAt === 'switch' && this.#numbers[kind.arrivesAs] === type) {
      const isRule = type === this.#numbers.flowMod;
      const index = isRule ? frames.laneOfRule(dv, at) : frames.laneOfPacket(dv, at, length);
      if (index >= 0) this.#arrived(index, end);
    } else if (type === this.#numbers.error) this.#refused(dv, at);
    else answer(end, fake, dv, at, length);
  }

  #controller(socket: net.Socket, above: End[]): void {
    let lane = -1;
    const onFrame = (end: End, dv: DataView, at: number, length: number): void => {
      const type = header.get.type(dv, at);
      if (lane >= 0) this.#atController(lane, end, dv, at, length);
      else if (type === this.#numbers.hello) end.bytes(frames.featuresRequest(this.speaks).bytes);
      else if (type === this.#numbers.featuresReply) {
        lane = dv.getUint32(at + 12) - 1; // The lower half of datapath_id.
        above[lane] = end;
      }
    };
    const end = new End(socket, onFrame, (why) => this.#gone(`controller ${lane}`, why));
    end.bytes(frames.hello(this.speaks).bytes);
  }

  #atController(index: number, end: End, dv: DataView, at: number, length: number): void {
    const type = header.get.type(dv, at);
    const { arrivals } = this;
    const { kind } = arrivals ?? {};
    if (kind?.arrivesAt === 'controller' && this.#numbers[kind.arrivesAs] === type) {
      const isPacket = type === this.#numbers.packetIn;
      const named = isPacket ? frames.laneOfPacket(dv, at, length) : index;
      if (named === index) this.#arrived(index, end);
      else this.trouble ??= `${this.name}: lane ${index} got lane ${named}'s packet`;
    } else if (type === this.#numbers.packetIn && arrivals?.kind.answers !== undefined) {
      const lane = this.lanes[index];
      if (lane !== undefined) put(lane, end, arrivals.kind.answers, arrivals.kind.rules);
    } else if (type === this.#numbers.error) this.#refused(dv, at);
    else if (type === this.#numbers.echoRequest) {
      reflect(end, dv, at, length, this.#numbers.echoReply);
    }
  }

  #arrived(index: number, end: End): void {
    const lane = this.lanes[index];
    if (lane?.above === end || lane?.below === end) this.arrivals?.onArrival(lane);
    else this.trouble ??= `${this.name}: a message of lane ${index} came to another`;
  }

  #refused(dv: DataView, at: number): void {
    const code = `${dv.getUint16(at + 8)}/${dv.getUint16(at + 10)}`;
    this.trouble ??= `${this.name}: got the OpenFlow error ${code}`;
  }
}

/** Sends one message of a lane; it leaves at the end of this turn. */
export function send(lane: Lane, kind: Kind): End {
  const end = kind.from === 'switch' ? lane.below : lane.above;
  put(lane, end, kind.sends, kind.rules);
  if (kind.behind !== undefined) put(lane, end, kind.behind, 0);
  return end;
}

function put(lane: Lane, end: End, what: Sent, rules: number): void {
  const isFirst = what === 'modify' && lane.added < rules;
  if (isFirst) lane.added += 1;
  if (isFirst && lane.added === 1) lane.rule = 0;
  // What changes nothing is not sent on: each round of rules does the other thing.
  if (what === 'modify' && !isFirst && lane.rule === 0) lane.isBack = !lane.isBack;
  const modifies = what === 'modify' && lane.isBack ? 'modifyBack' : what;
  const { bytes, ruleAt } = lane.templates[isFirst ? 'flowMod' : modifies];
  const view = end.bytes(bytes);
  if (ruleAt < 0) return;
  view.setUint32(end.at - bytes.length + ruleAt, lane.rule);
  lane.rule = (lane.rule + 1) % Math.max(1, rules);
}

function laneOf(
  index: number,
  below: End,
  above: End,
  isLimevisor: boolean,
  speaks: Version,
): Lane {
  above.bytes(frames.tableMiss(speaks, index).bytes);
  const datapathPort = Math.floor(index / SWITCHES) + 1;
  const templates = {
    packetIn: frames.packetIn(speaks, index, datapathPort, isLimevisor),
    packetOut: frames.packetOut(speaks, index),
    flowMod: frames.flowMod(speaks, index),
    setField: frames.setField(speaks, index),
    modify: frames.modify(speaks, index, []),
    modifyBack: frames.modify(speaks, index),
    echoRequest: frames.echoRequest(speaks),
    barrierRequest: frames.barrierRequest(speaks),
  };
  return { index, below, above, templates, rule: 0, added: 0, isBack: true, missing: 0 };
}
