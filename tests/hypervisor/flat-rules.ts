/** Tenants with very many rules on datapaths with one table, and how many become values when. */
import type { Test } from 'tap';
import type { VswitchRuntime } from '../../hypervisor/tenant/vswitch.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand } from '../../openflow/values/constants.ts';
import type { FlowMod, Message } from '../../openflow/values/values.ts';
import { isSameValue } from '../../slices/equality.ts';
import { limits } from '../../slices/limits.ts';
import { flowKey } from '../../translation/entries/physical-tables.ts';
import { RuleBytes } from '../../translation/flat/rule-bytes.ts';
import { datapath } from '../slices/networks.ts';
import { flowMod, outputs, plainRules } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';

/** More than are settled at once. */
export const RULES = limits.rulesSettledMax + 100;
/** What the last step settles, and then all the rest. */
const PER_STEP_MAX = limits.rulesSettledMax + limits.slotsPerStep;

const text = `
datapaths:
  s1: { dpid: 1, encoding: flat }
  s2: { dpid: 2, encoding: flat }
  s3: { dpid: 3, encoding: flat }
links: [s1:3 - s2:3, s2:4 - s3:4, s1:4 - s3:3]
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts:
      h1: { port: v1:1, at: s1:1 }
      h2: { port: v1:2, at: s2:1 }
  blue:
    controllers: [tcp:127.0.0.1:7002]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:2 }, h2: { port: v1:2, at: s3:1 } }
`;

export const barrier: Message = { type: 'barrierRequest', xid: 900 };

/** Of a form that stays bytes. */
export function rule(i: number, parts: Partial<FlowMod> = {}): FlowMod {
  const match = matchOf(oxm('eth_dst', i));
  return flowMod({ xid: i, priority: 5, match, instructions: outputs(1 + (i % 2)), ...parts });
}

/** How many became values in the step, or the turn, in which most did; and in all. */
class Held {
  most = 0;
  all = 0;
  #now = 0;

  note(): void {
    this.all += 1;
    this.#now += 1;
    this.most = Math.max(this.most, this.#now);
  }

  /** A step begins, of which a turn has as many as there is time for (scheduler.ts). */
  begin(): void {
    this.#now = 0;
  }
}

const holders = new Map<RuleBytes, Held>();
const hold = RuleBytes.prototype.hold;
RuleBytes.prototype.hold = function (this: RuleBytes, ...args): void {
  const { size } = this;
  hold.apply(this, args);
  if (this.size < size) holders.get(this)?.note();
};
const settleSome = RuleBytes.prototype.settleSome;
RuleBytes.prototype.settleSome = function (this: RuleBytes): void {
  holders.get(this)?.begin();
  settleSome.apply(this);
};

/** A network whose first tenant has very many rules. */
export class Side {
  readonly net = FakeNetwork.started(text, memoryStore());
  readonly red = this.net.controller(7001);
  readonly blue = this.net.controller(7002);
  readonly held = new Held();
  readonly #tables = new Map<string, Map<string, FlowMod>>();
  /** Of what its switches refuse there is nothing in their tables. */
  refuses: (mod: FlowMod) => boolean = () => false;

  constructor(staysBytes: boolean, rules: readonly FlowMod[]) {
    const { world, hypervisor } = this.net;
    if (!staysBytes) for (const one of hypervisor.runtimes()) one.flowMods.relay = () => 0;
    for (const name of this.net.switches.keys()) this.#tables.set(name, new Map());
    this.look();
    const [soon, after] = [world.soon.bind(world), world.after.bind(world)];
    const counted = (run: () => void) => (): void => {
      this.held.begin();
      run();
    };
    world.soon = (run) => soon(counted(run));
    world.after = (ms, run) => after(ms, counted(run));
    for (const one of this.net.switches.values()) {
      one.refuse = (mod) => {
        const isRefused = mod.type === 'flowMod' && this.refuses(mod);
        return isRefused ? { errorType: 5, errorCode: 1 } : undefined;
      };
    }
    if (staysBytes) holders.set(this.#bytes, this.held);
    for (let i = 0; i < rules.length; i += 500) {
      this.red.saysAtOnce(...rules.slice(i, i + 500));
      this.net.run(0);
    }
    this.net.run(100);
  }

  get runtime(): VswitchRuntime {
    const [red] = this.net.hypervisor.runtimes();
    if (red === undefined) throw new Error('red is there');
    return red;
  }

  get #bytes(): RuleBytes {
    const body = this.net.hypervisor.datapath(datapath('s1')).flat?.bodyOf(this.runtime.vswitch);
    if (body === undefined) throw new Error('it is flat');
    return body.bytes;
  }

  /** How many stand as bytes. */
  get size(): number {
    return this.#bytes.size;
  }

  says(...messages: readonly Message[]): void {
    this.held.begin();
    this.red.saysAtOnce(...messages);
  }

  /** What its switches were told is in their tables. */
  look(): void {
    for (const [name, one] of this.net.switches) {
      const table = this.#tables.get(name) ?? new Map<string, FlowMod>();
      for (const mod of one.changes()) {
        if (mod.type !== 'flowMod' || this.refuses(mod)) continue;
        const key = flowKey(mod);
        if (mod.command === flowCommand.deleteStrict) table.delete(key);
        else if (mod.command === flowCommand.delete) throw new Error('of many at once');
        else if (mod.command === flowCommand.add || table.has(key)) {
          const cookie = mod.command === flowCommand.add ? mod.cookie : table.get(key)?.cookie;
          table.set(key, { ...mod, xid: 0, command: 0, cookie: cookie ?? mod.cookie, flags: 0 });
        }
      }
    }
  }

  table(name: string): ReadonlyMap<string, FlowMod> {
    this.look();
    return new Map([...(this.#tables.get(name) ?? [])].sort());
  }

  get rules() {
    return plainRules(this.runtime.rulebook).map(
      ({ addedMs: _, hardFromMs: __, usedMs: ___, ...one }) => one,
    );
  }
}

/** With very many rules as bytes, and with the same as values: nothing else differs. */
export function alike(t: Test, doing: (side: Side) => void): Side {
  const all = Array.from({ length: RULES }, (_, i) => rule(i));
  const [bytes, values] = [true, false].map((one) => new Side(one, all));
  if (bytes === undefined || values === undefined) throw new Error('two');
  t.ok(bytes.size > RULES - 10, `${bytes.size} stand as bytes`);
  t.equal(bytes.held.all, 0, 'none became a value while only they came');
  for (const one of [bytes, values]) {
    doing(one);
    one.net.run(3_000);
  }
  const { most } = bytes.held;
  t.ok(most <= PER_STEP_MAX, `${most} became values in one step`);
  let count = 0;
  for (const name of ['s1', 's2', 's3']) {
    const table: ReadonlyMap<string, FlowMod> = bytes.table(name);
    const other: ReadonlyMap<string, FlowMod> = values.table(name);
    const odd = [...table].filter(([key, flow]) => !isSameValue(flow, other.get(key)));
    t.strictSame(odd.slice(0, 2), [], `${name} has what values have`);
    t.equal(table.size, other.size, `${name} has all of them`);
    count += table.size;
  }
  t.ok(count >= RULES, 'they are there');
  t.ok(isSameValue(bytes.rules, values.rules), 'the books agree');
  const told = [bytes, values].map((one) => one.red.received());
  t.strictSame(told[0], told[1], 'the tenant is told the same');
  return bytes;
}
