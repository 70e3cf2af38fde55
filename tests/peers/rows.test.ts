/**
 * Every behaviour of FlowVisor's suite has its test, or a reason why it has none.
 */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { type Row, troubleOf } from '../support/rows.ts';
import { behaviours } from './rows.ts';

/** Titles that are made in a loop: the part that varies is not in the file as it is printed. */
const looped: readonly RegExp[] = [
  /^tests-action \w+(Action|Error)$/,
  /^tests-vlan (NoVlan[12]|Vlan[12])$/,
];

/** The loop's names stand in the file, and so does the title around them. */
function isLooped({ id, name, covered }: Row): boolean {
  if (!('in' in covered) || !looped.some((one) => one.test(`${id} ${name}`))) return false;
  const text = readFileSync(new URL(`../${covered.in}`, import.meta.url), 'utf8');
  const varying = name.replace(/(Action|Error)$/, '');
  return text.includes(`\`${id} \${name}`) && new RegExp(`\\b${varying}\\b`).test(text);
}

t.test('each is tried, or has a reason', async (t) => {
  for (const one of behaviours) {
    const trouble = isLooped(one) ? undefined : troubleOf(one);
    t.equal(trouble, undefined, `${one.id} ${one.name}`);
  }
});

t.test('all 87, each once', async (t) => {
  t.equal(behaviours.length, 87);
  t.equal(new Set(behaviours.map(({ id, name }) => `${id} ${name}`)).size, 87);
});
