/**
 * What the file says of a cable's MTU: read, written again, and looked at for tenants' full-size
 * frames.
 */
import t from 'tap';
import { fileTree } from '../../slices/config/config-print.ts';
import { smallLinks } from '../../slices/config/links.ts';
import { configOf, problemsOf } from './networks.ts';

const text = (mtu: string, encoding = 'pipeline') => `
datapaths: { s1: { dpid: 1, encoding: ${encoding} }, s2: { dpid: 2, encoding: ${encoding} } }
links: [{ ends: s1:3 - s2:3, mtu: ${mtu} }, s1:4 - s2:4]
tenants: {}`;

t.test('it is a number of bytes, and is written as it was read', async (t) => {
  t.match(fileTree(configOf(text('9000'))).links, [{ ends: 's1:3 - s2:3', mtu: '9000' }]);
  for (const bad of ['0', '67', '65536', '1500B', '-1']) {
    const [problem] = problemsOf(text(bad));
    t.match(problem, { path: 'links[0].mtu', why: /is not an MTU; write 1522, or 9000/ }, bad);
  }
});

t.test('a cable without room for what hosts send in our header is named', async (t) => {
  t.strictSame(smallLinks(configOf(text('1522'))), []);
  const [only, ...more] = smallLinks(configOf(text('1500')));
  t.match(
    only,
    /^cable s1:3 - s2:3: its MTU of 1500 leaves tenants' frames 1478 of the 1500 bytes/,
  );
  t.match(only, /give it 1522$/);
  t.strictSame(more, [], 'of one without an MTU nobody knows');
});

t.test('a tag is less than a header', async (t) => {
  t.strictSame(smallLinks(configOf(text('1504', 'flat'))), []);
  t.match(smallLinks(configOf(text('1500', 'flat')))[0], /give it 1504$/);
});
