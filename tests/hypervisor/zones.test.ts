/**
 * A zone is vacated and comes back: nothing is placed there meanwhile, by anybody and over a
 * restart, and the operator's command hears of what carries nothing and of what is needed again.
 */
import t from 'tap';
import type { RunCommand } from '../../hypervisor/drivers/driver.ts';
import type { IdleState } from '../../hypervisor/migrate/idle-watch.ts';
import { lead } from '../../hypervisor/operator/control-drain.ts';
import { migrateAsked } from '../../hypervisor/operator/control-migration.ts';
import { bringBack } from '../../hypervisor/operator/control-undrain.ts';
import { statusReport } from '../../hypervisor/operator/report.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import { datapathsCalled } from '../../translation/migration/drain-plan.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';

const file = (more = '', tenants = '') => `
datapaths:
  s1: { dpid: 1, ack: barrier }
  s2: { dpid: 2, ack: barrier }
  s3: { dpid: 3, ack: barrier }
  s4: { dpid: 4, ack: barrier }
links: [s1:3 - s2:3, s2:4 - s3:3, s3:4 - s4:3, s4:4 - s1:4]
zones: { north: [s3, s4] }
${more}
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s3 }, v2: { dpid: 2, on: s4 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s2:1 } }
    links: [v1:2 - v2:2]
${tenants}
`;

const how = { to: [], strategy: 'lime', isDry: false, isWatched: false } as const;

function answerOf(network: FakeNetwork, ask: (reply: never) => void, ms = 8_000) {
  let answer: unknown;
  const reply = {
    result: (value: unknown): void => {
      answer = value;
    },
    error: (code: string, why: string): void => {
      answer = `${code}: ${why}`;
    },
    event: () => undefined,
    onGone: () => undefined,
  };
  ask(reply as never);
  network.run(ms);
  return answer as { plan: { type: string; problems?: readonly string[] }; ensemble?: object };
}

function vacate(network: FakeNetwork, name: string, more: object = {}) {
  const { hypervisor } = network;
  const leaves = datapathsCalled(hypervisor.snapshot(), name) ?? [];
  const asked = { ...how, names: [], leaves, left: name, ...more };
  return answerOf(network, (reply) => migrateAsked(hypervisor, asked, reply));
}

const back = (network: FakeNetwork, name: string, more: object = {}) =>
  answerOf(network, (reply) => bringBack(network.hypervisor, name, { ...how, ...more }, reply));

const placesOf = ({ hypervisor }: FakeNetwork) =>
  Object.fromEntries(
    [...hypervisor.snapshot().placements].map(([name, { bodies }]) => [name, bodies.join()]),
  );

const shown = ({ hypervisor }: FakeNetwork) =>
  statusReport(hypervisor).datapaths.flatMap(({ name, isDrained, isHeld }) => {
    return isDrained || isHeld
      ? [`${name}${isDrained ? ' drained' : ''}${isHeld ? ' held' : ''}`]
      : [];
  });

const empty = ['s3 drained held', 's4 drained held'];

t.test('a zone is vacated, held over a restart, and comes back', async (t) => {
  const store: Store = memoryStore();
  const network = FakeNetwork.started(file(), store);
  const dry = vacate(network, 'north', { holds: true, isDry: true });
  t.match(dry.plan, { what: 'drain north', drains: 's3', vacates: ['s3', 's4'], holds: true });
  t.strictSame(shown(network), [], 'a dry run changes nothing');
  t.match(vacate(network, 'north', { holds: true }), { ensemble: { state: { type: 'done' } } });
  t.strictSame(shown(network), empty);
  for (const on of Object.values(placesOf(network))) t.match(on, /^s[12]$/);
  const again = FakeNetwork.started(file(), store);
  t.strictSame(shown(again), empty, 'a restart remembers it');
  const would = back(again, 'north', { isDry: true });
  t.match(would.plan, {
    type: 'plan',
    what: 'return north',
    groups: [[{ to: 's3' }, { to: 's4' }]],
  });
  t.strictSame(shown(again), empty, 'neither does that dry run');
  t.match(back(again, 'north'), { ensemble: { state: { type: 'done' } } });
  t.strictSame(shown(again), []);
  t.strictSame(placesOf(again), { 'red/v1': 's3', 'red/v2': 's4' });
});

t.test('nothing is placed on what is held: by no file, no migration, no start', async (t) => {
  const store: Store = memoryStore();
  const network = FakeNetwork.started(file(), store);
  vacate(network, 'north', { holds: true });
  const auto =
    '  blue: { vswitches: { v1: { dpid: 1, place: auto }, v2: { dpid: 2, place: auto } } }';
  t.notMatch(network.apply(file('', auto)), { whyNot: /./ });
  for (const on of Object.values(placesOf(network))) t.match(on, /^s[12]$/);
  const fixed = '  blue: { vswitches: { v3: { dpid: 3, on: s4 } } }';
  const why = /^blue\/v3: s4 is drained; "limevisor undrain s4" first$/;
  t.match(network.apply(file('', fixed)), { whyNot: [why] });
  const asked = { ...how, names: ['red/v1'], to: ['s3'] };
  t.match(
    answerOf(network, (reply) => migrateAsked(network.hypervisor, asked, reply)),
    {
      plan: { problems: [/^s3 is drained; "limevisor undrain s3" first$/] },
    },
  );
  const again = FakeNetwork.started(file('', fixed), store);
  t.match(again.hypervisor.whyHeld('blue/v3' as never), why.source.includes('s4') ? /s4/ : /./);
  t.strictSame(placesOf(again)['blue/v3'], '', 'it lives nowhere, and the others run');
});

t.test('what would break a tenant is refused, and named', async (t) => {
  const host =
    '  blue: { vswitches: { v1: { dpid: 1, on: s3 } }, hosts: { h1: { port: v1:1, at: s3:1 } } }';
  const network = FakeNetwork.started(file('', host).replace(', s3:4 - s4:3', ''));
  network.switch('s1').setPort(4, false);
  network.run(8_000);
  const { plan } = vacate(network, 's2');
  t.equal(plan.type, 'problems');
  t.match(plan.problems?.join(), /red|blue/);
  const unknown = answerOf(network, (reply) => lead(network.hypervisor, 'x', true, reply));
  t.match(unknown.plan.problems, [/^there is no datapath or zone "x"; known: .*north$/]);
});

interface Commands {
  readonly calls: string[];
  readonly run: RunCommand;
  isBroken: boolean;
}

function commands(): Commands {
  const made: Commands = {
    calls: [],
    isBroken: false,
    run({ argv }, _limitMs, user) {
      made.calls.push(argv.slice(1).join(' '));
      if (made.isBroken) user.ended({ type: 'failed', why: 'it ended with 1' });
      else user.ended({ type: 'arrived' });
    },
  };
  return made;
}

const onIdle = 'on-idle: { exec: [/bin/ports, --fast], after: 2s }';

function idle(network: FakeNetwork): readonly IdleState[] {
  let all: readonly IdleState[] = [];
  network.hypervisor.remaps.idle.list((found) => {
    all = found;
  });
  network.run(100);
  return all;
}

const told = (network: FakeNetwork) =>
  idle(network).flatMap(({ object, state }) => (state === 'off' ? [object] : []));

const off = ['s3', 's4', 's2:4 - s3:3', 's3:4 - s4:3', 's1:4 - s4:4'];

t.test('the command hears what carries nothing, and what is needed again', async (t) => {
  const store: Store = memoryStore();
  const said = commands();
  const options = { runCommand: said.run };
  const network = new FakeNetwork(file(onIdle), store, undefined, options).up();
  network.run(20_000);
  t.strictSame(said.calls, [], 'everything is in use');
  vacate(network, 'north');
  network.run(5_000);
  t.strictSame(said.calls.toSorted(), [
    '--fast idle datapath s3',
    '--fast idle datapath s4',
    '--fast idle link s1:4 s4:4',
    '--fast idle link s2:4 s3:3',
    '--fast idle link s3:4 s4:3',
  ]);
  t.strictSame(told(network).toSorted(), off.toSorted());
  said.calls.length = 0;
  const again = new FakeNetwork(file(onIdle), store, undefined, options).up();
  again.run(20_000);
  t.strictSame(said.calls, [], 'it is not told again');
  // They are switched off.
  for (const [name, port] of [
    ['s1', 4],
    ['s2', 4],
    ['s3', 3],
    ['s3', 4],
    ['s4', 3],
    ['s4', 4],
  ] as const) {
    again.switch(name).setPort(port, false);
  }
  again.run(8_000);
  t.strictSame(said.calls, []);
  let answer: unknown;
  const result = (value: unknown): void => {
    answer = value;
  };
  const reply = { result, error: t.fail, event: () => undefined, onGone: () => undefined };
  bringBack(again.hypervisor, 'north', how, reply as never);
  again.run(3_000);
  t.strictSame(said.calls.filter((one) => one.includes('needed')).length, 5);
  t.equal(answer, undefined, 'it waits until they are on');
  for (const [name, port] of [
    ['s1', 4],
    ['s2', 4],
    ['s3', 3],
    ['s3', 4],
    ['s4', 3],
    ['s4', 4],
  ] as const) {
    again.switch(name).setPort(port, true);
  }
  again.run(15_000);
  t.match(answer, { ensemble: { state: { type: 'done' } } });
  t.strictSame(told(again), []);
  t.strictSame(placesOf(again), { 'red/v1': 's3', 'red/v2': 's4' });
});

t.test('a command that fails is called again; what is spare stays on', async (t) => {
  const said = commands();
  said.isBroken = true;
  const text = file(onIdle).replace('on: s3', 'on: s1').replace('on: s4', 'on: s2');
  const network = new FakeNetwork(text, memoryStore(), undefined, { runCommand: said.run }).up();
  network.run(10_000);
  t.strictSame(said.calls, [], 'nothing is drained');
  const spare = idle(network).map(({ object, stays }) => `${object}: ${stays}`);
  t.match(spare, [
    /^s3: it is not drained; "limevisor drain s3"$/,
    /^s4: /,
    /a spare/,
    /a spare/,
    /./,
  ]);
  vacate(network, 's3');
  network.run(5_000);
  t.equal(said.calls.length, 3, 's3, and its two cables');
  const failed = idle(network).filter(({ why }) => why === 'it ended with 1');
  t.strictSame(
    failed.map(({ state }) => state),
    ['idle', 'idle', 'idle'],
  );
  said.isBroken = false;
  network.run(40_000);
  t.equal(said.calls.length, 6);
  t.equal(told(network).length, 3);
});

const big = (on: string) => `
  green:
    vswitches: { v: { dpid: 7, on: [${on}], consistency: eventual } }
    hosts: { h1: { port: v:1, at: s1:7 }, h2: { port: v:2, at: s3:7 } }`;

t.test('a member of a big switch leaves for the nearest place, and comes back', async (t) => {
  const network = FakeNetwork.started(file('', big('s1, s3')));
  const dry = vacate(network, 'north', { isDry: true });
  t.match(dry.plan, { steps: /members: green\/v leaves s3 -> s2/ });
  t.equal(placesOf(network)['green/v'], 's1,s3');
  const left = vacate(network, 'north');
  t.match(left, { membersLeft: [{ vswitch: 'green/v', from: 's3', to: 's2' }] });
  t.equal(placesOf(network)['green/v'], 's1,s2');
  t.equal(placesOf(network)['red/v1']?.match(/s[34]/), null);
  const dryBack = back(network, 'north', { isDry: true });
  t.match(dryBack.plan, { steps: /members: green\/v has s3 again, and not s2/ });
  t.match(back(network, 'north'), { membersLeft: [{ vswitch: 'green/v', from: 's2', to: 's3' }] });
  t.equal(placesOf(network)['green/v'], 's1,s3');
  t.strictSame([...network.hypervisor.boundary.givenUp], []);
});

t.test('where no place is left the others go on, and it comes back', async (t) => {
  const network = FakeNetwork.started(file('', big('s1, s2, s3, s4')));
  const left = vacate(network, 's3');
  t.match(left, { membersLeft: [{ vswitch: 'green/v', from: 's3' }] });
  t.equal(placesOf(network)['green/v'], 's1,s2,s4');
  back(network, 's3');
  t.equal(placesOf(network)['green/v']?.split(',').toSorted().join(), 's1,s2,s3,s4');
});
