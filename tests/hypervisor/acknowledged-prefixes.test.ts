/**
 * From every state that a store was ever in, a start has what its tenant was told is done, and
 * nothing that it was told is refused: rules, groups, meters and port configurations, with one body
 * and with several, in every state of migrations. And when switches are there again that refuse
 * what they refused before, the vswitch serves.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import {
  flowCommand,
  groupCommand,
  meterCommand,
  portConfig,
} from '../../openflow/values/constants.ts';
import type { Action, Instruction, Message } from '../../openflow/values/values.ts';
import { GROUP_IDS_FROM } from '../../slices/groups-meters/groups.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { isOver } from '../../translation/migration/migration.ts';
import { Random } from '../openflow/random.ts';
import { datapath, vport } from '../slices/networks.ts';
import { flowMod, output } from '../slices/rules.ts';
import { RecordingStore } from '../support/recording-store.ts';
import { FakeNetwork } from './fake-switches.ts';

const text = `
datapaths: { s1: { dpid: 1, ack: barrier }, s2: { dpid: 2, ack: barrier } }
links: [s1:3 - s2:3]
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s2:2 } }
`;
const names = ['s1', 's2'] as const;
const NOBODY = 0xffffffff;
const BARRIER = 1_000_000;
const can = { maxMeter: 64, bandTypes: 2, capabilities: 0xf, maxBands: 8, maxColor: 0 };

/** What a request is about, and the number by which what it made is known: its xid. */
type About =
  | { readonly kind: 'rule' | 'group' | 'meter'; readonly key: number; readonly goes: boolean }
  | { readonly kind: 'rules' }
  | { readonly kind: 'port' };

interface Asked {
  readonly message: Message;
  readonly about: About;
}

/** Of one state: by what it is, the number of the request that made it what it is. */
type Made = Map<string, number>;

/** Actions that say which request they are from. */
const saying = (xid: number, ...more: Action[]): readonly Instruction[] => {
  const said: Action = { type: 'setField', oxm: oxm('eth_src', xid) };
  return [{ type: 'applyActions', actions: [said, ...more, output(2)] }];
};

function anything(random: Random, xid: number, hwAddr: Uint8Array): Asked {
  const key = 1 + random.number(4);
  const match = matchOf(oxm('eth_dst', key));
  const kind = random.number(16);
  if (kind < 4) {
    const flags = random.number(2);
    const uses: Action[] = random.number(4) === 0 ? [{ type: 'group', groupId: key }] : [];
    const mod = { xid, cookie: BigInt(xid), flags, match, instructions: saying(xid, ...uses) };
    return { message: flowMod(mod), about: { kind: 'rule', key, goes: false } };
  }
  if (kind < 7) {
    const isWide = kind === 6 && random.number(2) === 0;
    const command = isWide ? flowCommand.modify : flowCommand.modifyStrict;
    const mod = { xid, command, match: isWide ? [] : match, instructions: saying(xid) };
    const about: About = isWide ? { kind: 'rules' } : { kind: 'rule', key, goes: false };
    return { message: flowMod(mod), about };
  }
  if (kind === 7) {
    const mod = { xid, command: flowCommand.deleteStrict, match };
    return { message: flowMod(mod), about: { kind: 'rule', key, goes: true } };
  }
  if (kind < 11) {
    const command = [groupCommand.add, groupCommand.modify, groupCommand.delete][kind - 8] ?? 0;
    const goes = command === groupCommand.delete;
    const bucket = { weight: xid, watchPort: NOBODY, watchGroup: NOBODY, actions: [output(2)] };
    const what = { command, groupType: 1, groupId: key, buckets: goes ? [] : [bucket] };
    return { message: { type: 'groupMod', xid, ...what }, about: { kind: 'group', key, goes } };
  }
  if (kind < 14) {
    const command = [meterCommand.add, meterCommand.modify, meterCommand.delete][kind - 11] ?? 0;
    const goes = command === meterCommand.delete;
    const bands = goes ? [] : [{ type: 'drop', rate: xid, burstSize: 1 } as const];
    const what = { command, flags: 1, meterId: key, bands };
    return { message: { type: 'meterMod', xid, ...what }, about: { kind: 'meter', key, goes } };
  }
  const config = random.number(2) * portConfig.noPacketIn;
  const mod = { portNo: 1, hwAddr, config, mask: portConfig.noPacketIn, advertise: 0 };
  return { message: { type: 'portMod', xid, ...mod }, about: { kind: 'port' } };
}

/** Whether a switch has no room for what a tenant made: always the same of the same thing. */
function isRefused(message: Message): boolean {
  const what = contentOf(message);
  if (what === undefined) return false;
  const all = JSON.stringify(what, (_, one: unknown) => (typeof one === 'bigint' ? `${one}` : one));
  let hash = 7;
  for (let i = 0; i < all.length; i++) hash = (hash * 31 + all.charCodeAt(i)) >>> 0;
  return hash % 5 === 0;
}

function contentOf(message: Message): unknown {
  if (message.type === 'groupMod') {
    const isMade = message.groupId >= GROUP_IDS_FROM && message.command !== groupCommand.delete;
    return isMade ? message.buckets : undefined;
  }
  if (message.type === 'meterMod')
    return message.command === meterCommand.delete ? undefined : message.bands;
  if (message.type !== 'flowMod' || message.command >= flowCommand.delete) return undefined;
  return readCookie(message.cookie)?.kind === 'rule' ? message.instructions : undefined;
}

function refusing(net: FakeNetwork): FakeNetwork {
  for (const name of names) {
    net.hypervisor.datapath(datapath(name)).meterFeatures = can;
    net.switch(name).refuse = (one) =>
      isRefused(one) ? { errorType: 5, errorCode: 1 } : undefined;
  }
  return net;
}

function redOf({ hypervisor }: FakeNetwork) {
  const [runtime] = hypervisor.runtimes();
  if (runtime === undefined) throw new Error('no vswitch');
  return runtime;
}

function madeIn(net: FakeNetwork): Made {
  const { rulebook, groups, meters, ports } = redOf(net);
  const made: Made = new Map();
  for (const { match, instructions } of rulebook.rules()) {
    const [said] = instructions.flatMap((one) => ('actions' in one ? one.actions : []));
    if (said?.type === 'setField') made.set(`rule ${numberIn(match[0])}`, numberIn(said.oxm));
  }
  for (const { groupId, buckets } of groups.table.groups())
    made.set(`group ${groupId}`, buckets[0]?.weight ?? 0);
  for (const { meterId, bands } of meters.table.meters())
    made.set(`meter ${meterId}`, bands[0]?.rate ?? 0);
  made.set('port', ports.view(vport(1)).config & portConfig.noPacketIn);
  return made;
}

/** The last bytes of an address. */
function numberIn(field: { readonly value: Uint8Array } | undefined): number {
  const { value = new Uint8Array(6) } = field ?? {};
  return new DataView(value.buffer, value.byteOffset + 2).getUint32(0);
}

/** What must be there when all of `done` was acknowledged, and `open` was asked for after it. */
function promised(
  done: readonly Asked[],
  open: readonly Asked[],
  errors: ReadonlySet<number>,
): Made {
  const made: Made = new Map([['port', 0]]);
  const users = new Map<string, number>();
  const dropUsers = (group: number): void => {
    for (const [rule, used] of users) if (used === group) made.delete(rule);
  };
  for (const { message, about } of done) {
    const { xid } = message;
    if (errors.has(xid)) continue;
    if (message.type === 'portMod') made.set('port', message.config);
    if (about.kind === 'rules') {
      for (const name of made.keys()) if (name.startsWith('rule')) made.set(name, xid);
      users.clear();
    }
    if (about.kind === 'rules' || about.kind === 'port') continue;
    const name = `${about.kind} ${about.key}`;
    const isModify = message.type === 'flowMod' && message.command === flowCommand.modifyStrict;
    if (about.goes) made.delete(name);
    else if (!isModify || made.has(name)) made.set(name, xid);
    if (about.kind === 'group' && about.goes) dropUsers(about.key);
    if (about.kind !== 'rule') continue;
    users.delete(name);
    const uses = JSON.stringify('instructions' in message ? message.instructions : []);
    if (/"groupId"/.test(uses)) users.set(name, about.key);
  }
  for (const { about } of open) {
    if (about.kind === 'port') made.delete('port');
    if (about.kind === 'rules')
      for (const name of [...made.keys()]) /rule/.test(name) && made.delete(name);
    if (about.kind === 'rules' || about.kind === 'port') continue;
    made.delete(`${about.kind} ${about.key}`);
    if (about.kind === 'group') dropUsers(about.key);
  }
  return made;
}

class Life {
  readonly store = new RecordingStore();
  readonly net = refusing(FakeNetwork.started(text, this.store));
  readonly asked: Asked[] = [];
  /** By number of a request: from which state on its tenant was told that it was refused. */
  readonly refused = new Map<number, number>();
  /** How much was acknowledged, and from which state on. */
  readonly acknowledged: (readonly [from: number, count: number])[] = [];
  readonly seen = new Set<string>();
  /** Of each state: how much had been asked for. */
  readonly #askedAt: number[] = [];
  readonly #random: Random;
  readonly #barriers: number[] = [];

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  round(): void {
    const random = this.#random;
    const red = this.net.controller(7001);
    const hwAddr = redOf(this.net).vswitch.portIdentities.get(vport(1))?.hwAddr;
    for (let i = random.number(4); i >= 0; i--) {
      const one = anything(random, this.asked.length + 1, hwAddr ?? new Uint8Array(6));
      this.asked.push(one);
      red.says(one.message);
    }
    this.#barriers.push(this.asked.length);
    red.says({ type: 'barrierRequest', xid: BARRIER });
    if (random.number(3) === 0) this.#migrate();
    for (let ms = random.number(40); ms >= 0; ms--) {
      this.net.run(1);
      this.#listen();
    }
  }

  #migrate(): void {
    const { executor } = this.net.hypervisor;
    const { vswitch, placement } = redOf(this.net);
    const active = executor.activeOf(vswitch.name);
    if (active !== undefined) {
      if (this.#random.number(5) === 0) executor.undo(active.id, 'for the test');
      return;
    }
    const to = placement.primary === 's1' ? 's2' : 's1';
    executor.start(vswitch, placement.primary, datapath(to), 'lime');
  }

  #listen(): void {
    const now = this.store.states.length - 1;
    for (const one of this.net.controller(7001).received()) {
      if (one.type === 'error') this.refused.set(one.xid, now);
      const count = one.type === 'barrierReply' ? this.#barriers.shift() : undefined;
      if (count !== undefined) this.acknowledged.push([now, count]);
    }
    while (this.#askedAt.length <= now) this.#askedAt.push(this.asked.length);
    const last = this.net.hypervisor.executor.all().at(-1);
    if (last !== undefined) this.seen.add(isOver(last) ? 'over' : last.state.type);
  }

  /** Whether something was under way then that a switch refused later. */
  isOpenAt(i: number): boolean {
    const asked = this.#askedAt[i] ?? 0;
    return [...this.refused].some(([xid, from]) => xid <= asked && from > i);
  }

  /** What is wrong with a start from a state; empty when nothing is. */
  wrong(i: number, net: FakeNetwork): readonly string[] {
    const count = this.acknowledged.findLast(([from]) => from <= i)?.[1] ?? 0;
    const told = [...this.refused].filter(([, from]) => from <= i).map(([xid]) => xid);
    const [done, open] = [this.asked.slice(0, count), this.asked.slice(count, this.#askedAt[i])];
    const made = madeIn(net);
    const lost = [...promised(done, open, new Set(this.refused.keys()))]
      .filter(([name, xid]) => made.get(name) !== xid)
      .map(([name, xid]) => `${name} of ${xid} is ${made.get(name)}`);
    const ghosts = [...made].filter(([name, xid]) => name !== 'port' && told.includes(xid));
    return [...lost, ...ghosts.map(([name, xid]) => `${name} is of ${xid}, which was refused`)];
  }
}

for (const seed of [1, 2]) {
  t.test(`what was acknowledged, not what was refused: seed ${seed}`, async (t) => {
    const life = new Life(seed);
    for (let i = 0; i < 50; i++) life.round();
    t.ok(life.refused.size > 10 && life.acknowledged.length > 30, 'it was a life');
    for (const state of ['handOver', 'move', 'drain', 'over']) t.ok(life.seen.has(state), state);
    const { states } = life.store;
    const troubles: string[] = [];
    let connected = 0;
    for (const [i, state] of states.entries()) {
      const started = new FakeNetwork(text, RecordingStore.in(state)).loaded();
      troubles.push(...life.wrong(i, started).map((one) => `${i} of ${states.length}: ${one}`));
      if (!life.isOpenAt(i)) continue;
      connected += 1;
      refusing(started);
      for (const name of names) started.connect(name);
      started.run(300);
      const why = redOf(started).whyDown();
      if (why !== undefined) troubles.push(`${i} of ${states.length}, with switches: ${why}`);
      troubles.push(...life.wrong(i, started).map((one) => `${i}, with switches: ${one}`));
    }
    t.ok(connected > 5, `${connected} were killed while something was refused`);
    t.strictSame(troubles.slice(0, 5), []);
  });
}
