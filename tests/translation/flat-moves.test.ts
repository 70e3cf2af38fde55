/**
 * Steps of a datapath of the flat encoding, in any order: what a later move has led on a former one
 * leaves, and nothing else of it.
 */

import t from 'tap';
import { printInstructions, printMatch } from '../../openflow/print/print.ts';
import { nothingRemembered } from '../../slices/network/snapshot.ts';
import { FlatDatapath } from '../../translation/flat/datapath.ts';
import { datapath, exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { outputs, ruleOf } from '../slices/rules.ts';
import { flowsOf } from '../support/flat-flows.ts';

const s1 = datapath('s1');
const encodings = new Map(['s1', 's2', 's3', 's4'].map((one) => [datapath(one), 'flat of 1.0']));
const snapshotWith = (text: string) =>
  snapshotOf(text, { ...nothingRemembered, encodings } as typeof nothingRemembered);
const before = snapshotWith(exampleText());
const after = snapshotWith(
  exampleText().replace('{ port: v1:1, at: s1:1 }', '{ port: v1:1, at: s1:9 }'),
);
const { name } = vswitchOf(before, 'red/v1');

/** A datapath with a rule to a host. */
function made(snapshot: typeof before) {
  const flat = new FlatDatapath(snapshot, s1);
  flat.bodyOf(vswitchOf(snapshot, name)).fill([ruleOf({ instructions: outputs(1) })]);
  return flat;
}

const doneBy = (flat: FlatDatapath): readonly string[] =>
  flowsOf(flat)
    .map(({ match, instructions }) => `${printMatch(match)} ${printInstructions(instructions)}`)
    .sort();

t.test('ways that are led meanwhile leave a host where the new file has it', async (t) => {
  const flat = made(before);
  const config = flat.beginConfig(after, new Set([name]));
  flat.make(config);
  const ways = flat.begin(after, vswitchOf(after, name), true);
  for (const step of ['make', 'change', 'break'] as const) flat[step](ways);
  flat.change(config);
  flat.break(config);
  t.strictSame(doneBy(flat), doneBy(made(after)));
  t.not(doneBy(made(before)).join(), doneBy(made(after)).join());
});

t.test('a former file does not come back over a later one', async (t) => {
  const flat = made(before);
  const former = flat.beginConfig(before, new Set([name]));
  flat.make(former);
  const later = flat.beginConfig(after, new Set([name]));
  for (const step of ['make', 'change', 'break'] as const) flat[step](later);
  flat.change(former);
  flat.break(former);
  t.strictSame(doneBy(flat), doneBy(made(after)));
});
