/**
 * What a file may be that is no configuration: each ends in one problem that says so, soon.
 */

import { join } from 'node:path';
import t from 'tap';
import { readFile } from '../../hypervisor/operator/file.ts';
import { productVersion } from '../../hypervisor/world/endings.ts';

const good = 'datapaths: { s1: { dpid: 1 } }\ntenants: {}\n';

const files: Readonly<Record<string, readonly [content: string | Buffer, says: RegExp | null]>> = {
  'as Windows writes it': [`\ufeff${good.replaceAll('\n', '\r\n')}`, null],
  'an empty file': ['', /^\(top\): is empty; docs\/GUIDE\.md/],
  'only a comment': ['# soon\n', /^\(top\): is empty/],
  'a word': ['hello', /^\(top\): must be a map, not "hello"$/],
  'a whole book': ['a'.repeat(1e6), /^\(top\): must be a map, not a text of 1000000 characters$/],
  'UTF-16': [Buffer.from(good, 'utf16le'), /line 1 has a control character/],
  'UTF-16 with its mark': [Buffer.from(`\ufeff${good}`, 'utf16le'), /not UTF-8 text; save it/],
  'random bytes': [Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe]), /not UTF-8 text/],
  'a terminal in it': [`${good}# \u001b[2J`, /line 3 has a control character/],
  'two documents': [`${good}---\n${good}`, /^line 3: begins a second document/],
  'lists in lists in lists': [`a: ${'['.repeat(1e5)}`, /^line 1: is nested too deep/],
  'a tag': ['datapaths: !!binary aGVsbG8=\ntenants: {}', /^line 1: Unresolved tag/],
  'a tab': ['datapaths:\n\ts1: {}\n', /^line 2: Tabs are not allowed as indentation$/],
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
