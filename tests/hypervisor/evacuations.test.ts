/**
 * What lives on a datapath that is about to fail leaves it, the most important first, when somebody
 * asks for it and when there are signs that last; and is not brought back by itself.
 */
import t from 'tap';
import type { Drivers } from '../../hypervisor/drivers/driver.ts';
import { evacuateMethods } from '../../hypervisor/operator/control-evacuate.ts';
import { evacuationText } from '../../hypervisor/operator/evacuate-commands.ts';
import { evacuationHtml } from '../../hypervisor/operator/evacuate-html.ts';
import type { Evacuation } from '../../hypervisor/operator/evacuation-report.ts';
import type { PortStats } from '../../openflow/values/values.ts';
import { noCounts } from '../../slices/port-counters.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';

const file = (more = '') => `
datapaths:
  s1: { dpid: 1, ack: barrier }
  s2: { dpid: 2, ack: barrier }
  s3: { dpid: 3, ack: barrier }
links: [s1:3 - s2:3, s2:4 - s3:3, s3:4 - s1:4]
${more}
tenants:
  red:
    importance: 1
    vswitches: { v1: { dpid: 1, on: s1 }, v2: { dpid: 2, on: s1 } }
    hosts: { h1: { port: v1:1, at: s2:1 } }
    links: [v1:2 - v2:2]
  blue: { importance: 7, vswitches: { v1: { dpid: 1, on: s1 } } }
  green: { vswitches: { v1: { dpid: 1, on: s2 } } }
`;

function asked(network: FakeNetwork, params: object, ms = 15_000) {
  let answer: unknown;
  const events: unknown[] = [];
  const reply = {
    result: (value: unknown): void => {
      answer = value;
    },
    error: (code: string, message: string): void => {
      answer = `${code}: ${message}`;
    },
    event: (value: unknown): void => void events.push(value),
    onGone: () => undefined,
  };
  evacuateMethods.evacuate(network.hypervisor, { withinMs: '30000', ...params } as never, reply);
  network.run(ms);
  return { answer: answer as { evacuation: Evacuation }, events };
}

function placesOf({ hypervisor }: FakeNetwork): readonly string[] {
  return [...hypervisor.snapshot().placements].map(([name, { bodies }]) => `${name} ${bodies}`);
}

const isClosed = ({ hypervisor }: FakeNetwork): boolean => {
  const { goal, held = new Set() } = hypervisor.snapshot().avoiding;
  return goal.has('s1' as never) && held.has('s1' as never);
};

t.test('somebody asks for it', async (t) => {
  const network = FakeNetwork.started(file());
  const dry = asked(network, { datapath: 's1', dryRun: true }).answer as never;
  t.match(dry, { plan: { steps: [{ vswitch: 'blue/v1' }, {}, {}] } });
  t.notOk(isClosed(network), 'a dry run changes nothing');
  const { answer, events } = asked(network, { datapath: 's1', movesAtOnce: '1' });
  const { evacuation } = answer;
  t.match(events[0], { plan: { withinMs: 30_000 } }, 'what is late is said first');
  t.equal(evacuation.left[0]?.name, 'blue/v1');
  t.ok(evacuation.left.every(({ isAway, isInTime }) => isAway && isInTime));
  t.match(evacuation.ways, /led around s1, and nothing is placed there/);
  t.notMatch(placesOf(network).join(), / s1/);
  t.ok(isClosed(network));
  t.match(evacuationText(evacuation), /^s1, 20.*Z: the operator asked for it\n3 of 3 are away, 3 /);
  t.match(evacuationHtml(evacuation), /^<!doctype html>.*<svg.*blue\/v1.*<\/html>$/s);
  t.match(asked(network, { datapath: 'x' }).answer, /^rejected: there is no datapath or zone "x"/);
  t.match(asked(network, { datapath: 's1', driver: 'x' }).answer, /^rejected: there is no driver/);
  t.match(asked(network, { datapath: 's1', withinMs: '0' }).answer, /^usage: "withinMs"/);
});

t.test('hosts that are plugged in there leave by their driver, behind the vswitches', async (t) => {
  const drivers: Drivers = {
    whyNot: () => undefined,
    begin({ host }, _config, user) {
      const isWell = host === 'red/h1';
      user.ended(isWell ? { type: 'arrived' } : { type: 'failed', why: 'no room' });
      return () => undefined;
    },
    look: (_task, _config, told) => told('from'),
  };
  const hosts = 'hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s1:2 } }';
  const text = file('drivers: { exec: [/bin/move] }').replace(/hosts: .*/, hosts);
  const network = new FakeNetwork(text, memoryStore(), undefined, { drivers }).up();
  const { evacuation } = asked(network, { datapath: 's1', driver: 'exec' }, 60_000).answer;
  const named = (name: string) => evacuation.left.find((one) => one.name === name);
  t.match(named('red/h1'), { isAway: true, from: 's1', to: /^s[23]$/ });
  t.match(named('red/h2'), { isAway: false, why: /no room/ });
  t.strictSame(
    evacuation.left.slice(-2).map(({ name }) => name),
    ['red/h1', 'red/h2'],
  );
});

t.test('a process that ends in the middle: the next one goes on', async (t) => {
  const store = memoryStore();
  const network = FakeNetwork.started(file(), store);
  asked(network, { datapath: 's1', movesAtOnce: '1' }, 300);
  t.ok(
    placesOf(network).some((one) => one.endsWith(' s1')),
    'somebody is still there',
  );
  const next = FakeNetwork.started(file(), store);
  next.run(20_000);
  t.notMatch(placesOf(next).join(), / s1/);
  t.match(next.hypervisor.remaps.evacuations.all, [{ cause: 'the operator asked for it' }]);
  const last = FakeNetwork.started(file(), store);
  last.run(20_000);
  t.strictSame(last.hypervisor.remaps.evacuations.all, [], 'it is over');
});

t.test('what would be too late is said, frozen, and moved all the same', async (t) => {
  const network = FakeNetwork.started(file());
  const { answer } = asked(network, { datapath: 's1', withinMs: '1', movesAtOnce: '8' });
  const { late, left } = answer.evacuation;
  t.strictSame(
    late.map(({ vswitch }) => vswitch),
    ['blue/v1', 'red/v1', 'red/v2'],
  );
  t.ok(left.every(({ isAway, strategy }) => isAway && strategy === 'freeze'));
});

const row = (portNo: number, errors: bigint): PortStats => {
  return { portNo, durationSec: 0, durationNsec: 0, ...noCounts, rxErrors: errors };
};

/** Errors at s1:3, so many in a second, for so long. */
function failing(network: FakeNetwork, perSec: number, seconds: number): void {
  const one = network.switch('s1');
  for (let i = 0; i < seconds * 2; i++) {
    const { ports } = one.counters as { ports: readonly PortStats[] };
    const before = ports[0]?.rxErrors ?? 0n;
    one.counters = { kind: 'portStats', ports: [row(3, before + BigInt(perSec / 2))] };
    network.run(500);
  }
}

const signs = 'evacuate-on: { errors: 100/s, flaps: 3 in 1m, for: 10s, again: 2m }';

t.test('errors that last trigger it, once, and it is not brought back', async (t) => {
  const network = FakeNetwork.started(file(signs));
  failing(network, 50, 30);
  failing(network, 200, 6);
  failing(network, 0, 6);
  const { evacuations } = network.hypervisor.remaps;
  t.strictSame(evacuations.all, [], 'few errors, or not for long');
  failing(network, 200, 60);
  t.equal(evacuations.all.length, 1);
  t.match(evacuations.all[0], { what: 's1', cause: /^s1:3 loses \d+ frames a second$/ });
  t.notMatch(placesOf(network).join(), / s1/);
  failing(network, 200, 200);
  t.equal(evacuations.all.length, 1, 'it goes on, which is no news');
  failing(network, 0, 130);
  failing(network, 200, 30);
  t.equal(evacuations.all.length, 2, 'it was well meanwhile');
});

t.test('a port that comes and goes triggers it; another file ends that', async (t) => {
  const network = FakeNetwork.started(file(signs));
  const flap = (count: number): void => {
    for (let i = 0; i < count; i++) {
      network.switch('s1').setPort(4, false);
      network.run(1_000);
      network.switch('s1').setPort(4, true);
      network.run(1_000);
    }
  };
  flap(2);
  network.run(70_000);
  flap(2);
  const { evacuations } = network.hypervisor.remaps;
  t.equal(evacuations.all.length, 0);
  flap(1);
  network.run(15_000);
  t.match(evacuations.all, [{ cause: /^s1:4 went down 3 times in 1m$/ }]);
  const calm = FakeNetwork.started(file(signs), memoryStore());
  calm.apply(file());
  failing(calm, 500, 40);
  t.strictSame(calm.hypervisor.remaps.evacuations.all, []);
  t.notOk(calm.switch('s1').asked.includes('portStats'), 'nothing is read that nobody wants');
});

t.test('members of big switches leave beside the others', async (t) => {
  const big = `
  big:
    importance: 9
    vswitches: { v: { dpid: 7, on: [s1, s2], consistency: eventual } }
    hosts: { h1: { port: v:1, at: s1:7 }, h2: { port: v:2, at: s2:7 } }
`;
  const network = FakeNetwork.started(file() + big.replace(/^\n/, ''));
  const dry = asked(network, { datapath: 's1', dryRun: true }).answer as never;
  t.match(dry, { plan: { members: [{ vswitch: 'big/v', from: 's1', to: 's3', isInTime: true }] } });
  const { evacuation } = asked(network, { datapath: 's1' }).answer;
  const left = evacuation.left.find(({ name }) => name === 'big/v');
  t.match(left, { importance: 9, from: 's1', to: 's3', isAway: true, isInTime: true });
  t.notMatch(placesOf(network).join(), / s1|,s1|s1,/);
  t.strictSame(evacuation.byHand, ['big/h1 is plugged in at s1']);
  t.match(evacuationText(evacuation), /\nbig\/v +9 +s3 +away after /);
});
