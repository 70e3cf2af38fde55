/**
 * A start with many rules keeps nobody waiting: each vswitch is there when its own rules are, and
 * nothing is taken from a switch before that.
 */
import t from 'tap';
import { flowsReport } from '../../hypervisor/operator/flows-report.ts';
import type { FlowsReport } from '../../hypervisor/operator/report.ts';
import { traceReport } from '../../hypervisor/operator/trace-report.ts';
import { Journal } from '../../hypervisor/store/journal.ts';
import { Loading } from '../../hypervisor/store/recovery.ts';
import { StoredRules } from '../../hypervisor/store/stored-rules.ts';
import { Scheduler } from '../../hypervisor/world/scheduler.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';
import { vswitchName } from '../slices/networks.ts';
import { change, flowMod, outputs } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';
import { FakeWorld } from './fake-world.ts';

const text = `
datapaths: { s1: { dpid: 1, ack: barrier }, s2: { dpid: 2, ack: barrier } }
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 } }
  blue:
    controllers: [tcp:127.0.0.1:7002]
    vswitches: { v1: { dpid: 1, on: s2 } }
    hosts: { h1: { port: v1:1, at: s2:1 } }
`;
const RULES = 60_000;
/** A packet that meets the last rule. */
const LAST = `in_port=1,dl_dst=00:00:00:00:${(RULES - 1).toString(16).replace(/^(..)/, '$1:')}`;

function filled(): Store {
  const store = memoryStore();
  const journal = new Journal(new FakeWorld(), store);
  for (const [name, count] of Object.entries({ red: RULES, blue: 3 })) {
    const book = new Rulebook();
    for (let i = 0; i < count; i++) {
      const mod = flowMod({ match: matchOf(oxm('eth_dst', i)), instructions: outputs(1) });
      journal.put({
        type: 'rule',
        vswitch: vswitchName(`${name}/v1`),
        rule: change(book, mod).rule,
      });
      if (i % 10_000 === 0) journal.flush();
    }
  }
  journal.flush();
  return store;
}

t.test(
  'while red has many rules to load, blue is served and nothing of red is touched',
  async (t) => {
    const net = new FakeNetwork(text, filled());
    net.world.roundsPerTurnMax = 1;
    // A clock that goes on while we work: a turn is over after a few steps.
    net.world.nowMs = () => {
      net.world.now += 0.2;
      return net.world.now;
    };
    const { hypervisor } = net;
    const red = hypervisor.runtime(vswitchName('red/v1'));
    const blue = hypervisor.runtime(vswitchName('blue/v1'));
    t.match(red?.whyDown(), /^its rules are being loaded: \d+ %$/);
    t.equal(blue?.rulebook.size, 3, 'little comes first');
    t.notMatch(blue?.whyDown(), /loaded/);
    for (const name of ['s1', 's2']) {
      const { peer } = net.switch(name);
      net.world.connect('tcp:0.0.0.0:6653', peer);
      peer.hello();
    }
    const shown: FlowsReport[] = [];
    const traced: unknown[] = [];
    if (red !== undefined) {
      flowsReport(hypervisor, red, false, (pieces) => {
        shown.push(JSON.parse([...pieces].join('')) as FlowsReport);
      });
    }
    const asked = { vswitch: 'red/v1', packet: LAST, isVerified: false };
    traceReport(hypervisor, asked, (report) => void traced.push(report));
    let blueUpWhileLoading = false;
    for (let i = 0; i < 200 && /loaded/.test(red?.whyDown() ?? ''); i++) {
      net.world.pass(0);
      for (const one of net.switches.values()) one.answer();
      if (!/loaded/.test(red?.whyDown() ?? '')) break;
      const told = net
        .switch('s1')
        .changes()
        .map(({ type }) => type);
      if (told.some((type) => type.endsWith('Mod'))) t.fail(`${told} while it loads`);
      if (blue?.whyDown() === undefined) blueUpWhileLoading = true;
      t.strictSame([shown, traced], [[], []], 'no rules of red are shown before all are there');
    }
    t.ok(blueUpWhileLoading, 'blue is served meanwhile');
    net.world.roundsPerTurnMax = Number.POSITIVE_INFINITY;
    net.run(500);
    t.strictSame([red?.whyDown(), red?.rulebook.size], [undefined, RULES]);
    const sent = net
      .switch('s1')
      .changes()
      .filter(({ type }) => type === 'flowMod');
    t.ok(sent.length > RULES, `the switch has them then: ${sent.length}`);
    for (const one of net.switches.values()) one.answer();
    net.run(500);
    t.equal(shown[0]?.flows.length, RULES, 'all are shown to whoever asked before');
    t.match(
      JSON.stringify(traced),
      /dl_dst=00:00:00:00:ea:5f, priority 100: output/,
      'and a packet met the last of them',
    );
  },
);

t.test('what cannot be read is one vswitch’s trouble', async (t) => {
  const world = new FakeWorld();
  const broken = new StoredRules({
    read: (into) => void into.fill(0xff),
  });
  broken.add(0, 100);
  const nobody = { put: () => undefined, drop: () => undefined };
  const said: string[] = [];
  const none = new StoredRules({ read: () => undefined });
  const loads = [
    { vswitch: vswitchName('a/v1'), reading: broken.readInto(nobody), done: () => undefined },
    { vswitch: vswitchName('b/v1'), reading: none.readInto(nobody), done: () => undefined },
  ];
  let held = 0;
  const log = {
    hold() {
      held += 1;
      return () => {
        held -= 1;
      };
    },
  };
  const loading = new Loading(new Scheduler(world), log, loads);
  loading.whenThere([vswitchName('a/v1'), vswitchName('b/v1')], () => void said.push('both'));
  loading.begin({
    onLoaded: (name) => void said.push(`${name} loaded`),
    onUnreadable: (name) => void said.push(`${name} unreadable`),
  });
  world.turn();
  t.strictSame(said, ['b/v1 loaded', 'a/v1 unreadable', 'both']);
  t.equal(held, 1, 'what cannot be read would be lost in a new log');
});
