/**
 * A vswitch is cloned in part and its hosts move there, by one command: whatever ends in between, a
 * process, a driver or a datapath, the body and all of the hosts are there, or none of it.
 */
import t from 'tap';
import { nothing } from '../../hypervisor/migrate/apply-plans.ts';
import { migrateAsked } from '../../hypervisor/operator/control-migration.ts';
import { ensembleStateText, ensembleText } from '../../hypervisor/operator/ensemble-text.ts';
import type { MigrateResult } from '../../hypervisor/operator/migration-asked.ts';
import { errorTable } from '../../openflow/values/errors.ts';
import { endText } from '../../slices/ids.ts';
import { vswitchName } from '../slices/networks.ts';
import { flowMod } from '../slices/rules.ts';
import { failing } from '../support/faults.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';
import { TestDrivers } from './test-drivers.ts';

const text = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: [s1:3 - s2:3, s2:4 - s3:3]
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts:
      h1: { port: v1:1, at: s1:1 }
      h2: { port: v1:2, at: s1:2 }
      h3: { port: v1:3, at: s1:4 }
`;

interface Asked {
  readonly names?: readonly string[];
  readonly to?: readonly string[];
  readonly isDry?: boolean;
}

function begun() {
  const places = new Map([
    ['red/h1', 's1:1'],
    ['red/h2', 's1:2'],
    ['red/h3', 's1:4'],
  ]);
  return { places, store: memoryStore() };
}

function started({ places, store }: ReturnType<typeof begun>) {
  const drivers = new TestDrivers(places);
  const net = new FakeNetwork(text, store, failing, { drivers }).loaded().up();
  const { hypervisor } = net;
  const results: MigrateResult[] = [];
  const migrate = ({
    names = ['red/v1', 'red/h1', 'red/h2'],
    to = ['s3'],
    isDry = false,
  }: Asked = {}): void => {
    const reply = {
      ...{ event: () => undefined, onGone: () => undefined },
      result: (value: unknown) => void results.push(value as MigrateResult),
      error: (_: string, message: string) => t.fail(message),
    };
    const how = { strategy: 'lime', isPartial: true, isWatched: false, groupMax: 1 } as const;
    migrateAsked(hypervisor, { names, to, drivers: ['exec'], isDry, ...how }, reply);
    net.run(100);
  };
  const ensemble = () => [...hypervisor.executor.ensembles.all.values()].at(-1);
  const host = () => hypervisor.hostMoves.all().at(-1);
  const isIn = (name: string, state: string): boolean =>
    host()?.host === name && host()?.state.type === state;
  const until = (isSo: () => boolean, what: string): void => {
    for (let ms = 0; !isSo(); ms += 20) {
      if (ms > 90_000) throw new Error(`never: ${what}; ${JSON.stringify(ensemble()?.state)}`);
      net.run(20);
    }
  };
  /** Drivers do what they are told, until the ensemble has ended. */
  const end = (): string => {
    until(() => {
      if (drivers.asked.length > drivers.ended) drivers.ends();
      return ['done', 'undone'].includes(ensemble()?.state.type ?? '');
    }, 'the end');
    net.run(100);
    return ensemble()?.state.type ?? '';
  };
  /** Where all of it is: by what serves, and by what drivers have done. */
  const where = (): string => {
    const { config, placements } = hypervisor.snapshot();
    const at = config.hosts.map((one) => endText(one.at));
    t.strictSame(at, [...places.values()], 'hosts are where they should be');
    const on = placements.get(vswitchName('red/v1'))?.bodies ?? [];
    return [on.join('+'), ...at].join(' ');
  };
  return { net, hypervisor, drivers, migrate, ensemble, host, isIn, until, end, where, results };
}

type Life = ReturnType<typeof started>;

const near = 's1 s1:1 s1:2 s1:4';
/** The first numbers that s3 has no port of; h3 stays. */
const far = /^s1\+s3 s3:\d+ s3:\d+ s1:4$/;

t.test('a dry run names the body, what it gets, and the hosts in their order', async (t) => {
  const { migrate, results, where, ensemble } = started(begun());
  migrate({ isDry: true });
  const [{ plan } = {}] = results;
  if (plan?.type !== 'plan' || !('groups' in plan)) throw new Error(JSON.stringify(plan));
  t.match(plan.what, /^red\/v1 red\/h1 red\/h2 --to s3 --strategy partial$/);
  t.match(plan.steps[0], /^s3 joins, and gets 0 rules/);
  t.match(plan.steps.join('\n'), /group 1: red\/h1: s1:1 -> s3:\d+ by exec\ngroup 2: red\/h2/);
  t.match(plan.joins, { vswitch: 'red/v1', on: 's3' });
  t.equal(where(), near);
  t.equal(ensemble(), undefined);
});

t.test('the body joins, hosts follow one by one, and a restart finds all of it', async (t) => {
  const life = begun();
  const { migrate, end, where, results, ensemble, net } = started(life);
  migrate();
  const said = (text: typeof ensembleStateText): string => {
    const one = ensemble();
    return one === undefined ? 'there is none' : text(one);
  };
  t.equal(said(ensembleStateText), 'join red/v1 on s3');
  t.equal(end(), 'done');
  t.match(where(), far);
  const hosts = results[0]?.hosts?.map(({ host, state }) => `${host} ${state.type}`);
  t.strictSame(hosts, ['red/h1 done', 'red/h2 done']);
  const ended = said((one) => ensembleText(one, []));
  t.match(ended, /^red\/v1 has a body on s3, with a part of its rules; red\/h1 at s3:\d+, red\/h2/);
  net.world.pass(0);
  const again = started(life);
  t.match(again.where(), far);
  again.migrate({ names: ['red/v1', 'red/h3'] });
  t.match(again.results[0]?.plan, { problems: ['red/v1 has a body on s3 already'] });
});

const refused: readonly (readonly [Asked, RegExp])[] = [
  [{ names: ['red/v1', 'red/h9'] }, /there is no vswitch or host "red\/h9"/],
  [{ names: ['red/h1', 'red/h2'] }, /"--strategy partial" is for one vswitch and hosts of it/],
  [{ to: ['s3', 's2'] }, /"--strategy partial" is for one vswitch and hosts of it/],
  [{ to: [] }, /say where its hosts will be plugged in: --to DATAPATH/],
  [{ to: ['s9'] }, /there is no datapath "s9"/],
  [{ to: ['s3', 'red/h1=s2:9'] }, /red\/h1 is to move to s2, and the second body is on s3/],
  [{ to: ['s3', 'red/h1=s3:3'] }, /s3:3 is an end of s2:4 - s3:3/],
];

t.test('what cannot be is said, and nothing begins', async (t) => {
  for (const [asked, why] of refused) {
    const { migrate, results, ensemble, where } = started(begun());
    migrate(asked);
    const [{ plan } = {}] = results;
    t.match(plan?.type === 'problems' ? plan.problems.join('; ') : plan, why);
    t.equal(ensemble(), undefined);
    t.equal(where(), near);
  }
});

t.test('a driver that fails: who was there comes back, and the body leaves', async (t) => {
  const { migrate, drivers, until, isIn, end, where, ensemble } = started(begun());
  migrate();
  until(() => isIn('red/h1', 'run'), 'the first driver');
  drivers.ends();
  until(() => isIn('red/h2', 'run'), 'the second driver');
  drivers.ends('failed');
  t.equal(end(), 'undone');
  t.match(ensemble()?.state, { why: 'red/h2: the driver failed' });
  t.notOk('exceptions' in (ensemble()?.state ?? {}));
  t.equal(where(), near);
});

t.test('a body that has no room for the rules takes all of it back', async (t) => {
  const { net, migrate, end, where, ensemble, drivers } = started(begun());
  net.controller(7001).says(flowMod({ priority: 77 }));
  net.run();
  net.switch('s3').refuse = (one) =>
    one.type === 'flowMod' && one.tableId === 2
      ? { errorType: errorTable.flowModFailed.number, errorCode: 1 }
      : undefined;
  migrate();
  t.equal(end(), 'undone');
  t.match(ensemble()?.state, { why: /s3/ });
  t.strictSame(drivers.asked, [], 'no host was moved');
  t.equal(where(), near);
});

t.test('an operator takes it back at any moment, and all is as it was', async (t) => {
  for (const moment of ['join', 'open', 'run', 'second']) {
    const { hypervisor, migrate, until, isIn, drivers, end, where, ensemble } = started(begun());
    migrate();
    if (moment !== 'join') until(() => isIn('red/h1', 'open'), moment);
    if (moment === 'run' || moment === 'second') until(() => isIn('red/h1', 'run'), moment);
    if (moment === 'second') {
      drivers.ends();
      until(() => isIn('red/h2', 'run'), moment);
    }
    const whyNot = hypervisor.executor.ensembles.undo(ensemble()?.id ?? 0, 'for the test');
    t.equal(whyNot, undefined, moment);
    t.equal(end(), 'undone', moment);
    t.equal(where(), near, moment);
  }
});

t.test('a file that has no such body is refused until it has ended', async (t) => {
  const { net, migrate, until, isIn, end, where } = started(begun());
  migrate();
  until(() => isIn('red/h1', 'run'), 'the first driver');
  const why = /red\/v1 has a body on s3 for hosts that move there, and the file has none/;
  t.match(net.planned(text, nothing), { whyNot: [why] });
  t.equal(end(), 'done');
  t.match(where(), far);
});

/** Leads the first process to a moment. */
const moments: Readonly<Record<string, (life: Life) => void>> = {
  join: ({ until, hypervisor }) => {
    until(() => hypervisor.applying.memberMoves.all().length > 0, 'it joins');
  },
  joined: ({ until, ensemble }) => until(() => ensemble()?.state.type !== 'join', 'it is there'),
  open: ({ until, isIn }) => until(() => isIn('red/h1', 'open'), 'the first'),
  second: ({ until, isIn, drivers }) => {
    until(() => isIn('red/h1', 'run'), 'the first');
    drivers.ends();
    until(() => isIn('red/h2', 'open'), 'the second');
  },
  undo: (life) => {
    moments['second']?.(life);
    life.until(() => life.isIn('red/h2', 'run'), 'the second');
    life.drivers.ends('failed');
    life.until(() => life.ensemble()?.state.type === 'undo', 'all goes back');
  },
  leave: (life) => {
    moments['undo']?.(life);
    life.until(() => {
      if (life.drivers.asked.length > life.drivers.ended) life.drivers.ends();
      return life.ensemble()?.state.type === 'leave';
    }, 'the body goes');
  },
  last: (life) => {
    moments['second']?.(life);
    life.until(() => life.isIn('red/h2', 'run'), 'the second');
    life.drivers.ends();
  },
};

for (const [moment, lead] of Object.entries(moments)) {
  t.test(
    `a process that ends in "${moment}": the next one has all of it, or nothing`,
    async (t) => {
      const life = begun();
      const first = started(life);
      first.migrate();
      lead(first);
      first.net.world.pass(0);
      const second = started(life);
      const end = second.end();
      t.equal(end, moment === 'undo' || moment === 'leave' ? 'undone' : 'done');
      const where = second.where();
      if (end === 'done') t.match(where, far);
      else t.equal(where, near);
      t.equal(second.net.hypervisor.executor.ensembles.all.size, 1);
    },
  );
}
