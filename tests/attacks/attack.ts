/**
 * An attack of red's controller on the simulated network (tests/fuzz/scene.ts): what is said, what
 * is answered, and whether anything reached a switch or blue.
 */
import type { Test } from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import {
  errorName,
  flowCommand,
  groupCommand,
  port as ofpp,
  type Version,
  version,
} from '../../openflow/values/constants.ts';
import type { FlowMod, Instruction, Match, Message } from '../../openflow/values/values.ts';
import { cookieOf, metadataOf } from '../../translation/entries/pipeline.ts';
import { withXid } from '../fuzz/bend.ts';
import { Scene, type Session } from '../fuzz/scene.ts';
import { FakeNetwork } from '../hypervisor/fake-switches.ts';
import type { Peer } from '../hypervisor/fake-world.ts';
import { toHex } from '../openflow/hex.ts';
import { vswitchName } from '../slices/networks.ts';

/** A message without its xid, or a frame whose xid does not matter. */
export type Said = Unsent | Uint8Array;
type Unsent = Message extends infer M ? (M extends Message ? Omit<M, 'xid'> : never) : never;

export const both: readonly Version[] = [version.of10, version.of13];
const LONG_ENOUGH_MS = 1_500;
const V3 = 3n;

export class Attack {
  readonly scene: Scene;
  readonly #t: Test;
  readonly #spoken: Version;
  #xid = 0x7000;

  constructor(t: Test, spoken: Version = version.of13) {
    this.scene = new Scene(1, spoken);
    this.#t = t;
    this.#spoken = spoken;
  }

  /** Red's connection of the vswitch that lives on s3, where blue's does too. */
  get red(): Session {
    return this.scene.session('red', V3);
  }

  get blue(): Session {
    return this.scene.session('blue', V3);
  }

  /** Says it, and lets it have its effect; what came back under its xid. */
  says(what: Said): readonly Message[] {
    return this.#put(this.#framed(what));
  }

  /** A new frame of red's: its xid is one that nothing else had. */
  #framed(what: Said): Uint8Array {
    this.#xid += 1;
    const frame = what instanceof Uint8Array ? what : encode(this.#spoken, { ...what, xid: 0 });
    return withXid(frame, this.#xid);
  }

  #put(frame: Uint8Array): readonly Message[] {
    const { red } = this;
    red.write(frame);
    this.scene.pass(LONG_ENOUGH_MS);
    return red.received.filter((one) => one.xid === this.#xid);
  }

  /** It is refused with this error and its own bytes; below, and for blue, nothing happened. */
  isRefused(what: Said, wanted: string): void {
    const before = this.#surroundings();
    const frame = this.#framed(what);
    const answers = this.#put(frame);
    this.#t.strictSame(answers.map(textOf), [wanted], `${wanted}, once, under its own xid`);
    const [error] = answers;
    const quoted = error?.type === 'error' ? toHex(error.data) : '';
    this.#t.ok(quoted.endsWith(toHex(frame)), 'with its own bytes');
    this.#t.equal(this.#surroundings(), before, 'no switch has it, blue hears nothing');
  }

  /** Whether red gets an echo back. */
  isEchoed(what: Said): boolean {
    return this.#put(this.#framed(what)).some((one) => one.type === 'echoReply');
  }

  /** Nobody else noticed, and red itself is served on. */
  isHarmless(): void {
    this.#t.ok(this.scene.answers(this.red, 1), 'red is served on');
    this.#t.ok(this.scene.answers(this.blue, 1), 'blue is served on');
  }

  /** What the switches hold and what blue has heard. */
  #surroundings(): string {
    return `${this.scene.holdings()}\n${this.blue.received.map(textOf).join()}`;
  }
}

/** An error's name, any other message's type. */
export function textOf(message: Message): string {
  if (message.type !== 'error') return message.type;
  return errorName(message.errorType, message.errorCode);
}

export function flowMod(parts: Partial<FlowMod> = {}): FlowMod {
  return {
    type: 'flowMod',
    xid: 0,
    cookie: 0n,
    cookieMask: 0n,
    tableId: 0,
    command: flowCommand.add,
    idleTimeoutSec: 0,
    hardTimeoutSec: 0,
    priority: 10,
    bufferId: 0xffff_ffff,
    outPort: ofpp.any,
    outGroup: 0xffff_ffff,
    flags: 0,
    match: [],
    instructions: [],
    ...parts,
  };
}

export function outputs(...ports: readonly number[]): readonly Instruction[] {
  const actions = ports.map((port) => ({ type: 'output', port, maxLen: 0xffff }) as const);
  return [{ type: 'applyActions', actions }];
}

export function rule(match: Match, ...ports: readonly number[]): FlowMod {
  return flowMod({ match, instructions: outputs(...ports) });
}

export const removeAll = flowMod({ command: flowCommand.delete, tableId: 0xff });

export function groupMod(groupId: number, ...ports: readonly number[]) {
  const watch = { weight: 0, watchPort: ofpp.any, watchGroup: 0xffff_ffff };
  const buckets = ports.map((port) => ({
    ...watch,
    actions: [{ type: 'output', port, maxLen: 0xffff }] as const,
  }));
  return { type: 'groupMod', command: groupCommand.add, groupType: 0, groupId, buckets } as const;
}

/** The frame with other bytes from `at` on. */
export function patched(frame: Uint8Array, at: number, ...bytes: readonly number[]): Uint8Array {
  const out = frame.slice();
  out.set(bytes, at);
  return out;
}

/** The id of a vswitch, and a miss of its by vport 1, as its switch sends it. */
export function missOf(
  { hypervisor }: Pick<FakeNetwork, 'hypervisor'>,
  name: string,
  data: Uint8Array = new Uint8Array(1_400),
): Uint8Array {
  const id = hypervisor.runtime(vswitchName(name))?.vswitch.id;
  if (id === undefined) throw new Error(`${name} is not there`);
  const match = matchOf(oxm('in_port', 1), oxm('metadata', metadataOf(id, 1)));
  const what = { bufferId: 0xffff_ffff, totalLen: data.length, reason: 1, tableId: 2, match, data };
  return encode(version.of13, {
    type: 'packetIn',
    xid: 0,
    cookie: cookieOf('rule', id, 1),
    ...what,
  });
}

/** Which of the connections to a tenant's port is a vswitch's: by what its features say. */
export function controllerOf(network: FakeNetwork, port: number, dpid: bigint): Peer {
  const all = network.world.dialled.filter(
    ({ target }) => 'port' in target && target.port === port,
  );
  for (const { peer } of all) {
    peer.received();
    peer.says({ type: 'featuresRequest', xid: 1 });
    network.run();
    if (peer.received().some((one) => one.type === 'featuresReply' && one.dpid === dpid))
      return peer;
  }
  throw new Error(`no connection of ${dpid}`);
}

/** A network whose tenants' controllers all speak this version. */
export function startedIn(spoken: Version, text: string): FakeNetwork {
  const only = `openflow: [${spoken === version.of10 ? '1.0' : '1.3'}]`;
  const net = new FakeNetwork(text.replaceAll(/^( +)controllers:/gm, `$1${only}\n$1controllers:`));
  for (const name of net.switches.keys()) net.connect(name);
  for (const { peer } of net.world.dialled) {
    peer.version = spoken;
    peer.user?.onOpen();
    peer.hello();
  }
  net.run();
  for (const { peer } of net.world.dialled) peer.received();
  for (const one of net.switches.values()) one.changes();
  return net;
}
