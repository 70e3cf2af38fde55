/**
 * `make overlapping-addresses`: two tenants whose hosts have the same MAC and IP addresses, on the
 * same switches. Ends with 0 only if each host reaches its own in every kind of frame, and gets
 * nothing of the other tenant's.
 */
import path from 'node:path';
import { type Lab, startLab } from '../lab/lab.ts';
import { everybodySends, type Reached } from '../lab/mesh.ts';
import { sayReached } from '../lab/mesh-report.ts';
import { root, startLimevisor, startTestController, untilReady } from '../lab/programs.ts';
import { tenantHost } from '../lab/topologies.ts';
import { untilServed } from '../live-migration/experiment.ts';

const hosts = [
  ...['s1:1', 's2:1', 's2:3'].map((at, i) => tenantHost('red', i + 1, at)),
  ...['s1:2', 's2:2', 's2:4'].map((at, i) => tenantHost('blue', i + 1, at)),
];

/** Runs it; what each tenant's hosts reached. */
export async function run(): Promise<Readonly<Record<string, Reached>>> {
  const lab: Lab = await startLab({
    switches: ['s1', 's2'],
    links: [['s1:9', 's2:9']],
    hosts,
    controller: 'tcp:127.0.0.1:6653',
  });
  try {
    for (const port of [6661, 6662]) await startTestController(lab, port, 300);
    await startLimevisor(lab, path.join(root, 'examples/overlapping-addresses/network.yaml'));
    await untilReady(lab);
    await untilServed(lab);
    return await everybodySends(lab);
  } finally {
    await lab.stop();
  }
}

if (process.argv[1] === import.meta.filename) {
  process.exitCode = sayReached(await run()) ? 0 : 1;
}
