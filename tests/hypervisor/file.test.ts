/**
 * What a file may be that is no configuration: each ends in one problem that says so, soon.
 */

import { join } from 'node:path';
import t from 'tap';
import type { YAMLError } from 'yaml';
import { readFile } from '../../hypervisor/operator/file.ts';
import { words, yamlProblem } from '../../hypervisor/operator/yaml-words.ts';
import { productVersion } from '../../hypervisor/world/exit-codes.ts';

const good = 'datapaths: { s1: { dpid: 1 } }\ntenants: {}\n';

const files: Readonly<Record<string, readonly [content: string | Buffer, says: RegExp | null]>> = {
  'as Windows writes it': [`\ufeff${good.replaceAll('\n', '\r\n')}`, null],
  'an empty file': ['', /^\(top\): is empty; copy the first file of docs\/GUIDE\.md/],
  'only a comment': ['# soon\n', /^\(top\): is empty/],
  'a word': ['hello', /^\(top\): must be a map, not "hello"$/],
  'a whole book': ['a'.repeat(1e6), /^\(top\): must be a map, not a text of 1000000 characters$/],
  'UTF-16': [Buffer.from(good, 'utf16le'), /line 1 has a control character/],
  'UTF-16 with its mark': [Buffer.from(`\ufeff${good}`, 'utf16le'), /not UTF-8 text; save it/],
  'random bytes': [Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe]), /not UTF-8 text/],
  'a terminal in it': [`${good}# \u001b[2J`, /line 3 has a control character/],
  'two documents': [`${good}---\n${good}`, /^line 3: begins a second document/],
  'lists in lists in lists': [`a: ${'['.repeat(1e5)}`, /^line 1: is nested too deep/],
  'a tag': [
    'datapaths: !!binary aGVsbG8=\ntenants: {}',
    /^line 1: has a tag \(!NAME\), which is not supported; remove it$/,
  ],
  'a tab': ['datapaths:\n\ts1: {}\n', /^line 2: is indented with a tab; use spaces$/],
  'an anchor that is not there': ['datapaths: *x\n', /^\(top\): has aliases \(\*NAME\)|^line 1: /],
  'a quote that is not closed': ["a: 'x\n", /^line \d: lacks a quote, bracket/],
  'a bracket that is not closed': [
    'datapaths:\n  s1: { dpid: 1\ntenants: {}\n',
    /^line 3: begins before a } has come; close it$/,
  ],
  'a list that is not closed': ['listen: [a, b\nlinks: []\n', /^line 2: begins before a \] has/],
  'a key twice': [`${good}tenants: {}\n`, /^line 3: repeats a key of the same map/],
  'a key that is a list': [
    'datapaths: { ? [a] : { dpid: 1 } }\ntenants: {}',
    /^datapaths\.\[ a \]: "\[ a \]" is not a name/,
  ],
};

for (const [name, [content, says]] of Object.entries(files)) {
  t.test(name, async (t) => {
    const read = readFile(join(t.testdir({ 'x.yaml': content }), 'x.yaml'));
    if (says === null) t.notOk('problems' in read, 'is fine');
    else {
      const problems = 'problems' in read ? read.problems : [];
      t.equal(problems.length, 1, 'one problem');
      t.match(`${problems[0]?.path}: ${problems[0]?.why}`, says);
    }
  });
}

t.test('a file without an end', async (t) => {
  t.match(readFile('/dev/zero'), { problems: [{ why: /more than \d+ bytes/ }] });
});

t.test('the version is that of the package', async (t) => {
  t.match(productVersion(), /^\d+\.\d+\.\d+$/);
});

t.test(
  'a file that is not there, or may not be read, is told without the system’s numbers',
  async (t) => {
    const why = 'cannot be read: no such file or directory';
    t.strictSame(readFile('/none.yaml'), { problems: [{ path: '/none.yaml', why }] });
    t.match(readFile('/'), {
      problems: [{ why: 'cannot be read: it is a folder' }],
    });
  },
);

t.test('every mistake in YAML has words of its own, none of the library’s', async (t) => {
  const error = (code: YAMLError['code'], message: string) =>
    ({ code, message, linePos: [{ line: 7, col: 1 }] }) as unknown as YAMLError;
  const theirs = /implicit|flow (sequence|map)|collection|scalar|token|mapping/i;
  for (const code of Object.keys(words) as YAMLError['code'][]) {
    const { path, why } = yamlProblem(error(code, 'Implicit keys of flow sequence pairs'));
    t.equal(path, 'line 7');
    t.notMatch(why, theirs, code);
    t.match(why, /[;,]|YAML/, `${code}: what to do`);
  }
});
