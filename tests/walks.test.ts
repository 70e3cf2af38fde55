/**
 * The walks of DESIGN section 1 name files and functions that are there: five walks of five lines
 * each, in which a name in brackets is in the file that stands before it.
 */
import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';

const section = /^### Five walks through the shell$([\s\S]*?)^### /m;
const text = section.exec(readFileSync('docs/DESIGN.md', 'utf8'))?.[1] ?? '';

interface Walk {
  readonly title: string;
  readonly lines: readonly string[];
}

function walksIn(whole: string): readonly Walk[] {
  return whole.split(/^(?=An? [^\n]*:$)/m).flatMap((part) => {
    const lines = part.match(/^\d\. .*$/gm) ?? [];
    return lines.length === 0 ? [] : [{ title: part.split('\n', 1)[0] ?? '', lines }];
  });
}

function pathOf(name: string): string {
  return /^(openflow|slices|translation)\//.test(name) ? name : `hypervisor/${name}`;
}

/** What a line names that is not there. */
function missingIn(line: string): readonly string[] {
  let file = '';
  return (line.match(/`[^`]+`/g) ?? []).flatMap((quoted) => {
    const name = quoted.slice(1, -1);
    if (!name.endsWith('.ts')) return file.includes(name) ? [] : [name];
    const path = pathOf(name);
    if (!existsSync(path)) return [path];
    file = readFileSync(path, 'utf8');
    return [];
  });
}

t.test('each walk is true as far as its names go', async (t) => {
  const walks = walksIn(text);
  t.strictSame(
    walks.map(({ lines }) => lines.length),
    [5, 5, 5, 5, 5],
  );
  for (const { title, lines } of walks) t.strictSame(lines.flatMap(missingIn), [], title);
});

t.test('a file that is gone is found, and a function that is elsewhere', async (t) => {
  t.strictSame(missingIn('1. `tenant/nowhere.ts` does it'), ['hypervisor/tenant/nowhere.ts']);
  t.strictSame(missingIn('1. `tenant/bodies.ts` (`leaveBody`, `onPort`)'), ['onPort']);
});
