/**
 * A hypervisor in memory with three tenants who ask for anything: what prefixes.ts starts from.
 */
import type { VswitchRuntime } from '../../hypervisor/tenant/vswitch.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import {
  flowCommand,
  groupCommand,
  meterCommand,
  portConfig,
} from '../../openflow/values/constants.ts';
import type { Action, Instruction, Message } from '../../openflow/values/values.ts';
import { bundleOf } from '../openflow/bundled.ts';
import type { Random } from '../openflow/random.ts';
import { datapath, vport } from '../slices/networks.ts';
import { applying, flowMod, output, plain } from '../slices/rules.ts';
import { RecordingStore } from '../support/recording-store.ts';
import { FakeNetwork } from './fake-switches.ts';
import type { Peer } from './fake-world.ts';

/** What is refused when a datapath comes back is tried again every five seconds. */
const BARRIER_STEP_MS = 10;
const BARRIER_STEPS_MAX = 1_000;
const NOBODY = 0xffffffff;
const ports = { red: 7001, blue: 7002, green: 7003 } as const;
const names = Object.keys(ports) as (keyof typeof ports)[];
const datapaths = ['s1', 's2', 's3'];
const can = { maxMeter: 64, bandTypes: 2, capabilities: 0xf, maxBands: 8, maxColor: 0 };

export const lifeText = `
datapaths:
  s1: { dpid: 1, ack: barrier }
  s2: { dpid: 2, ack: barrier }
  s3: { dpid: 3, ack: barrier }
links: [s1:3 - s2:3, s2:4 - s3:4]
tenants:
${names
  .map(
    (name, i) => `  ${name}:
    controllers: [tcp:127.0.0.1:${ports[name]}]
    vswitches: { v1: { dpid: 1, on: s${1 + (i % 2)} } }
    hosts: { h1: { port: v1:1, at: s1:${10 + i} }, h2: { port: v1:2, at: s2:${10 + i} } }`,
  )
  .join('\n')}
`;

/** A hypervisor with three tenants who ask for anything. */
export class Life {
  readonly net: FakeNetwork;
  readonly #random: Random;
  readonly #store: RecordingStore;
  /** Controllers' ends of connections that are up, or were. */
  readonly #greeted: Set<Peer>;

  constructor(random: Random, store: RecordingStore, refusals: boolean) {
    this.#random = random;
    this.#store = store;
    this.net = FakeNetwork.started(lifeText, store);
    const { world, hypervisor } = this.net;
    this.#greeted = new Set(world.dialled.map(({ peer }) => peer));
    const soon = world.soon.bind(world);
    // Time passes between turns: what they wrote is kept, now and then.
    world.soon = (run) =>
      soon(() => {
        run();
        if (random.number(3) === 0) hypervisor.journal.flush();
      });
    for (const name of datapaths) {
      this.net.hypervisor.datapath(datapath(name)).meterFeatures = can;
      if (refusals) this.net.switch(name).refuse = (change) => this.#refusal(change);
    }
  }

  #refusal(change: Message) {
    const isSome = change.type === 'groupMod' || change.type === 'flowMod';
    if (!isSome || this.#random.number(40) > 0) return undefined;
    return change.type === 'flowMod' && change.command >= flowCommand.delete
      ? undefined
      : { errorType: change.type === 'flowMod' ? 5 : 6, errorCode: 1 };
  }

  ask(): void {
    const random = this.#random;
    const name = names[random.number(names.length)] ?? 'red';
    const peer = this.net.controller(ports[name]);
    const kind = random.number(27);
    if (kind < 7) this.#burst(peer, name === 'red' ? 1_500 : 120);
    else if (kind < 11) peer.says(this.#group());
    else if (kind < 15) peer.says(groupDelete(random.number(6) === 0 ? 0xfffffffc : this.#id()));
    else if (kind < 17) peer.says(this.#meter());
    else if (kind === 17) peer.says(meterDelete(this.#id()));
    else if (kind === 18) peer.says(flowMod({ command: flowCommand.delete, tableId: 0xff }));
    else if (kind === 19) peer.says(this.#modify());
    else if (kind === 20) peer.says(this.#port(name));
    else if (kind < 24) this.#bundle(peer, name === 'red' ? 300 : 30);
    else this.#migrate(name);
  }

  /** Red's book is so large that what changes all of it takes many turns. */
  #burst(peer: Peer, rulesMax: number): void {
    const count = 1 + this.#random.number(rulesMax);
    for (let i = 0; i < count; i++) {
      const isStrict = this.#random.number(6) === 0;
      peer.says(isStrict ? this.#strict(rulesMax) : this.#rule(7 * rulesMax));
    }
  }

  /** Many of them are refused: for a group that is there, or is not. */
  #bundle(peer: Peer, countMax: number): void {
    const random = this.#random;
    const one = (): Message =>
      random.pick([
        () => this.#rule(500),
        () => this.#rule(500),
        () => this.#modify(),
        () => (random.number(9) === 0 ? this.#group() : this.#rule(50)),
        () => (random.number(9) === 0 ? groupDelete(this.#id()) : this.#rule(50)),
      ])();
    const count = random.number(3) === 0 ? random.number(countMax) : random.number(6);
    peer.says(...bundleOf(Array.from({ length: count }, one), { bundleId: random.number(3) }));
  }

  #id(): number {
    return 1 + this.#random.number(4);
  }

  #rule(addresses: number): Message {
    const random = this.#random;
    const isTimed = random.number(30) === 0;
    return flowMod({
      priority: random.number(3),
      match: matchOf(oxm('eth_dst', random.number(addresses))),
      instructions: this.#instructions(),
      ...(isTimed && { idleTimeoutSec: 1 + random.number(3) }),
    });
  }

  #instructions(): readonly Instruction[] {
    const random = this.#random;
    const actions: Action[] = [output(2)];
    if (random.number(2) === 0) actions.push({ type: 'group', groupId: this.#id() });
    const meter: Instruction = { type: 'meter', meterId: this.#id() };
    return random.number(4) === 0 ? [meter, ...applying(...actions)] : applying(...actions);
  }

  #modify(): Message {
    const match = this.#random.number(2) === 0 ? [] : matchOf(oxm('eth_dst', 5));
    return flowMod({ command: flowCommand.modify, match, instructions: this.#instructions() });
  }

  /** Of one rule, that may be there. */
  #strict(addresses: number): Message {
    const random = this.#random;
    const { modifyStrict, deleteStrict } = flowCommand;
    return flowMod({
      command: random.pick([modifyStrict, modifyStrict, deleteStrict]),
      priority: random.number(3),
      match: matchOf(oxm('eth_dst', random.number(addresses))),
      instructions: this.#instructions(),
    });
  }

  #group(): Message {
    const random = this.#random;
    const chained: Action = { type: 'group', groupId: this.#id() };
    const actions = random.number(3) === 0 ? [chained] : [output(1 + random.number(2))];
    const bucket = { weight: 0, watchPort: NOBODY, watchGroup: NOBODY, actions };
    const command = random.number(3) === 0 ? groupCommand.modify : groupCommand.add;
    const what = { command, groupType: 0, groupId: this.#id(), buckets: [bucket] };
    return { type: 'groupMod', xid: 1, ...what };
  }

  #meter(): Message {
    const bands = [{ type: 'drop', rate: 1 + this.#random.number(9), burstSize: 1 } as const];
    const command = this.#random.number(3) === 0 ? meterCommand.modify : meterCommand.add;
    return { type: 'meterMod', xid: 1, command, flags: 1, meterId: this.#id(), bands };
  }

  #port(name: string): Message {
    const { vswitch } = this.#runtime(name);
    const hwAddr = vswitch.portIdentities.get(vport(1))?.hwAddr ?? new Uint8Array(6);
    const config = this.#random.number(2) * portConfig.noPacketIn;
    return {
      type: 'portMod',
      ...{ xid: 1, portNo: 1, hwAddr, config, mask: portConfig.noPacketIn, advertise: 0 },
    };
  }

  #migrate(name: string): void {
    const { executor } = this.net.hypervisor;
    const runtime = this.#runtime(name);
    const active = executor.activeOf(runtime.vswitch.name);
    if (active !== undefined) {
      if (this.#random.number(4) === 0) executor.undo(active.id, 'for the test');
      return;
    }
    const { primary } = runtime.placement;
    const others = datapaths.filter((one) => one !== primary);
    const to = others[this.#random.number(others.length)] ?? 's1';
    const strategy = this.#random.number(3) === 0 ? 'freeze' : 'lime';
    executor.start(runtime.vswitch, primary, datapath(to), strategy);
  }

  #runtime(name: string): VswitchRuntime {
    const found = this.net.hypervisor.runtimes().find((one) => one.vswitch.tenant === name);
    if (found === undefined) throw new Error(`no tenant ${name}`);
    return found;
  }

  /**
   * Whether a barrier of its controller is answered; on another connection, where a switch has hung
   * up meanwhile.
   */
  #isAnswered(name: keyof typeof ports): boolean {
    let asked: Peer | undefined;
    for (let i = 0; i < BARRIER_STEPS_MAX; i++) {
      this.comeBack();
      const peer = this.net.controller(ports[name]);
      if (peer !== asked) {
        peer.received();
        peer.says({ type: 'barrierRequest', xid: 77 });
        asked = peer;
      }
      this.net.run(BARRIER_STEP_MS);
      if (peer.types().includes('barrierReply')) return true;
    }
    return false;
  }

  /**
   * Switches with which we broke off connect again, and controllers that were dialled again greet:
   * one that refused to go back to what it held is disconnected and read again.
   */
  comeBack(): void {
    for (const name of datapaths) {
      const { peer } = this.net.switch(name);
      if (!peer.isClosed) continue;
      peer.isClosed = false;
      this.net.connect(name);
    }
    for (const { peer } of this.net.world.dialled) {
      if (peer.isClosed || this.#greeted.has(peer)) continue;
      this.#greeted.add(peer);
      peer.user?.onOpen();
      peer.hello();
    }
  }

  /** Waits for a barrier of every tenant: what they made is what a process finds that starts. */
  whatABarrierLeavesOut(): string | undefined {
    for (const name of names) {
      if (!this.#isAnswered(name)) {
        return `the barrier of ${name} is never answered: ${this.#runtime(name).whyDown()}`;
      }
      const state = this.#store.states.at(-1);
      if (state === undefined) return 'nothing was ever kept';
      const next = new FakeNetwork(lifeText, RecordingStore.in(state)).loaded();
      const runtime = this.#runtime(name);
      const again = next.hypervisor.runtime(runtime.vswitch.name);
      if (again === undefined) return `${name} is not there`;
      const clockAhead = next.world.wallClockMs() - this.net.world.wallClockMs();
      const [had, has] = [bookOf(runtime, this.net.world.now), bookOf(again, next.world.now)];
      if (clockAhead === 0 && had !== has) return `${name}: ${has} and not ${had}`;
      const withoutAges = (book: string): string => book.replace(/"ages":\[[^\]]*\]/g, '');
      if (withoutAges(had) !== withoutAges(has)) return `${name}: ${has} and not ${had}`;
    }
    return undefined;
  }
}

function groupDelete(groupId: number): Message {
  const what = { command: groupCommand.delete, groupType: 0, groupId, buckets: [] };
  return { type: 'groupMod', xid: 1, ...what };
}

function meterDelete(meterId: number): Message {
  return { type: 'meterMod', xid: 1, command: meterCommand.delete, flags: 0, meterId, bands: [] };
}

/** All that a tenant made, without what a start does not know: when a rule was last used. */
export function bookOf(runtime: VswitchRuntime, nowMs: number): string {
  const { rulebook, groups, meters, ports: portsOf } = runtime;
  const rules = rulebook.rules().map((rule) => {
    const { usedMs: _used, addedMs, hardFromMs, ...rest } = plain(rule);
    return { ...rest, ages: [addedMs - nowMs, hardFromMs - nowMs].map(Math.round) };
  });
  const made = {
    rules,
    groups: groups.table.groups().map(({ groupId, groupType, buckets, below }) => {
      return { groupId, groupType, buckets, below };
    }),
    meters: meters.table.meters().map(({ meterId, flags, bands, below }) => {
      return { meterId, flags, bands, below };
    }),
    config: portsOf.view(vport(1)).config,
  };
  return JSON.stringify(made, (_, value) => (typeof value === 'bigint' ? String(value) : value));
}
