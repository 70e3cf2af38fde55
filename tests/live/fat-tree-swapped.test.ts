/**
 * Two swapped cables in a fat tree of 20 switches, where everything is `up` and ways would be black
 * holes: both are named within seconds, and no other.
 */
import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { fatTree } from '../../examples/fat-tree/network.ts';
import { startLab } from '../../examples/lab/lab.ts';
import { startLimevisor, statusOf, untilReady } from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';

const SECONDS = 30_000;
const { switches, links } = fatTree;
/** As the file has them, and as they are: two edge switches have each other's cable. */
const swapped = links.map(([one, other]): readonly [string, string] => {
  if (one === 'e11:1') return [one, 'a21:1'];
  return one === 'e21:1' ? [one, 'a11:1'] : [one, other];
});
const file = `
control: here
datapaths: { ${switches.map((name, i) => `${name}: { dpid: ${i + 1} }`).join(', ')} }
links: [${links.map((ends) => `'${ends.join(' - ')}'`).join(', ')}]
tenants: {}
`;

const expected = [
  'miswired: e11:1 leads to a21:1, a11:1 leads to e21:1',
  'miswired: e21:1 leads to a11:1, a21:1 leads to e11:1',
];

t.test('both are named, and no other', async (t) => {
  const lab = await startLab({ ...fatTree, links: swapped, hosts: [] });
  t.teardown(() => lab.stop());
  fs.writeFileSync(path.join(lab.dir, 'links.yaml'), file);
  await startLimevisor(lab, path.join(lab.dir, 'links.yaml'));
  await untilReady(lab, 60_000);
  const wrong = async (): Promise<readonly string[]> => {
    const { links } = await statusOf(lab);
    return links.flatMap(({ text }) => (text === 'up' ? [] : [text])).sort();
  };
  const named = async () => (isDeepStrictEqual(await wrong(), expected) ? true : undefined);
  await until('both being named', SECONDS, named).catch(() => undefined);
  t.strictSame(await wrong(), expected);
});
