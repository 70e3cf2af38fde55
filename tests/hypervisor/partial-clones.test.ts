/**
 * A clone of a part: a vswitch has a second body, which processes what its own hosts send and holds
 * only the rules that this may meet; hosts bring theirs with them. When the last is there it is a
 * migration that is over, or the clone leaves again; a restart finds what was there.
 */
import t from 'tap';
import { migrateMember } from '../../hypervisor/operator/control-members.ts';
import { statusReport } from '../../hypervisor/operator/report.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { table } from '../../openflow/values/constants.ts';
import { errorTable } from '../../openflow/values/errors.ts';
import type { FlowMod } from '../../openflow/values/values.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { planHostMove } from '../../translation/migration/host-move-plan.ts';
import { datapath, vport, vswitchName } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { failing } from '../support/faults.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';
import { TestDrivers } from './host-moves.ts';
import type { Answer } from './moved-members.ts';

const text = (place = 'on: s1') => `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: [s1:3 - s2:3, s2:4 - s3:3]
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches:
      v1: { dpid: 1, ${place} }
    hosts:
      h1: { port: v1:1, at: s1:1 }
      h2: { port: v1:2, at: s1:2 }
      h3: { port: v1:3, at: s1:4 }
`;
const V1 = vswitchName('red/v1');
const WITHIN_MS = 6_000;

/** A rule of so many of each port, and of none; told apart by priorities. */
const ofPort = (port: number, priority = 100 + port): FlowMod =>
  flowMod({ priority, match: matchOf(oxm('in_port', port)), instructions: outputs(3) });
const ofAll = flowMod({
  priority: 50,
  match: matchOf(oxm('eth_dst', 7)),
  instructions: outputs(1),
});

function started(store = memoryStore(), file = text()) {
  const drivers = new TestDrivers();
  const net = new FakeNetwork(file, store, failing, { drivers }).loaded();
  const used = use(net);
  net.up();
  return { ...used, drivers, store };
}

function use(net: FakeNetwork) {
  const { hypervisor } = net;
  /** Some seconds, in which its controller answers. */
  const wait = (): void => {
    for (let ms = 0; ms < WITHIN_MS; ms += 500) {
      net.run(500);
      for (const { type, xid } of net.controller(7001).received()) {
        if (type !== 'echoRequest') continue;
        net.controller(7001).says({ type: 'echoReply', xid, data: new Uint8Array(0) });
      }
    }
  };
  /** `limevisor migrate red/v1 ...`, to its end. */
  const migrate = (asked: { to?: string; from?: string; isPartial?: boolean; isDry?: boolean }) => {
    let answer: Answer | undefined;
    const { to, ...more } = { isDry: false, ...asked };
    const how = { names: ['red/v1'], to: to === undefined ? [] : [to], ...more };
    migrateMember(hypervisor, how, {
      result: (result: Answer) => {
        answer = result;
      },
    });
    wait();
    if (answer === undefined) throw new Error('no answer');
    return answer;
  };
  /** What a switch was sent of rules, by priority: those that it has been asked to hold. */
  const held = new Map<string, Set<number>>();
  const heldOn = (name: string): string => {
    const own = held.get(name) ?? new Set();
    held.set(name, own);
    for (const one of net.switch(name).changes()) {
      if (one.type !== 'flowMod') continue;
      const isRules = one.tableId === table.all && readCookie(one.cookie)?.kind === 'rule';
      if (one.command >= 3 && isRules) own.clear();
      if (one.tableId !== 2) continue;
      if (one.command >= 3) own.delete(one.priority - 1);
      else own.add(one.priority - 1);
    }
    return [...own].sort((a, b) => a - b).join(' ');
  };
  const says = (...mods: readonly FlowMod[]): void => {
    net.controller(7001).says(...mods);
    net.run();
  };
  const move = (host: string, to: string, ends: 'arrived' | 'failed', drivers: TestDrivers) =>
    moveHost(net, wait, { host, to, ends, drivers });
  const placement = () => hypervisor.runtime(V1)?.placement;
  const place = (): string => {
    const { bodies = [], primary } = placement() ?? {};
    return `${bodies.join('+')} by ${primary}`;
  };
  return { net, hypervisor, migrate, heldOn, says, move, placement, place };
}

interface HostAsked {
  readonly host: string;
  readonly to: string;
  readonly ends: 'arrived' | 'failed';
  readonly drivers: TestDrivers;
}

/** `limevisor move`, to its end. */
function moveHost(
  net: FakeNetwork,
  wait: () => void,
  { host, to, ends, drivers }: HostAsked,
): string | undefined {
  const { hypervisor } = net;
  const plan = planHostMove(
    hypervisor.snapshot(),
    { host: `red/${host}`, to, driver: 'exec' },
    {
      isReady: (on) => hypervisor.datapath(on).isReady,
      tablesOf: (name) => hypervisor.runtime(name),
      whyNoDriver: () => undefined,
      underWay: () => undefined,
    },
  );
  if (plan.type === 'problems') throw new Error(plan.problems.join('; '));
  hypervisor.hostMoves.start(plan);
  const before = drivers.users.length;
  for (let ms = 0; drivers.users.length === before && ms < 2_000; ms += 20) net.run(20);
  const isAsked = drivers.users.length > before;
  if (isAsked && ends === 'arrived') drivers.ends({ type: 'arrived' });
  else if (isAsked) drivers.ends({ type: 'failed', why: 'no' });
  wait();
  return hypervisor.hostMoves.all().at(-1)?.state.type;
}

t.test('it holds what its hosts may meet, and each host brings its rules', async (t) => {
  const { migrate, heldOn, says, move, place, placement, drivers, hypervisor } = started();
  says(ofAll, ofPort(1), ofPort(2), ofPort(3), ofPort(3, 200));
  const dry = migrate({ to: 's3', isPartial: true, isDry: true });
  t.equal(place(), 's1 by s1', 'nothing was done');
  const steps = dry.plan.type === 'memberPlan' ? dry.plan.steps : dry.plan.problems;
  t.match(steps[0], /^s3 joins, and gets 1 of 5 rules \(4 name ports by which nothing enters/);
  const { member } = migrate({ to: 's3', isPartial: true });
  t.match(member, { isInFile: false });
  t.notOk(member?.whyNot);
  t.equal(place(), 's1+s3 by s1');
  t.equal(heldOn('s3'), '50');
  t.equal(heldOn('s1'), '50 101 102 103 200');
  t.equal(move('h1', 's3:1', 'arrived', drivers), 'done');
  t.equal(heldOn('s3'), '50 101');
  t.equal(placement()?.homes.get(vport(1)), 's3');
  t.equal(placement()?.homes.get(vport(2)), 's1');
  says(ofPort(1, 110), ofPort(2, 120), { ...ofPort(1), command: 4 });
  t.equal(heldOn('s3'), '50 110', 'changes of its own, and of no others');
  t.equal(heldOn('s1'), '50 102 103 110 120 200');
  const [row] = statusReport(hypervisor).vswitches;
  t.match(row?.bigSwitch, { consistency: 'eventual', primary: 's1', partial: ['s3'] });
});

t.test('when the last host is there it has migrated, or it leaves again', async (t) => {
  for (const from of ['s1', 's3']) {
    const { migrate, heldOn, says, move, place, placement, drivers, hypervisor } = started();
    says(ofAll, ofPort(1), ofPort(2));
    migrate({ to: 's3', isPartial: true });
    for (const [i, host] of ['h1', 'h2', 'h3'].entries()) {
      const port = [1, 2, 4][i];
      t.equal(move(host, `s3:${port}`, 'arrived', drivers), 'done');
    }
    if (from === 's3') {
      for (const [i, host] of ['h1', 'h2', 'h3'].entries()) {
        t.equal(move(host, `s1:${[1, 2, 4][i]}`, 'arrived', drivers), 'done');
      }
    }
    says(ofPort(9));
    const other = from === 's1' ? 's3' : 's1';
    t.equal(heldOn('s3'), '50 101 102', 'a port that has no host is nobody’s');
    const { member, plan } = migrate({ from });
    t.notOk(member?.whyNot, JSON.stringify(plan));
    t.equal(member?.isInFile, true);
    t.equal(place(), `${other} by ${other}`);
    t.strictSame([...new Set(placement()?.homes.values())], [other]);
    t.equal(heldOn(other), '50 101 102 109');
    t.equal(heldOn(from), '');
    t.strictSame(hypervisor.snapshot().vswitches.get(V1)?.members, [], 'it is no big switch');
    t.equal(hypervisor.runtime(V1)?.bodyRules.areAll, true);
  }
});

t.test('a host that does not come after all leaves rules that go on changing', async (t) => {
  const { migrate, heldOn, says, move, drivers } = started();
  says(ofAll, ofPort(1), ofPort(2));
  migrate({ to: 's3', isPartial: true });
  t.equal(move('h1', 's3:1', 'failed', drivers), 'undone');
  t.equal(heldOn('s3'), '50 101');
  says({ ...ofPort(1), command: 4 });
  t.equal(heldOn('s3'), '50', 'and nothing is left behind');
});

t.test('what it has no room for takes a host back', async (t) => {
  const { net, migrate, says, move, heldOn, drivers, place } = started();
  says(ofAll, ofPort(1), ofPort(2));
  migrate({ to: 's3', isPartial: true });
  const errorType = errorTable.flowModFailed.number;
  net.switch('s3').refuse = (one) =>
    one.type === 'flowMod' && one.priority === 102 ? { errorType, errorCode: 1 } : undefined;
  t.equal(move('h1', 's3:1', 'arrived', drivers), 'undone');
  t.equal(drivers.users.length, 0, 'no driver is asked');
  t.equal(place(), 's1+s3 by s1');
  t.ok(heldOn('s1').includes('101'));
});

t.test('a restart has the same part; the switch is down without all rules', async (t) => {
  const { migrate, says, move, drivers, store, net } = started();
  says(ofAll, ofPort(1), ofPort(2));
  migrate({ to: 's3', isPartial: true });
  t.equal(move('h1', 's3:1', 'arrived', drivers), 'done');
  net.hypervisor.stop('end of the test');
  const network = new FakeNetwork(text(), store).loaded();
  const again = use(network);
  for (const name of network.switches.keys()) network.connect(name);
  network.run();
  t.equal(again.place(), 's1+s3 by s1');
  t.equal(again.heldOn('s3'), '50 101');
  const [row] = statusReport(again.hypervisor).vswitches;
  t.match(row?.bigSwitch, { consistency: 'eventual', partial: ['s3'] });
  const runtime = again.hypervisor.runtime(V1);
  again.net.switch('s1').peer.user?.onClose('gone');
  again.net.world.pass(5_000);
  t.equal(again.place(), 's1+s3 by s1', 'its primary has all rules');
  t.match(runtime?.whyDown(), /s1/);
  t.equal(runtime?.bodyRules.has(datapath('s3'), matchOf(oxm('in_port', 2))), false);
});

t.test('a file says it, too, and what it says last counts', async (t) => {
  const place = 'on: [s1, s3], consistency: eventual, partial: [s3]';
  const { net, heldOn, says, place: where } = started(memoryStore(), text(place));
  says(ofAll, ofPort(1), ofPort(2));
  t.equal(heldOn('s3'), '50');
  t.notOk('whyNot' in (net.apply(text(place.replace(', partial: [s3]', '')), WITHIN_MS) ?? {}));
  t.equal(heldOn('s3'), '50 101 102', 'it has all now');
  says(ofPort(3));
  t.equal(heldOn('s3'), '50 101 102 103');
  t.notOk('whyNot' in (net.apply(text(), WITHIN_MS) ?? {}));
  t.equal(where(), 's1 by s1');
  t.equal(heldOn('s3'), '');
});

t.test('what stands against it is said', async (t) => {
  const { migrate, net } = started();
  const whyNot = (asked: Parameters<typeof migrate>[0]) => {
    const { plan } = migrate({ isPartial: true, isDry: true, ...asked });
    return plan.type === 'problems' ? plan.problems.join('; ') : 'nothing';
  };
  t.match(whyNot({}), /say where its hosts will be plugged in: --to DATAPATH/);
  t.match(whyNot({ to: 's9' }), /there is no datapath "s9"/);
  t.match(whyNot({ to: 's1' }), /red\/v1 has a body on s1 already/);
  t.match(whyNot({ to: 's3', from: 's1' }), /"--strategy partial" is for one vswitch/);
  net.apply(text('on: [s1, s2]'), WITHIN_MS);
  t.match(whyNot({ to: 's3' }), /is strict: one of s1, s2 processes every packet/);
});
