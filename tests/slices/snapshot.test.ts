/**
 * Compiling a configuration: ids and placements outlive a restart and an edited file.
 */

import t from 'tap';
import type { VswitchId } from '../../slices/ids.ts';
import {
  bodiesOn,
  compile,
  isInfeasible,
  nothingRemembered,
  placementOf,
  type Remembered,
  type Snapshot,
  withPlacement,
} from '../../slices/network/snapshot.ts';
import {
  clonedOn,
  configOf,
  datapath,
  exampleText,
  snapshotOf,
  vport,
  vswitchName,
  vswitchOf,
} from './networks.ts';

/** What the store would give to the next run. */
function remember(snapshot: Snapshot): Remembered {
  const ids = [...snapshot.vswitches.values()].map((v) => [v.name, v.id] as const);
  return { ...snapshot, ids: new Map(ids), freedIds: [] };
}

const idsOf = (snapshot: Snapshot) =>
  [...snapshot.vswitches.values()].map(({ name, id }) => `${name}=${id}`);

/** Red's part of the example goes behind blue's, or goes away. */
const [head = '', rest = ''] = exampleText().split(/^tenants:\n/m);
const [red = '', blue = ''] = rest.split(/^(?= {2}blue:)/m);
const bluesFirst = `${head}tenants:\n${blue}\n${red}`;
const withoutRed = `${head}tenants:\n${blue}`;

t.test('numbers are given from 1, and are the same after a restart, in any order', async (t) => {
  const first = snapshotOf(exampleText());
  t.strictSame(
    [...first.vswitches.values()].map((v) => v.id as number),
    [1, 2, 3, 4, 5, 6],
  );
  const second = snapshotOf(bluesFirst, remember(first));
  t.strictSame(idsOf(second).sort(), idsOf(first).sort());
  t.strictSame([...second.labels.byKey].sort(), [...first.labels.byKey].sort(), 'labels too');
});

t.test('the number of a vswitch that is gone is not given to a new one', async (t) => {
  const remembered = remember(snapshotOf(exampleText()));
  const green = withoutRed.replace('blue:', 'green:').replace('6662', '6663');
  const ids = [...snapshotOf(green, remembered).vswitches.values()].map((v) => v.id as number);
  t.strictSame(ids, [7, 8, 9]);
});

t.test('a placement outlives an edited "on", and follows added ports', async (t) => {
  const moved = clonedOn(snapshotOf(exampleText()), 'red/v3', ['s4']);
  const edited = exampleText().replace('- v2:2 - v3:2', '- v2:2 - v3:2\n      - v1:7 - v3:7');
  const again = snapshotOf(edited, remember(moved));
  const { bodies, primary, homes } = placementOf(again, vswitchName('red/v3'));
  t.strictSame([bodies, primary], [['s4'], 's4']);
  t.strictSame([...homes].sort(), [
    [1, 's4'],
    [2, 's4'],
    [7, 's4'],
  ]);
});

t.test('a placement on a datapath that is gone is forgotten', async (t) => {
  const moved = clonedOn(snapshotOf(exampleText()), 'red/v3', ['s4']);
  const withoutS4 = exampleText().replace(/^.*\bs4\b.*\n/gm, '');
  const again = snapshotOf(withoutS4, remember(moved));
  t.strictSame(placementOf(again, vswitchName('red/v3')).bodies, ['s3']);
});

t.test('a new number does not collide with a remembered one', async (t) => {
  const ids = new Map([[vswitchName('blue/v3'), 2 as VswitchId]]);
  const snapshot = snapshotOf(exampleText(), { ...nothingRemembered, ids });
  const numbers = [...snapshot.vswitches.values()].map((v) => v.id as number);
  t.equal(vswitchOf(snapshot, 'blue/v3').id, 2);
  t.equal(new Set(numbers).size, 6);
});

t.test('what no link leads to is infeasible, and says which link is missing', async (t) => {
  const apart = exampleText().replace(/ {2}- s1:[34].*\n/g, '');
  const compiled = compile(configOf(apart), nothingRemembered);
  t.ok(isInfeasible(compiled));
  t.match(compiled, { why: /^vport \d of red\/v\d has no way from s\d to s\d; add a link to/ });
  const elsewhere = exampleText()
    .replace('at: s1:1', 'at: s4:9')
    .replace(/ {2}- s1:4.*\n/, '');
  t.notOk(isInfeasible(compile(configOf(elsewhere), nothingRemembered)), 'by s2 there is a way');
});

t.test('a host may be on another datapath than its vswitch, when a way leads there', async (t) => {
  const lonely = exampleText()
    .replace('at: s1:1', 'at: s4:9')
    .replace(/ {2}- s[12]:4.*\n/g, '');
  t.match(compile(configOf(lonely), nothingRemembered), {
    why: /^(host red\/h1|vport 1 of red\/v1) has no way from s\d to s\d/,
  });
});

t.test('withPlacement leaves the old snapshot alone and refuses what has no way', async (t) => {
  const before = snapshotOf(exampleText());
  const after = clonedOn(before, 'red/v3', ['s3', 's4'], { 1: 's4' });
  t.strictSame(placementOf(before, vswitchName('red/v3')).bodies, ['s3']);
  t.strictSame(
    bodiesOn(after, datapath('s4')).map((v) => v.name),
    ['red/v3'],
  );
  t.strictSame([...bodiesOn(before, datapath('s4'))], []);
  const island = snapshotOf(exampleText().replace(/ {2}- s[12]:4.*\n/g, ''));
  const placed = withPlacement(island, vswitchName('red/v3'), {
    bodies: [datapath('s4')],
    primary: datapath('s4'),
    homes: new Map([[vport(1), datapath('s4')]]),
  });
  t.ok(isInfeasible(placed));
});

t.test('labels of ways that stay are the same in every placement', async (t) => {
  const before = snapshotOf(exampleText());
  const during = clonedOn(before, 'red/v3', ['s3', 's4']);
  const after = clonedOn(during, 'red/v3', ['s4']);
  for (const [key, label] of after.labels.byKey) {
    t.equal(during.labels.byKey.get(key) ?? label, label, key);
  }
  for (const [key, label] of during.labels.byKey) {
    t.equal(before.labels.byKey.get(key) ?? label, label, key);
  }
});
