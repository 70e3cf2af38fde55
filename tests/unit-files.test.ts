/**
 * What `make unit` holds: no file that can start anything, and none that is more than a unit; and
 * what several files share a process for is the same as what each has by itself.
 */
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { runShared } from './support/test-process.ts';
import { UnitFiles } from './support/unit-files.ts';

const root = path.resolve(import.meta.dirname, '..');
const units = new UnitFiles(root);
const all = globSync('tests/**/*.test.ts', { cwd: root }).sort();

t.test('unit is most of what is pure, and nothing that starts something', async (t) => {
  const unit = all.filter((file) => units.isUnit(file));
  t.ok(unit.length > 150 && unit.length < all.length - 100, `${unit.length} of ${all.length}`);
  for (const file of ['cli', 'tls', 'many-rules']) {
    t.notOk(units.isUnit(`tests/hypervisor/${file}.test.ts`), file);
  }
  t.ok(units.isUnit('tests/slices/routes.test.ts') && units.isUnit('tests/paper/barriers.test.ts'));
  t.match(
    units.reaches('tests/hypervisor/cli.test.ts'),
    /^node:\w+ by tests\/hypervisor\/cli(\.test)?\.ts$/,
  );
  t.equal(units.reaches('tests/slices/routes.test.ts'), undefined);
  t.strictSame(units.unknown, [], 'every sweep is a file');
});

t.test(
  'files that share a process: each with a test of its own, and what fails is named',
  async (t) => {
    const dir = path.relative(root, t.testdir());
    const file = (name: string, text: string): string => {
      const at = path.join(dir, name);
      writeFileSync(path.join(root, at), `import t from 'tap';\n${text}\n`);
      return at;
    };
    mkdirSync(path.join(root, dir), { recursive: true });
    const over = "t.teardown(() => globalThis.order.push('over'));";
    const files = [
      file('a.mjs', `globalThis.order = []; ${over} t.test('a', async (t) => t.ok(true));`),
      file('b.mjs', "t.test('b', async (t) => t.strictSame(globalThis.order, ['over']));"),
      file('wrong.mjs', "t.test('c', async (t) => t.equal(1, 2));"),
      file('throws.mjs', "throw new Error('at once');"),
      file('silent.mjs', "t.comment('asserts nothing');"),
      file('ends.mjs', "t.test('d', async () => process.exit(0));"),
      file('next.mjs', "t.test('e', async (t) => t.ok(true));"),
    ];
    const [waiting, passed] = [[...files], new Map<string, number>()];
    const perProcess: string[][] = [];
    while (waiting.length > 0) {
      const failed = await runShared(
        () => waiting.shift(),
        { cwd: root, niceness: 0 },
        (one) => {
          passed.set(path.basename(one.file), one.passed);
        },
      );
      perProcess.push(failed.map((one) => path.basename(one)));
    }
    t.strictSame(Object.fromEntries(passed), { 'a.mjs': 1, 'b.mjs': 1, 'next.mjs': 1 });
    const ended = [['wrong.mjs'], ['throws.mjs'], ['silent.mjs', 'ends.mjs'], []];
    t.strictSame(perProcess, ended, 'what fails ends its process, and the next goes on');
  },
);
