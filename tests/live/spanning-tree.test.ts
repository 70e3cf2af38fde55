/**
 * A tenant whose virtual network is a ring, under os-ken's own spanning tree (802.1D), unmodified:
 * BPDUs by packet-outs, ports blocked by port-mods. Its hosts reach each other, nothing circles,
 * and a migration does not move the tree.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { startPing } from '../../examples/lab/ping.ts';
import { attempt, startLimevisor, startOsken } from '../../examples/lab/programs.ts';
import { square } from '../../examples/lab/topologies.ts';
import { sleep, until } from '../../examples/lab/wait.ts';

const config = `
control: x
store: limevisor.db
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links: [s1:3 - s2:3, s2:4 - s3:3, s1:4 - s4:1, s4:2 - s3:4]
tenants:
  red:
    controllers: [tcp:127.0.0.1:6661]
    vswitches: { a: { dpid: 1, on: s1 }, b: { dpid: 2, on: s2 }, c: { dpid: 3, on: s3 } }
    hosts: { h1: { port: 'a:9', at: 's1:1' }, h2: { port: 'b:9', at: 's2:1' } }
    links: [a:1 - b:1, b:2 - c:2, c:1 - a:2]
`;

const lab = await startLab(square('s1:1', 's2:1'));
t.teardown(() => lab.stop());
await startOsken(lab, 6661, 'red.log', ['spanning_tree.py']);
const file = path.join(lab.dir, 'ring.yaml');
fs.writeFileSync(file, config);
await startLimevisor(lab, file);

/** The last state of each port that the application has printed. */
function states(): ReadonlyMap<string, string> {
  const text = fs.readFileSync(path.join(lab.dir, 'red.log'), 'utf8');
  const found = new Map<string, string>();
  for (const [, port = '', state = ''] of text.matchAll(/^port (\S+) (\S+)$/gm)) {
    found.set(port, state);
  }
  return found;
}

/** Of the ring's six ports, how many are in which state. */
function count(state: string): number {
  return [...states()].filter(([port, is]) => !port.endsWith(':9') && is === state).length;
}

t.test('one port of the ring is blocked, and the hosts reach each other', async (t) => {
  await until('a tree', 40_000, async () =>
    count('forwarding') === 5 && count('blocked') === 1 ? true : undefined,
  );
  const first = startPing(lab, 'h1', '10.0.0.2');
  await sleep(1_000);
  // They find rules that are not there yet: how many wait for the controller is its speed.
  t.ok((await first.stop()).received > 0, 'the first ones arrive');
  const ping = startPing(lab, 'h1', '10.0.0.2');
  await sleep(1_000);
  t.match(await ping.stop(), { lost: 0, duplicates: 0 }, 'all arrive, and nothing circles');
});

t.test('a migration does not move the tree, and loses nothing', async (t) => {
  const before = states();
  const ping = startPing(lab, 'h1', '10.0.0.2');
  await sleep(500);
  const { code, stderr } = await attempt(lab, ['migrate', 'red/c', '--to', 's4', '--no-watch']);
  t.equal(code, 0, stderr);
  await sleep(2_000);
  t.match(await ping.stop(), { lost: 0, duplicates: 0 });
  t.strictSame(states(), before);
});
