/**
 * The bar of a migration: below the lines on a terminal, and nowhere else.
 */
import t from 'tap';
import { barText, ProgressBar } from '../../hypervisor/operator/progress-bar.ts';
import type { Ensemble } from '../../translation/migration/ensemble.ts';
import type { Migration, State } from '../../translation/migration/migration.ts';

const migration = (type: State['type'], id = 1): Migration =>
  ({ id, vswitch: 'red/v1', state: { type } }) as Migration;

function shown(isTTY: boolean) {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  const stream = { isTTY, columns: 60, write } as unknown as NodeJS.WriteStream;
  const bar = new ProgressBar(stream, (line) => void written.push(`${line}\n`));
  return { bar, written };
}

t.test('as it fills', async (t) => {
  t.equal(barText(0.5, 'v1 move', 80), `[${'#'.repeat(15)}${'-'.repeat(15)}]  50 %  v1 move`);
  t.match(barText(undefined, 'v1', 80), /^\[<{30}\] {2}back {2}v1$/);
  t.equal(barText(1, 'a long name', 20).length, 19, 'no wider than the terminal');
});

t.test('on a terminal, and in a file', async (t) => {
  const { bar, written } = shown(true);
  bar.is(migration('clone'));
  bar.line('cloned');
  bar.is(migration('done'));
  bar.line(undefined);
  bar.end();
  const text = written.join('').replaceAll('\r\u001b[K', '|');
  t.match(text, /^cloned\n\[#{3}-{27}\] +10 % +red\/v1 clone\|\[#{30}\] 100 % +red\/v1 done\|$/);
  const file = shown(false);
  file.bar.is(migration('clone'));
  file.bar.line('cloned');
  file.bar.end();
  t.same(file.written, ['cloned\n']);
});

t.test('of several, each is a part', async (t) => {
  const { bar, written } = shown(true);
  const ensemble = { members: [1, 2] } as unknown as Ensemble;
  bar.is(migration('done', 1), ensemble);
  bar.line(undefined);
  t.match(written.at(-1), /50 %/);
  bar.is(migration('undoMove', 2), ensemble);
  bar.line(undefined);
  t.match(written.at(-1), /back/);
});
