/**
 * A vswitch and its hosts move as one, by the process that serves: whatever ends in between, a
 * process, a driver or a datapath, all of it is here or all of it is there.
 */
import t from 'tap';
import { nothing } from '../../hypervisor/migrate/apply-plans.ts';
import { migrateAsked } from '../../hypervisor/operator/control-migration.ts';
import type { MigrateResult } from '../../hypervisor/operator/migration-asked.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import { endText } from '../../slices/ids.ts';
import { twoDatapaths } from '../slices/networks.ts';
import { failing } from '../support/faults.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';
import { TestDrivers } from './test-drivers.ts';

interface Begun {
  readonly places: Map<string, string>;
  readonly store: Store;
}

function begun(): Begun {
  const places = new Map([
    ['red/h1', 's1:1'],
    ['red/h2', 's1:2'],
  ]);
  return { places, store: memoryStore() };
}

function started({ places, store }: Begun) {
  const drivers = new TestDrivers(places);
  const net = new FakeNetwork(twoDatapaths(), store, failing, { drivers }).up();
  const { hypervisor } = net;
  const results: MigrateResult[] = [];
  const migrate = (...to: readonly string[]): void => {
    const reply = {
      ...{ event: () => undefined, onGone: () => undefined },
      result: (value: unknown) => void results.push(value as MigrateResult),
      error: (_: string, message: string) => t.fail(message),
    };
    const how = { strategy: 'lime', isDry: false, isWatched: false, groupMax: 1 } as const;
    const asked = { names: ['red'], to, withHosts: true, drivers: ['exec'], ...how };
    migrateAsked(hypervisor, asked, reply);
  };
  const ensemble = () => [...hypervisor.executor.ensembles.all.values()].at(-1);
  const host = () => hypervisor.hostMoves.all().at(-1);
  const until = (isSo: () => boolean, what: string): void => {
    for (let ms = 0; !isSo(); ms += 20) {
      if (ms > 60_000) throw new Error(`never: ${what}; ${JSON.stringify(ensemble()?.state)}`);
      net.run(20);
    }
  };
  /** Drivers do what they are told, until the ensemble has ended. */
  const end = (): string => {
    until(() => {
      if (drivers.asked.length > drivers.ended) drivers.ends();
      return ['done', 'undone'].includes(ensemble()?.state.type ?? '');
    }, 'the end');
    return ensemble()?.state.type ?? '';
  };
  /** Where all of it is: by what serves, and by what drivers have done. */
  const where = (): string => {
    const { config, placements } = hypervisor.snapshot();
    const at = config.hosts.map((one) => endText(one.at));
    const on = [...placements.values()].map(({ bodies }) => bodies.join('+'));
    t.strictSame(at, [...places.values()], 'hosts are where they should be');
    return [...on, ...at].join(' ');
  };
  return { net, drivers, migrate, ensemble, host, until, end, where, results };
}

const near = 's1 s1:1 s1:2';
/** The first numbers that s2 has no port of. */
const far = /^s2 s2:\d+ s2:\d+$/;

t.test('a vswitch, then its hosts one by one, and all is there', async (t) => {
  const { migrate, end, where, net, results } = started(begun());
  migrate('s2');
  t.equal(end(), 'done');
  t.match(where(), far);
  net.run(100);
  t.strictSame(
    results[0]?.hosts?.map(({ host, state }) => `${host} ${state.type}`),
    ['red/h1 done', 'red/h2 done'],
  );
  const { remedies } = net.hypervisor;
  t.strictSame(remedies, []);
});

t.test('a driver that fails: who was there comes back', async (t) => {
  const { migrate, drivers, until, end, where, ensemble, host } = started(begun());
  migrate('s2');
  until(() => host()?.state.type === 'run', 'the first driver');
  drivers.ends();
  until(() => host()?.host === 'red/h2' && host()?.state.type === 'run', 'the second driver');
  drivers.ends('failed');
  t.equal(end(), 'undone');
  t.match(ensemble()?.state, { why: 'red/h2: the driver failed' });
  t.equal(where(), near);
  const tasks = drivers.asked.map(({ task }) => `${task.host} ${task.to.device}`);
  t.strictSame(tasks, ['red/h1 s2', 'red/h2 s2', 'red/h1 s1']);
});

t.test('a datapath that goes away while a host moves: all is taken back', async (t) => {
  const { net, migrate, until, end, where, host } = started(begun());
  migrate('s2');
  until(() => host()?.state.type === 'run', 'the first driver');
  net.switch('s2').peer.user?.onClose('gone');
  net.run(100);
  net.connect('s2');
  const ended = end();
  t.match(where(), ended === 'done' ? far : near);
});

for (const [moment, answer] of [
  ['clone', 'arrived'],
  ['open', 'arrived'],
  ['run', 'arrived'],
  ['run', 'failed'],
  ['close', 'arrived'],
  ['second', 'arrived'],
  ['second', 'failed'],
  ['undo', 'arrived'],
  ['last', 'arrived'],
] as const) {
  t.test(`a process that ends in "${moment}", and a driver that says ${answer}`, async (t) => {
    const life = begun();
    const first = started(life);
    const { drivers, until, host, ensemble } = first;
    first.migrate('s2');
    const isIn = (name: string, state: string): boolean =>
      host()?.host === name && host()?.state.type === state;
    // What flows is measured before.
    if (moment === 'clone') until(() => ensemble() !== undefined, moment);
    if (moment === 'open') until(() => isIn('red/h1', 'open'), moment);
    if (['run', 'close', 'second', 'undo', 'last'].includes(moment)) {
      until(() => isIn('red/h1', 'run'), moment);
    }
    if (moment === 'close') drivers.ends();
    if (['second', 'undo', 'last'].includes(moment)) {
      drivers.ends();
      until(() => isIn('red/h2', 'run'), moment);
      if (moment !== 'second') drivers.ends(moment === 'undo' ? 'failed' : 'arrived');
    }
    if (moment === 'undo') until(() => ensemble()?.state.type === 'undo', moment);
    if (moment === 'last') t.ok(isIn('red/h2', 'close'));
    first.net.world.pass(0);
    const second = started(life);
    if (moment === 'run' || moment === 'second') {
      second.until(() => second.drivers.asked.length > 0, 'the driver is asked again');
      second.drivers.ends(answer);
    }
    const end = second.end();
    t.equal(end, answer === 'failed' || moment === 'undo' ? 'undone' : 'done');
    t.match(second.where(), end === 'done' ? far : near);
    t.strictSame(second.net.hypervisor.executor.ensembles.all.size, 1);
  });
}

t.test('until it has ended, a file that is applied leaves its places alone', async (t) => {
  const { net, migrate, until, end, host } = started(begun());
  const { executor } = net.hypervisor;
  migrate('s2');
  until(() => host()?.host === 'red/h1' && host()?.state.type === 'run', 'the first driver');
  const taken = twoDatapaths().replace('at: s1:2', 'at: s1:4');
  t.match(net.planned(taken, nothing), { whyNot: [/red\/h2 is to move, and the file changes it/] });
  t.match(executor.ensembles.withHostOf('red'), { what: 'red --hosts --to s2' });
  t.equal(end(), 'done');
  t.equal(executor.ensembles.withHostOf('red'), undefined);
});

t.test('who moves hosts, and none is to: it is said, and nothing begins', async (t) => {
  const { net } = started(begun());
  const said: string[] = [];
  const asked = (drivers: readonly string[], names: readonly string[]): void => {
    const reply = {
      ...{ event: () => undefined, onGone: () => undefined, result: () => said.push('begun') },
      error: (code: string, message: string) => void said.push(`${code}: ${message}`),
    };
    const how = { to: ['s2'], strategy: 'lime', isDry: true, isWatched: false } as const;
    migrateAsked(net.hypervisor, { names, drivers, ...how }, reply);
  };
  const hint = 'and none is asked for: name hosts';
  asked(['exec'], ['red/v1']);
  asked(['exec'], ['red']);
  asked([], ['red/v1']);
  t.strictSame(said, [
    `usage: "--driver exec" moves hosts, ${hint}`,
    `usage: "--driver exec" moves hosts, ${hint}, or add --hosts`,
    'begun',
  ]);
});
