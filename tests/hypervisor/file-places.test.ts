/**
 * Every refusal of a file says the line that it is about, and what stands there.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readFile } from '../../hypervisor/operator/file.ts';
import { fileProblemText, firstProblems } from '../../hypervisor/operator/file-places.ts';
import { problemText } from '../../slices/config/config.ts';
import { shortDir } from './running.ts';

/** `line path`, and the line's text, of each problem. */
function placesIn(
  t: Parameters<typeof shortDir>[0],
  content: string,
): readonly (readonly [string, string | undefined])[] {
  const file = join(shortDir(t), 'x.yaml');
  writeFileSync(file, content);
  const read = readFile(file);
  if (!('problems' in read)) return [];
  return read.problems.map(({ line, path, text }) => [`${line} ${path}`, text]);
}

const head = `datapaths:
  s1: { dpid: 1 }
  s2:
    dpid: 2
`;

t.test('a value, an item of a list, a key that is unknown, one that is missing', async (t) => {
  const file = `${head}links:
  - s1:9 - s2:9
  - s1:8 -- s2:8
tenants:
  red:
    colour: red
    vswitches:
      v1:
        dpid: nothing
        on: s1
      v2: { on: s9 }
`;
  t.strictSame(placesIn(t, file), [
    ['7 links[1]', '- s1:8 -- s2:8'],
    ['10 tenants.red', 'colour: red'],
    ['13 tenants.red.vswitches.v1.dpid', 'dpid: nothing'],
    ['15 tenants.red.vswitches.v2', 'v2: { on: s9 }'],
    ['15 tenants.red.vswitches.v2.on', 'v2: { on: s9 }'],
  ]);
});

t.test('names with dots, aliases, and what a later look finds', async (t) => {
  const file = `${head}
wrong: &wrong { dpid: 3, on: s9 }
tenants:
  a.b: { vswitches: { v.1: { dpid: 1, on: s1 }, v.1.on: *wrong } }
  c:
    vswitches: { v: { dpid: 1, on: s1 } }
    hosts:
      h1: { port: v:1, at: s1:1 }
      h2: { port: v:1, at: s1:2 }
`;
  t.strictSame(placesIn(t, file), [
    ['6 (top)', 'wrong: &wrong { dpid: 3, on: s9 }'],
    ['6 tenants.a.b.vswitches.v.1.on.on', 'wrong: &wrong { dpid: 3, on: s9 }'],
    ['13 tenants.c.hosts.h2', 'h2: { port: v:1, at: s1:2 }'],
  ]);
  const twice = file.replace('wrong: &wrong', '# &').replace('*wrong', '{ dpid: 2, on: s1 }');
  t.strictSame(placesIn(t, twice), [['13 tenants.c.hosts.h2', 'h2: { port: v:1, at: s1:2 }']]);
});

t.test('mistakes in YAML', async (t) => {
  t.strictSame(placesIn(t, `${head}tenants: {}\ntenants: {}\n`), [['6 line 6', 'tenants: {}']]);
  t.strictSame(placesIn(t, 'datapaths:\n\ts1: {}\n'), [['2 line 2', 's1: {}']]);
});

t.test('a bracket too many is a mistake or three, not one of each line behind it', async (t) => {
  const lines = Array.from({ length: 200 }, (_, i) => `  n${i}: { dpid: ${i + 10} }\n`);
  const places = placesIn(t, `datapaths: { s1: { dpid: 1 } }}\n${lines.join('')}tenants: {}\n`);
  t.ok(places.length <= 3, `${places.length} problems`);
  t.equal(places[0]?.[0], '1 line 1');
  t.equal(new Set(places.map(([place]) => place)).size, places.length, 'each line once');
  t.strictSame(placesIn(t, 'a: 1\na: 2\na: 3\na: 4\na: 5\na: 6\n').length, 5, 'but each repeat');
});

t.test('of very many problems the first are printed, and how to have all', async (t) => {
  const problems = Array.from({ length: 100 }, (_, i) => ({
    path: `links[${i}]`,
    why: 'is wrong',
  }));
  const lines = firstProblems(problems);
  t.ok(lines.length <= 21, `${lines.length} lines`);
  t.match(lines.at(-1), /^and 80 more; "limevisor check FILE --json"/);
  t.strictSame(firstProblems(problems.slice(0, 2)), ['links[0]: is wrong', 'links[1]: is wrong']);
});

t.test('what a name may mean is said; a key with nothing behind it is no absence', async (t) => {
  const dir = shortDir(t);
  const whysOf = (text: string): readonly string[] => {
    const file = join(dir, 'why.yaml');
    writeFileSync(file, `${head}tenants: {}\n${text}`);
    const read = readFile(file);
    return 'problems' in read ? read.problems.map(problemText) : [];
  };
  t.strictSame(whysOf('links: [s1:1 - s3:1]'), [
    'links[0]: names the datapath "s3", which is not in "datapaths"; known: s1, s2',
  ]);
  t.strictSame(whysOf('zones: { near: [s1] }\nevacuate-on: { flaps: 4 in 1m, among: naer }'), [
    'evacuate-on.among: names "naer", and there is no such datapath or zone; known: s1, s2, near',
  ]);
  t.strictSame(whysOf('optimize: { for: load, every: 10m, exempt: [red] }'), [
    'optimize.exempt[0]: names "red", and there is no such tenant; none is known',
  ]);
  t.match(whysOf('"": 1'), [/^\(top\): has the unknown key ""; known: listen, /]);
  t.match(whysOf('failover: { backups }'), [/^failover.backups: must be .* not nothing$/]);
  const long = 'x'.repeat(3_000);
  for (const one of whysOf(`traffic: ${long}\n${long}: { a: 1 }\nzones: { ${long}: [${long}] }`)) {
    t.ok(one.length < 500, `${one.length} characters`);
  }
});

t.test('what stands nowhere has no line; a long line is cut around the place', async (t) => {
  t.strictSame(placesIn(t, 'tenants: {}\n'), [['undefined (top)', undefined]]);
  const vswitches = Array.from({ length: 50 }, (_, i) => `v${i}: { dpid: ${i}, on: s1 }`);
  const long = `${head}tenants: { red: { vswitches: { ${vswitches.join(', ')} } } }\n`;
  const [[place = '', text = ''] = []] = placesIn(t, long.replace('dpid: 40', 'dpid: no'));
  t.equal(place, '5 tenants.red.vswitches.v0.dpid');
  const other = placesIn(t, long.replace('dpid: 40', 'dpid: no').replace('dpid: 0', 'dpid: 50'));
  t.equal(other[0]?.[0], '5 tenants.red.vswitches.v40.dpid');
  t.match(other[0]?.[1], /^\.\.\. .*dpid: no.* \.\.\.$/);
  t.ok(text.length < 100 && (other[0]?.[1]?.length ?? 100) < 100);
});

t.test('a file of Windows has no carriage returns in what is shown', async (t) => {
  const file = 'datapaths: {}\r\ntenants: {}\r\nfailover: 1\r\n';
  t.strictSame(placesIn(t, file), [['3 failover', 'failover: 1']]);
});

t.test('as people read it', async (t) => {
  t.equal(
    fileProblemText({ path: 'links[0]', why: 'is wrong', line: 3, text: '- s1:1' }),
    'links[0]: is wrong\n    line 3: - s1:1',
  );
  t.equal(fileProblemText({ path: '(top)', why: 'is empty' }), '(top): is empty');
});
