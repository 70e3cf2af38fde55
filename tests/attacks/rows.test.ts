/**
 * Every row of the catalogue has its test, whose title begins with the row's id and name, or a
 * reason why it has none.
 */
import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';
import { delta, families, isolation, type Row } from './rows.ts';

const tests = new URL('../', import.meta.url);

/** What stands at the beginning of a quoted text in a test file: titles do. */
function hasTitle(file: URL, start: string): boolean {
  const text = readFileSync(file, 'utf8').replaceAll("\\'", "'");
  return ["'", '"', '`'].some((quote) => text.includes(`${quote}${start}`));
}

function check(t: { readonly ok: (found: unknown, why: string) => unknown }, rows: readonly Row[]) {
  for (const { id, name, covered } of rows) {
    const title = `${id} ${name}`.trim();
    if ('not' in covered) t.ok(covered.not.length > 20, `${title}: ${covered.not}`);
    else {
      const file = new URL(covered.in, tests);
      t.ok(existsSync(file) && hasTitle(file, title), `${title} in ${covered.in}`);
    }
  }
}

t.test('DELTA', async (t) => {
  check(t, delta);
  t.equal(new Set(delta.map((one) => one.id)).size, delta.length, 'each once');
});

t.test('isolation holes', async (t) => {
  check(t, isolation);
  const ids = Array.from({ length: 24 }, (_, i) => `I${i + 1}`);
  t.strictSame(
    isolation.map((one) => one.id),
    ids,
    'all of them',
  );
});

t.test('published families', async (t) => check(t, families));
