/**
 * A tenant's own topology discovery, os-ken's, on virtual switches: it finds the virtual links and
 * no others, though it shares every cable, also while a switch moves.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { attempt, startLimevisor, startOsken } from '../../examples/lab/programs.ts';
import { square } from '../../examples/lab/topologies.ts';
import { sleep, until } from '../../examples/lab/wait.ts';

/** Red's triangle on a row of three switches; a fourth stands by. Blue is the row itself. */
const config = `
control: x
store: limevisor.db
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links: [s1:3 - s2:3, s2:4 - s3:3, s1:4 - s4:1, s4:2 - s3:4]
tenants:
  red:
    controllers: [tcp:127.0.0.1:6661]
    vswitches: { a: { dpid: 1, on: s1 }, b: { dpid: 2, on: s2 }, c: { dpid: 3, on: s3 } }
    links: [a:1 - b:1, b:2 - c:2, c:1 - a:2]
  blue:
    controllers: [tcp:127.0.0.1:6662]
    vswitches: { a: { dpid: 1, on: s1 }, b: { dpid: 2, on: s2 }, c: { dpid: 3, on: s3 } }
    links: [a:7 - b:8, b:9 - c:7]
`;

const both = (one: string, other: string) => [`${one} -> ${other}`, `${other} -> ${one}`];
const links = {
  red: [...both('1:1', '2:1'), ...both('2:2', '3:2'), ...both('3:1', '1:2')].sort(),
  blue: [...both('1:7', '2:8'), ...both('2:9', '3:7')].sort(),
};

const lab = await startLab(square());
t.teardown(() => lab.stop());
const application = ['topology.py', '--observe-links'];
await startOsken(lab, 6661, 'red.log', application);
await startOsken(lab, 6662, 'blue.log', application);
const file = path.join(lab.dir, 'discovery.yaml');
fs.writeFileSync(file, config);
await startLimevisor(lab, file);

/** Lines of this kind that a tenant's controller has printed. */
function said(tenant: string, kind: 'link' | 'gone'): readonly string[] {
  const text = fs.readFileSync(path.join(lab.dir, `${tenant}.log`), 'utf8');
  const lines = text.split('\n').filter((line) => line.startsWith(`${kind} `));
  return [...new Set(lines.map((line) => line.slice(kind.length + 1)))].sort();
}

t.test('each finds its own links', async (t) => {
  for (const tenant of ['red', 'blue'] as const) {
    await until(`${tenant}'s links`, 20_000, async () =>
      said(tenant, 'link').length >= links[tenant].length ? true : undefined,
    );
  }
  await sleep(2_000); // Another round of its LLDP finds nothing more.
  t.strictSame(said('red', 'link'), links.red);
  t.strictSame(said('blue', 'link'), links.blue);
});

t.test('a migration neither makes nor breaks a link', async (t) => {
  const { code, stderr } = await attempt(lab, ['migrate', 'red/b', '--to', 's4', '--no-watch']);
  t.equal(code, 0, stderr);
  await sleep(4_000);
  t.strictSame(said('red', 'link'), links.red);
  for (const tenant of ['red', 'blue'] as const) t.strictSame(said(tenant, 'gone'), []);
});
