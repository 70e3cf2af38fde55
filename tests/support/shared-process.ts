/**
 * Runs test files one after the other in this process, as test-process.ts names them: each is a
 * test of its own, and `t` of its `import t from 'tap'` is that test.
 *
 * A file takes more to load tap and our sources, and to have them compiled well, than most take to
 * run. What fails ends the process, for nobody knows what it leaves behind, or waits for; it is run
 * again by itself.
 */
import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Test } from 'tap';
import { useTest } from './current-test.ts';

const shared = new Set(['current-test.ts', 'shared-process.ts'].map(urlOf));

registerHooks({
  resolve(specifier, context, next) {
    const isTap = specifier === 'tap' && !shared.has(context.parentURL ?? '');
    return next(isTap ? urlOf('current-test.ts') : specifier, context);
  },
});

function urlOf(name: string): string {
  return pathToFileURL(path.join(import.meta.dirname, name)).href;
}

function nextFile(): Promise<string> {
  const said = new Promise<string>((done) => process.once('message', done));
  process.send?.('next');
  return said;
}

async function run(file: string): Promise<void> {
  const beganMs = performance.now();
  const options: ConstructorParameters<typeof Test>[0] = {
    name: file,
    bail: true,
    cb: async () => {
      useTest(test);
      await import(pathToFileURL(path.resolve(file)).href);
    },
  };
  const test = new Test(options);
  test.resume();
  test.on('bailout', () => process.exit(1));
  const isOver = new Promise<boolean>((done) => test.on('complete', ({ ok }) => done(ok)));
  test.runMain(() => undefined);
  const ok = await isOver;
  const { pass } = test.counts;
  const sec = (performance.now() - beganMs) / 1_000;
  process.send?.({ file, ok, passed: pass, sec });
}

for (let file = await nextFile(); file !== ''; file = await nextFile()) await run(file);
process.exit();
