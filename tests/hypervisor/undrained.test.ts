/**
 * A datapath was drained, and the file has other links now (issue 10, C7): a start comes up with
 * what works, and says what is not as it was asked for.
 */
import t from 'tap';
import { statusReport } from '../../hypervisor/operator/report.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { remedyText } from '../../slices/remedy.ts';
import { memoryStore } from '../support/memory-store.ts';
import { checked } from './edited.ts';
import { FakeNetwork } from './fake-switches.ts';

/** Ways from s1 to s2 lead by s3, s4 or s5; blue is on s1 alone. */
const file = (transits: readonly number[], vswitches = 1) => `
datapaths:
  s1: { dpid: 1, ack: barrier }
  s2: { dpid: 2, ack: barrier }
  s3: { dpid: 3, ack: barrier }
  s4: { dpid: 4, ack: barrier }
  s5: { dpid: 5, ack: barrier }
links: [${transits.map((n) => `s1:${n} - s${n}:1, s${n}:2 - s2:${n}`).join(', ')}]
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches:
${numbers(vswitches)
  .map((n) => `      v${n}: { dpid: ${n}, on: s1 }`)
  .join('\n')}
    hosts: { h1: { port: v1:9, at: s2:20 } }
    links: [${numbers(vswitches - 1)
      .map((n) => `v${n}:1 - v${n + 1}:2`)
      .join(', ')}]
  blue:
    controllers: [tcp:127.0.0.1:7003]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:30 } }
`;

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

function drained(text: string, ...names: readonly string[]): Store {
  const store = memoryStore();
  const net = FakeNetwork.started(text, store);
  net.hypervisor.draining.lead(new Set(names as DatapathName[]), () => undefined);
  net.run(3_000);
  return store;
}

const shown = (net: FakeNetwork, name: string) => {
  const one = statusReport(net.hypervisor).datapaths.find((datapath) => datapath.name === name);
  if (one === undefined) throw new Error(`no ${name}`);
  return one;
};

t.test('it is used where there is no other way, and that is said', async (t) => {
  const store = drained(file([3, 4]), 's3');
  const said = checked(file([3]), store).map(remedyText);
  t.match(said, [/^s3: it was drained, and there is no other way left: no way from s[12] to/]);
  const net = FakeNetwork.started(file([3]), store);
  t.strictSame(net.hypervisor.remedies.map(remedyText), said, 'check and run say the same');
  t.strictSame(shown(net, 's3').isDrained, false);
  t.match(shown(net, 's3').warnings, [
    /it was drained, .*; ways lead through it again; add a link/,
  ]);
  t.ok(shown(net, 's3').through.length > 0, 'ways lead through it');
  for (const { vswitch, whyDown } of net.hypervisor.runtimes().map((one) => ({
    vswitch: one.vswitch,
    whyDown: one.whyDown(),
  }))) {
    t.equal(whyDown, undefined, vswitch.name);
    t.equal(vswitch.cut.size, 0, `${vswitch.name} has all its ports`);
  }
  const again = FakeNetwork.started(file([3, 4]), store);
  t.strictSame(again.hypervisor.remedies, [], 'it was said once');
  again.hypervisor.draining.lead(new Set(['s3' as DatapathName]), () => undefined);
  again.run(3_000);
  t.notMatch(shown(again, 's3').warnings.join(), /drained/);
  t.strictSame(shown(again, 's3').through, []);
});

t.test('of several only what is needed', async (t) => {
  const store = drained(file([3, 4, 5]), 's3', 's4');
  const net = FakeNetwork.started(file([3, 4]), store);
  const used = ['s3', 's4'].filter((name) => !shown(net, name).isDrained);
  t.equal(used.length, 1, `${used} is used again`);
  const other = used[0] === 's3' ? 's4' : 's3';
  t.strictSame(shown(net, other).through, [], `${other} carries nothing`);
});

t.test('a drain that was under way ends', async (t) => {
  for (const ms of [0, 20, 150, 300, 500]) {
    const store = memoryStore();
    const before = FakeNetwork.started(file([3, 4]), store);
    before.hypervisor.draining.lead(new Set(['s3' as DatapathName]), () => undefined);
    before.run(ms);
    const net = FakeNetwork.started(file([3]), store);
    net.run(20_000);
    t.ok(shown(net, 's3').through.length > 0, `after ${ms} ms: ways lead through it`);
    t.equal(net.hypervisor.draining.isUnderWay, false);
    t.equal(net.hypervisor.snapshot().avoiding.spare, undefined);
  }
});

t.test('a row that needs a neighbour is no reason not to start, either', async (t) => {
  const store = drained(file([3, 4], 5), 's3');
  const net = FakeNetwork.started(file([3], 5), store);
  t.match(
    net.hypervisor.remedies.map(({ type }) => type),
    ['undrained'],
  );
  const alone = file([], 7).replace(/hosts: \{ h1: \{ port: v1:9.*/, '');
  const cut = FakeNetwork.started(alone, store);
  t.ok(cut.hypervisor.remedies.some(({ type }) => type === 'cut'));
  t.match(cut.hypervisor.remedies.map(remedyText).join(), /more than 4 virtual links apart/);
  const blue = cut.hypervisor.runtimes().find((one) => one.vswitch.tenant === 'blue');
  t.equal(blue?.whyDown(), undefined, 'others run');
});
