/**
 * A difference leaves nothing out: it is empty only when nothing differs, whatever field it is, and
 * leads from the one configuration to the other.
 */
import t from 'tap';
import { type Config, readConfig } from '../../slices/config/config.ts';
import {
  datapathRows,
  hostRows,
  portIdentityRows,
  tenantRows,
  tlsRows,
  vswitchRows,
} from '../../slices/config/config-fields.ts';
import { fileTree } from '../../slices/config/config-print.ts';
import {
  type Difference,
  differenceOf,
  type Thing,
  thingsOf,
} from '../../slices/config/difference.ts';
import { Random } from '../openflow/random.ts';
import { configOf, exampleText } from './networks.ts';
import { leavesOf, mutated, randomConfig } from './random-configs.ts';

const RUNS = 150;
const configs = Array.from({ length: RUNS }, (_, seed) => randomConfig(new Random(seed)));

/** What `difference` makes of the things of a configuration. */
function applied(config: Config, difference: Difference): ReadonlyMap<string, Thing> {
  const things = new Map(thingsOf(config));
  for (const one of difference) {
    const { kind, name, tenant } = one;
    const key = `${kind} ${name}`;
    const whose = tenant === undefined ? {} : { tenant };
    if (one.type === 'removed') things.delete(key);
    else if (one.type === 'added') things.set(key, { kind, name, ...whose, fields: one.fields });
    else {
      const fields = { ...things.get(key)?.fields };
      for (const { field, to } of one.fields) {
        delete fields[field];
        if (to !== undefined) fields[field] = to;
      }
      things.set(key, { kind, name, ...whose, fields });
    }
  }
  return things;
}

/** Sorted, so that the order of things and fields does not count. */
function sorted(things: ReadonlyMap<string, Thing>): readonly string[] {
  const fields = (one: Thing) => Object.entries(one.fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return [...things.values()]
    .map((one) => JSON.stringify([one.kind, one.name, fields(one)]))
    .sort();
}

t.test('it is empty for the same configuration, also when that was read again', async (t) => {
  for (const config of configs) {
    t.strictSame(differenceOf(config, config), []);
    const again = readConfig(fileTree(config), [], '/elsewhere');
    t.ok('config' in again && differenceOf(config, again.config).length === 0);
  }
});

t.test('a printed configuration reads as the one that was printed', async (t) => {
  for (const config of configs) {
    const again = readConfig(fileTree(config), [], '/elsewhere');
    t.strictSame('config' in again ? again.config : again, config);
  }
  const example = configOf(exampleText());
  t.strictSame(readConfig(fileTree(example), []), { config: example });
});

t.test('what goes without saying is not printed', async (t) => {
  const least = 'datapaths: { s1: { dpid: 1 } }\ntenants: { red: { vswitches: {} } }';
  t.strictSame(fileTree(configOf(least)), {
    datapaths: { s1: { dpid: '0000000000000001' } },
    tenants: {},
  });
  const one = `
    datapaths: { s1: { dpid: 1 } }
    tenants:
      red: { vswitches: { v: { dpid: 1, on: s1 } }, hosts: { h: { port: v:1, at: s1:1 } } }`;
  const printed = { dpid: '0000000000000001', on: 's1' };
  t.strictSame(fileTree(configOf(one))['tenants'], {
    red: { vswitches: { v: printed }, hosts: { h: { port: 'v:1', at: 's1:1' } } },
  });
});

function isFirstMember({ vswitches }: Config, path: string): boolean {
  return path === '.vswitches[].on' && vswitches.some(({ members }) => members !== undefined);
}

t.test('any field that changes makes a difference', async (t) => {
  const seen = new Set<string>();
  for (const config of configs.slice(0, 60)) {
    for (const path of new Set(leavesOf(config))) {
      // What says which of several shapes a value has means nothing by itself.
      if (path.endsWith('.type')) continue;
      // The first of its members, where there are any: they stand in the file.
      if (isFirstMember(config, path)) continue;
      const isSeen = differenceOf(config, mutated(config, path)).length > 0;
      if (!isSeen || !seen.has(path)) t.ok(isSeen, path);
      seen.add(path);
    }
  }
});

t.test('every key that the file may have occurs in what is compared here', async (t) => {
  const things = configs.flatMap((config) => [...thingsOf(config).values()]);
  const found = new Set(things.flatMap(({ fields }) => Object.keys(fields)));
  const rows = [datapathRows, tenantRows, vswitchRows, portIdentityRows, hostRows, tlsRows];
  const wanted = rows.flatMap((one) => Object.values(one).map(({ key }) => key));
  t.strictSame(
    wanted.filter((key) => !found.has(key)),
    [],
  );
});

t.test('it leads from one configuration to the other', async (t) => {
  for (const [i, from] of configs.entries()) {
    const to = configs[(i + 1) % RUNS] as Config;
    t.strictSame(sorted(applied(from, differenceOf(from, to))), sorted(thingsOf(to)));
  }
});
