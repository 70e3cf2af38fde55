/**
 * Networks whose file is edited at random between runs, while vswitches migrate: `check` and `run`
 * say the same, `run` starts, every migration ends, and who is not concerned runs.
 */
import type { Test } from 'tap';
import { Journal } from '../../hypervisor/store/journal.ts';
import { starting } from '../../hypervisor/store/starting.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import type { Message } from '../../openflow/values/values.ts';
import { isInfeasible } from '../../slices/network/snapshot.ts';
import { isTrouble, type Remedy, remedyText } from '../../slices/remedy.ts';
import { isOver } from '../../translation/migration/migration.ts';
import { randomFrom } from '../sim/world.ts';
import { configOf } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';
import { FakeWorld } from './fake-world.ts';

/** What `limevisor check --store` says. */
export function checked(text: string, store: Store): readonly Remedy[] {
  const world = new FakeWorld();
  const journal = new Journal(world, { ...store, append: (_, done) => done() });
  const begun = starting({ world, journal }, configOf(text), journal.load());
  if (isInfeasible(begun)) throw new Error(begun.why);
  return begun.start.remedies;
}

export const vswitchIn = (net: FakeNetwork, name: string) =>
  net.hypervisor.runtimes().find((one) => one.vswitch.name === name);

export const rule = (cookie: bigint): Message =>
  flowMod({ cookie, match: [], instructions: outputs(2) as never });

/** A file that reads well, with some of four datapaths, joined somehow, and one or two tenants. */
function randomFile(random: () => number): string {
  const pick = (count: number): number => Math.floor(random() * count);
  const names = [1, 2, 3, 4].filter(() => random() < 0.8);
  const one = (): number => names[pick(names.length)] ?? 5;
  const flat = (n: number): string => (random() < 0.15 ? `, encoding: flat` : `${n && ''}`);
  const links = names.flatMap((n, i) =>
    i > 0 && random() < 0.85 ? [`s${names[i - 1]}:${10 + i} - s${n}:${20 + i}`] : [],
  );
  if (names.length > 0 && random() < 0.8) links.push(`s5:30 - s${names[0]}:31`);
  const host = random() < 0.5 ? `h2: { port: v2:1, at: s${one()}:3 }` : '';
  const red = `  red:
    controllers: [tcp:127.0.0.1:${random() < 0.8 ? 7001 : 7002}]
    vswitches: { v1: { dpid: 1, on: s${one()} }, v2: { dpid: 2, on: s${one()} } }
    hosts: { h1: { port: v1:1, at: s${one()}:1 }, ${host} }
    links: [${random() < 0.7 ? 'v1:2 - v2:2' : ''}]`;
  return `
datapaths:
${names.map((n) => `  s${n}: { dpid: ${n}, ack: barrier${flat(n)} }`).join('\n')}
  s5: { dpid: 5, ack: barrier }
links: [${links.join(', ')}]
tenants:
${random() < 0.85 ? red : ''}
  blue:
    controllers: [tcp:127.0.0.1:7003]
    vswitches: { v1: { dpid: 1, on: s5 } }
    hosts: { h1: { port: v1:1, at: s5:2 } }
`;
}

/** Red does things, and its vswitches migrate. */
function live(net: FakeNetwork, random: () => number): void {
  const pick = (count: number): number => Math.floor(random() * count);
  const { hypervisor } = net;
  for (let i = 0; i < 4; i++) {
    for (const { target, peer } of net.world.dialled) {
      if (peer.isClosed || target === undefined || random() < 0.4) continue;
      const buckets = [{ weight: 0, watchPort: 0xffffffff, watchGroup: 0xffffffff, actions: [] }];
      if (random() < 0.2) {
        const group = { command: 0, groupType: 0, groupId: 1 + pick(3), buckets };
        peer.says({ type: 'groupMod', xid: i, ...group });
      } else peer.says({ ...rule(BigInt(i)), priority: pick(9) } as Message);
    }
    const reds = hypervisor.runtimes().filter((one) => one.vswitch.tenant === 'red');
    const runtime = reds[pick(Math.max(1, reds.length))];
    const to = hypervisor.datapaths()[pick(hypervisor.datapaths().length)]?.name;
    if (runtime && to && !runtime.placement.bodies.includes(to)) {
      const { name } = runtime.vswitch;
      const isBusy = hypervisor.executor.activeOf(name) !== undefined || runtime.whyDown();
      const { primary } = runtime.placement;
      if (!isBusy) hypervisor.executor.start(runtime.vswitch, primary, to, 'lime');
    }
    net.run(pick(1_200));
  }
}

/** Four runs on one store. */
export function edited(t: Test, seed: number): void {
  const random = randomFrom(seed);
  const store = memoryStore();
  for (let run = 0; run < 4; run++) {
    const text = randomFile(random);
    const said = checked(text, store);
    const net = FakeNetwork.started(text, store);
    const where = `seed ${seed}, run ${run}`;
    t.strictSame(net.hypervisor.remedies.map(remedyText), said.map(remedyText), where);
    t.equal(vswitchIn(net, 'blue/v1')?.whyDown(), undefined, `${where}: blue runs`);
    const blues = said.filter((one) => isTrouble(one) && one.object.startsWith('blue'));
    t.strictSame(blues, []);
    live(net, random);
    if (random() < 0.5) continue;
    net.run(40_000);
    const open = net.hypervisor.executor.all().filter((one) => !isOver(one));
    t.strictSame(open, [], `${where}: every migration ends`);
  }
}
