/**
 * A datapath that comes back with very many rules to make right keeps nobody else waiting, and
 * holds what it should in the end: whatever changes, goes or comes meanwhile.
 */

import t from 'tap';
import type { VswitchRuntime } from '../../hypervisor/tenant/vswitch.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand } from '../../openflow/values/constants.ts';
import type { FlowMod, FlowStats, Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { flowKey, type PhysicalFlow, sameFlow } from '../../translation/entries/physical-tables.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { pipelineEncoding } from '../../translation/pipeline/encoding.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { FakeNetwork } from './fake-switches.ts';

const RULES = 5_000;
/** What a frame of rows may hold here. */
const HELD = 300;
const PER_TURN_MAX = limits.stepsPerTurnMax * limits.slotsPerStep + limits.rowsAtOnce;

const text = `
datapaths: { s1: { dpid: 1 } }
links: []
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s1:2 } }
`;

/** What a switch holds of rules after these messages. */
function holding(rows: readonly PhysicalFlow[], messages: readonly Message[]) {
  const held = new Map(rows.map((row) => [flowKey(row), row]));
  for (const one of messages) {
    if (one.type !== 'flowMod') continue;
    const key = flowKey(one);
    const old = held.get(key);
    const isMeant = old !== undefined && ((old.cookie ^ one.cookie) & one.cookieMask) === 0n;
    if (one.command === flowCommand.add) held.set(key, one);
    else if (one.command === flowCommand.deleteStrict && isMeant) held.delete(key);
    else if (one.command === flowCommand.modifyStrict && isMeant) {
      held.set(key, { ...old, instructions: one.instructions });
    }
  }
  return new Map([...held].filter(([, one]) => readCookie(one.cookie)?.kind !== 'wiring'));
}

class Return {
  readonly network = FakeNetwork.started(text);
  readonly s1 = this.network.switch('s1');
  readonly runtime: VswitchRuntime;
  mostAtOnce = 0;

  constructor() {
    const [runtime] = this.network.hypervisor.runtimes();
    if (runtime === undefined) throw new Error('red is there');
    this.runtime = runtime;
    const red = this.network.controller(7001);
    for (let i = 0; i < RULES; i++) {
      red.says(flowMod({ match: matchOf(oxm('eth_dst', i)), instructions: outputs(2) }));
      if (i % 1_000 === 0) this.network.run(0);
    }
    this.network.run(200);
    this.leave();
    const { peer } = this.s1;
    const write = peer.write.bind(peer);
    peer.write = (bytes) => {
      let count = 0;
      const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let at = 0; at < bytes.length; at += dv.getUint16(at + 2)) count += 1;
      this.mostAtOnce = Math.max(this.mostAtOnce, count);
      return write(bytes);
    };
  }

  leave(): void {
    this.s1.peer.user?.onClose('gone');
    this.network.run(0);
    this.s1.changes();
  }

  /** Until the first rules have come, and no more. */
  begin(): void {
    const { world } = this.network;
    world.connect('tcp:0.0.0.0:6653', this.s1.peer);
    this.s1.peer.hello();
    for (let i = 0; i < 1_000 && !this.#isUnderWay(); i++) {
      world.pass(0);
      this.s1.answer();
    }
  }

  #isUnderWay(): boolean {
    const [datapath] = this.network.hypervisor.datapaths();
    return datapath?.writer.takesChanges === true;
  }

  asks(parts: Partial<FlowMod>): void {
    this.runtime.changes.flowMod(flowMod(parts), { refuse: () => undefined }, () => undefined);
  }

  get entries(): readonly PhysicalFlow[] {
    const { rulebook, vswitch } = this.runtime;
    return rulebook.rules().flatMap((rule) => pipelineEncoding.encode(vswitch, rule));
  }

  /** Every rule is there as it should be, and no other. */
  isRight(rows: readonly PhysicalFlow[], messages: readonly Message[]): boolean {
    const held = holding(rows, messages);
    const rules = [...held.values()].filter((one) => readCookie(one.cookie)?.kind !== 'egress');
    const wanted = this.entries.filter((flow) => {
      const one = held.get(flowKey(flow));
      return one !== undefined && one.cookie === flow.cookie && sameFlow(one, flow);
    });
    const kinds = rules.filter((one) => (readCookie(one.cookie)?.kind ?? 'rule') === 'rule');
    return wanted.length === this.runtime.rulebook.size && kinds.length === wanted.length;
  }
}

function rowOf(flow: PhysicalFlow): FlowStats {
  const times = { durationSec: 0, durationNsec: 0, idleTimeoutSec: 0, hardTimeoutSec: 0 };
  return { ...flow, flags: flow.flags ?? 0, ...times, packetCount: 0n, byteCount: 0n };
}

const addsIn = (messages: readonly Message[]) =>
  messages.filter(
    (one) =>
      one.type === 'flowMod' &&
      one.command === flowCommand.add &&
      readCookie(one.cookie)?.kind === 'rule',
  );

t.test('it comes back empty: every rule once, in turns', async (t) => {
  const back = new Return();
  back.begin();
  t.ok(addsIn(back.s1.changes()).length < RULES, 'it has only begun');
  back.network.run(500);
  t.equal(back.runtime.whyDown(), undefined);
  t.ok(back.mostAtOnce <= PER_TURN_MAX, `${back.mostAtOnce} in a turn`);
});

t.test('rules come, change and go meanwhile: none is lost, none comes back', async (t) => {
  const back = new Return();
  back.begin();
  const [first, last] = [0, RULES - 1].map((i) => matchOf(oxm('eth_dst', i)));
  for (const match of [first ?? [], last ?? []]) {
    back.asks({ command: flowCommand.deleteStrict, match });
  }
  const second = matchOf(oxm('eth_dst', 1));
  const command = flowCommand.modifyStrict;
  back.asks({ command, match: second, instructions: outputs(1) });
  back.asks({ command, match: matchOf(oxm('eth_dst', RULES - 2)), instructions: outputs(1) });
  back.asks({ match: matchOf(oxm('eth_dst', RULES - 3)), instructions: outputs(1) });
  back.asks({ match: matchOf(oxm('eth_dst', RULES)), instructions: outputs(1) });
  back.network.run(500);
  const sent = back.s1.changes();
  t.equal(back.runtime.rulebook.size, RULES - 1);
  t.ok(back.isRight([], sent));
  const cookies = addsIn(sent).map((one) => (one.type === 'flowMod' ? one.cookie : 0n));
  t.equal(new Set(cookies).size, cookies.length, 'none is sent twice');
});

t.test('it goes again in the middle: the next time begins anew', async (t) => {
  const back = new Return();
  back.begin();
  back.leave();
  back.begin();
  back.network.run(500);
  t.equal(back.runtime.whyDown(), undefined);
  t.ok(back.isRight([], back.s1.changes()));
});

t.test('only what is wrong is changed, and what is foreign goes', async (t) => {
  const back = new Return();
  const own = back.entries.slice(0, HELD);
  const [stale, odd] = own;
  if (stale === undefined || odd === undefined) throw new Error('they are there');
  const foreign = { ...odd, priority: 77, cookie: 5n };
  const rows = [
    { ...stale, instructions: [] },
    { ...odd, cookie: odd.cookie + BigInt(RULES) },
    ...own.slice(2),
    foreign,
  ];
  back.s1.flows = { kind: 'flow', flows: rows.map(rowOf) };
  back.begin();
  back.network.run(500);
  const sent = back.s1.changes();
  t.ok(back.isRight(rows, sent));
  t.equal(addsIn(sent).length, RULES - HELD + 1, 'what is missing, and one that is another');
  const others = sent.flatMap((one) =>
    one.type === 'flowMod' && one.command !== flowCommand.add ? [one] : [],
  );
  t.match(others, [
    { command: flowCommand.modifyStrict, cookie: stale.cookie },
    { command: flowCommand.deleteStrict, cookie: 5n, cookieMask: 0xffff_ffff_ffff_ffffn },
  ]);
});
