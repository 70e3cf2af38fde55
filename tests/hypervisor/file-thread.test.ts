/**
 * A file that is read in a thread of its own is what it is when it is read here: all of the
 * examples, every problem that a person can write, and what cannot be read at all.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import { readFile } from '../../hypervisor/operator/file.ts';
import { type ReadApart, readFileApart } from '../../hypervisor/operator/file-thread.ts';
import { unbounded } from '../../hypervisor/world/fault-boundary.ts';
import { nodeWorld } from '../../hypervisor/world/node-world.ts';
import { Scheduler } from '../../hypervisor/world/scheduler.ts';
import { textOf } from '../bench/growth-network.ts';

const scheduler = new Scheduler(nodeWorld());

function apart(file: string): Promise<ReadApart> {
  return new Promise((resolve) => readFileApart({ boundary: unbounded, scheduler }, file, resolve));
}

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'limevisor-thread-'));
t.teardown(() => fs.rmSync(dir, { recursive: true }));

function written(name: string, text: string): string {
  const file = path.join(dir, name);
  fs.writeFileSync(file, text);
  return file;
}

const lists = `
failover: { backups: 1 }
zones: { a: [s1], b: [s2] }
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [{ s1:1 - s2:1: { bandwidth: 10M, cost: 3 } }]
tenants:
  red:
    limits: { rules: 10, bandwidth: { v1:1: 1M } }
    vswitches: { v1: { dpid: 1, on: auto, ports: { 1: { name: up, mac: '02:00:00:00:00:01' } } } }
    hosts: { h1: { port: v1:1, at: [s1:2, s2:2], queues: { 1: 5 } } }`;

t.test('it is the same', async (t) => {
  const examples = fs.globSync('examples/**/*.yaml').sort();
  t.ok(examples.length > 3);
  const files = [
    ...examples.slice(0, 4),
    written('large.yaml', textOf({ tenants: 50, datapaths: 5, hosts: 2 })),
    written('lists.yaml', lists),
    written('wrong.yaml', 'datapaths: { s1: { dpid: 0x } }\ntenants: { red: { vswitches: 7 } }'),
    written('broken.yaml', 'datapaths: [\n'),
    path.join(dir, 'nothing.yaml'),
  ];
  const kinds = new Set<string>();
  for (const file of files) {
    const read = readFile(file);
    const here = 'config' in read ? { config: read.config } : read;
    t.strictSame(await apart(file), here, file);
    for (const kind of Object.keys(here)) kinds.add(kind);
  }
  t.strictSame([...kinds].sort(), ['config', 'problems']);
});
