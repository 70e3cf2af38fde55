/**
 * STYLE rule 15 as a test: sizes, banned calls, opening comments, dead files.
 *
 * The rules are support/tidy.ts. Here is the proof that every rule catches a made-up offender and
 * lets its look-alike pass.
 */

import t from 'tap';
import { parse, parseEach, readSources } from './support/sources.ts';
import { type Breach, deadFiles, idleRows, tidyBreaches } from './support/tidy.ts';

const sources = readSources();
const trees = parse(sources);
const found = [...tidyBreaches(sources, trees), ...deadFiles(sources, trees)];

t.test('every source is tidy', async (t) => {
  t.ok(Object.keys(sources).length > 0, 'there are sources');
  t.strictSame(
    found.map(({ path, line, rule, detail }) => `${path}:${line}: ${rule}: ${detail}`),
    [],
  );
});

t.test('what may be longer is longer', async (t) => t.strictSame(idleRows(sources), []));

const head = '// What it is for.\n';
const lines = (count: number) => 'f();\n'.repeat(count);
/** Each of three lines. */
const imports = (count: number) => "import {\n  a,\n} from './a.ts';\n".repeat(count);

/** A source, and the one rule that must catch it. Words are split so that they pass themselves. */
const offenders: readonly [path: string, text: string, rule: Breach['rule']][] = [
  ['slices/a.ts', `${head}const a = '${'x'.repeat(90)}';`, 'columns'],
  ['slices/a.ts', `${head}function f() {\n${lines(59)}}\n`, 'function length'],
  ['slices/a.ts', `${head}const f = () => {\n${lines(59)}};\n`, 'function length'],
  ['slices/a.ts', `${head}class A {\nf() {\n${lines(59)}}\n}\n`, 'function length'],
  ['tests/a.test.ts', `${head}function f() {\n${lines(59)}}\n`, 'function length'],
  ['slices/a.ts', `${head}${lines(300)}`, 'file length'],
  ['slices/a.ts', `${head}${imports(100)}${lines(200)}`, 'file length'],
  ['slices/rules/rulebook.ts', `${head}${lines(310)}`, 'file length'],
  ['slices/a.ts', `${head}// TO${'DO: more`'}`, 'unfinished'],
  ['slices/a.ts', `${head}const a = 'FIX${"ME'"};`, 'unfinished'],
  ['hypervisor/a.ts', `${head}console.log(1);`, 'console'],
  ['slices/a.ts', `${head}match(a).otherwise(f);`, 'otherwise'],
  ['slices/a.ts', `${head}let a: any;`, 'any'],
  ['slices/a.ts', `${head}const a = b as any;`, 'any'],
  ['slices/a.ts', `${head}let a: Map<string, any[]>;`, 'any'],
  ['slices/a.ts', `${head}enum A { b }`, 'enum'],
  ['slices/a.ts', `${head}namespace A { f(); }`, 'namespace'],
  ['slices/a.ts', `${head}// @ts-${'ignore'}\nf();`, 'unchecked'],
  ['slices/a.ts', `${head}// @ts-${'nocheck'}\nf();`, 'unchecked'],
  ['slices/a.ts', `${head}// @ts-${'expect-error'}\nf();`, 'unchecked'],
  ['slices/a.ts', `${head}try { f(); } catch {}`, 'empty catch'],
  ['slices/a.ts', `${head}try { f(); } catch { /* fine */ }`, 'empty catch'],
  ['slices/a.ts', `${head}p.catch(() => {});`, 'empty catch'],
  ['tests/a.test.ts', `${head}t.match(a, { b: [] });`, 'empty match'],
  ['slices/a.ts', `${head}eval('1');`, 'eval'],
  ['slices/a.ts', `${head}const f = new Function('1');`, 'eval'],
  ['slices/a.ts', 'f();', 'opening comment'],
  ['slices/a.ts', "import a from './a.ts';\n// Too late.\n", 'opening comment'],
];

function parsed<Row extends readonly [path: string, text: string, rule?: Breach['rule']]>(
  rows: readonly Row[],
) {
  const all = parseEach(rows.map(([path, text]) => ({ [path]: text })));
  return rows.map((row, i) => ({ row, trees: all[i] }));
}

for (const { row, trees } of parsed(offenders)) {
  const [path, text, rule] = row;
  t.test(
    `caught: ${rule} in ${path}: ${JSON.stringify(text.slice(head.length, 60))}`,
    async (t) => {
      const rules = tidyBreaches({ [path]: text }, trees).map((breach) => breach.rule);
      t.strictSame(rules, [rule]);
    },
  );
}

/** What looks like an offence and is none. */
const innocents: readonly [path: string, text: string][] = [
  ['slices/a.ts', `/** What it is for. */\nfunction f() {\n${lines(58)}}\n`],
  ['slices/a.ts', `${head}${lines(299)}`],
  ['slices/a.ts', `${head}${imports(99)}${lines(200)}`],
  ['slices/rules/rulebook.ts', `${head}${lines(309)}`],
  ['slices/a.ts', `${head}const any = 1; const a = { any, enum: 2, namespace: 3, console: 4 };`],
  ['slices/a.ts', `${head}// eval, console.log, any, as any\nconst s = 'x.otherwise(y)';`],
  ['slices/a.ts', `${head}try { f(); } catch (error) { g(error); }`],
  ['slices/a.ts', `${head}match(a).exhaustive();`],
  ['tests/a.test.ts', `${head}t.match(a([]), { b: [{}] }, f([]));`],
  ['slices/a.ts', `${head}// @ts-expect-error: a policy without a line\nf();`],
  ['hypervisor/main.ts', `${head}console.log(1);`],
  ['hypervisor/cli-show.ts', `${head}console.log(1);`],
  ['examples/a/a.ts', `${head}console.log(1);`],
  ['tests/a.test.ts', `${head}t.test('it', () => {\n${lines(10)}});`],
  ['examples/run.ts', `#!/usr/bin/env node\n${head}f();`],
];

for (const { row, trees } of parsed(innocents)) {
  const [path, text] = row;
  t.test(`let pass in ${path}: ${JSON.stringify(text.slice(0, 60))}`, async (t) => {
    t.strictSame(tidyBreaches({ [path]: text }, trees), []);
  });
}

t.test('a file that only a test imports is dead, and so is what only it imports', async (t) => {
  const dead = deadFiles({
    'hypervisor/main.ts': "import '../slices/used.ts';",
    'slices/used.ts': "export type { A } from './typed.ts';",
    'slices/typed.ts': 'export type A = 1;',
    'slices/tested.ts': "import './below.ts';",
    'slices/below.ts': '',
    'tests/tested.test.ts': "import '../slices/tested.ts';",
  });
  t.strictSame(
    dead.map(({ path }) => path),
    ['slices/tested.ts', 'slices/below.ts'],
  );
});
