/**
 * The report of `make controllers`: what differs is bold, stands with its place, and is asked for.
 */
import t from 'tap';
import { applications, cells, nameOf, TORUS, whyOmitted } from './cells.ts';
import { differencesOf, tableOf, unexplained } from './report.ts';
import { type StepName, stepNames } from './steps.ts';

const [cell] = cells;
if (cell === undefined) throw new Error('there are no cells');

/** Where the sides differ in these steps. */
function tried(...different: readonly StepName[]) {
  const seen = stepNames.map((name) => {
    const virtual = { shown: `v ${name}`, compared: different.includes(name) ? 'other' : 'same' };
    return [name, { bridges: { shown: `b ${name}`, compared: 'same' }, virtual }] as const;
  });
  return [{ cell: cell as (typeof cells)[number], seen: new Map(seen) }];
}

t.test('nothing differs', async (t) => {
  t.same(unexplained(tried()), []);
  t.equal(differencesOf(tried()), 'Nothing.');
  t.notMatch(tableOf(tried()), /\*\*/);
});

t.test('a difference is bold on the virtual side, and somebody has to say why', async (t) => {
  const table = tableOf(tried('killed'));
  t.match(table, /\| b killed \|/);
  t.match(table, /\| \*\*v killed\*\* \|/);
  t.match(table, /\| v up \|/);
  const title = `${applications.learning.name}, tree,2, OpenFlow 1.3: Limevisor killed`;
  t.same(unexplained(tried('killed')), [title]);
  t.ok(differencesOf(tried('killed')).includes(title));
});

t.test('each cell has a name of its own; a step that is not taken has its reason', async (t) => {
  t.equal(new Set(cells.map(nameOf)).size, cells.length);
  const omitted = cells.filter((one) => whyOmitted(one, 'switchRestart') !== undefined);
  t.ok(omitted.length > 0 && omitted.every(({ topology }) => topology === TORUS));
});
