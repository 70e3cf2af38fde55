/**
 * How something is asked to be moved: what it is called afterwards, and what is refused because it
 * would be said for nothing.
 */
import t from 'tap';
import { optionsOf, whyNoHosts, whyOnlyWays } from '../../hypervisor/operator/migration-values.ts';
import { datapath, snapshotOf, twoDatapaths } from '../slices/networks.ts';

const how = { strategy: 'lime', isDry: false, isWatched: false, to: ['s2'] } as const;

t.test('an ensemble is called what was typed', async (t) => {
  const titled = (more: object): string => optionsOf({ names: ['red'], ...how, ...more }).what;
  t.equal(titled({}), 'red --to s2');
  t.equal(titled({ withHosts: true }), 'red --hosts --to s2');
  const drain = { names: [], leaves: [datapath('s3')], left: 's3', to: [] };
  t.equal(titled(drain), 'drain s3 --everything');
  t.equal(titled({ ...drain, withHosts: true }), 'drain s3 --everything --hosts');
  t.equal(titled({ title: 'return s3' }), 'return s3');
});

t.test(
  'who moves hosts is refused where none is asked for, and whose, where none is',
  async (t) => {
    const snapshot = snapshotOf(twoDatapaths());
    const why = (more: object) => whyNoHosts(snapshot, { names: ['red/v1'], ...how, ...more });
    const drivers = ['netns'];
    const leaves = [datapath('s1')];
    const cases: readonly (readonly [object, RegExp | undefined])[] = [
      [{}, undefined],
      [{ drivers }, /^"--driver netns" moves hosts, and none is asked for: name hosts$/],
      [{ drivers, names: ['red'] }, /asked for: name hosts, or add --hosts$/],
      [{ drivers: ['red/h1=qemu', 'exec'] }, /^"--driver red\/h1=qemu --driver exec" moves/],
      [{ drivers, names: [], leaves }, /asked for: add --hosts$/],
      [{ drivers, names: ['red/v1', 'red/h1'] }, undefined],
      [{ drivers, names: ['red'], withHosts: true }, undefined],
      [{ drivers, names: [], leaves, withHosts: true }, undefined],
      [{ withHosts: true }, /^"--hosts" moves those of tenants, and none is named: name hosts/],
      // Another says that there is no such thing.
      [{ drivers, names: ['red/v9'] }, undefined],
    ];
    for (const [more, is] of cases) {
      if (is === undefined) t.equal(why(more), undefined, JSON.stringify(more));
      else t.match(why(more), is, JSON.stringify(more));
    }
  },
);

t.test('of a drain of ways alone, what is about that which moves is refused', async (t) => {
  t.equal(whyOnlyWays({ datapath: 's1', hold: true }), undefined);
  t.equal(whyOnlyWays({ dryRun: false, to: [] }), undefined);
  t.equal(whyOnlyWays({ dryRun: true }), '--dry-run goes with --everything');
  const all = { hosts: true, driver: ['netns'] };
  t.equal(whyOnlyWays(all), '--hosts and --driver go with --everything');
});
