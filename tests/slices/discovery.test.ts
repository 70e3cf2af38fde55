/**
 * Links from what probes saw: what leads both ways is one; everything else is a note.
 */
import t from 'tap';
import type { PhysicalEnd } from '../../slices/config/values.ts';
import type { DatapathName, Port } from '../../slices/ids.ts';
import { discovered, type Seen } from '../../slices/network/discovery.ts';
import { linkText } from '../../slices/network/link-states.ts';

function end(text: string): PhysicalEnd {
  const [device = '', port = ''] = text.split(':');
  return { device: device as DatapathName, port: Number(port) as Port };
}

const seen = (from: string, to: string, bytes = 1_536): Seen => ({
  from: end(from),
  to: end(to),
  bytes,
});
const both = (one: string, other: string, bytes?: number): readonly Seen[] => [
  seen(one, other, bytes),
  seen(other, one, bytes),
];
const needs = () => 1_536;

t.test('what leads both ways; those of the file as they stand there, and first', async (t) => {
  const all = [...both('s10:1', 's2:1'), ...both('s1:3', 's2:3'), ...both('s1:4', 's3:4', 60)];
  const { links, missing, notes } = discovered(all, [[end('s2:3'), end('s1:3')]], needs);
  t.strictSame(
    links.map(({ ends, isInFile, isWide }) => [linkText(ends), isInFile, isWide]),
    [
      ['s2:3 - s1:3', true, true],
      ['s1:4 - s3:4', false, false],
      ['s2:1 - s10:1', false, true],
    ],
  );
  t.strictSame([missing, notes], [[], []]);
});

t.test('a link of the file that is not there, and one that is another now', async (t) => {
  const file = [
    [end('s1:1'), end('s2:1')],
    [end('s1:2'), end('s2:2')],
  ] as const;
  const { links, missing, notes } = discovered(both('s1:2', 's3:2'), file, needs);
  t.strictSame(
    links.map(({ ends }) => linkText(ends)),
    ['s1:2 - s3:2'],
  );
  t.strictSame(missing.map(linkText), ['s1:1 - s2:1'], 'it stays in what is printed');
  t.strictSame(notes, ['the file has s1:2 - s2:2, which is not what was found']);
});

t.test('one way, several ways, and back to itself are no links', async (t) => {
  const all = [
    ...[seen('s1:1', 's2:1'), seen('s1:2', 's1:2')],
    ...[seen('s1:3', 's2:3'), seen('s1:3', 's3:3'), seen('s2:3', 's1:3')],
  ];
  const { links, notes } = discovered(all, [], needs);
  t.strictSame(links, []);
  t.strictSame(notes, [
    's1:1 leads to s2:1, which does not lead back',
    's1:2 leads back to itself',
    's1:3 leads to several ports: s2:3, s3:3; a hub or a switch is in between',
  ]);
});
