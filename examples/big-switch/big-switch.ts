/**
 * `make big-switch`: two tenants, each with one virtual switch over three datapaths in a row. Ends
 * with 0 only if each host reaches its tenant's others in every kind of frame, and gets nothing of
 * the other tenant's.
 */
import path from 'node:path';
import { type Lab, startLab } from '../lab/lab.ts';
import { everybodySends, type Reached } from '../lab/mesh.ts';
import { sayReached } from '../lab/mesh-report.ts';
import { root, startLimevisor, startTestController, untilReady } from '../lab/programs.ts';
import { tenantHost } from '../lab/topologies.ts';
import { untilServed } from '../live-migration/experiment.ts';

const hosts = ['red', 'blue'].flatMap((tenant, i) =>
  [1, 2, 3].map((number) => tenantHost(tenant, number, `s${number}:${i + 1}`)),
);

/** Runs it; what each tenant's hosts reached, and what `meanwhile` does then. */
export async function runBigSwitch(
  meanwhile: (lab: Lab) => Promise<void> = async () => undefined,
): Promise<Readonly<Record<string, Reached>>> {
  const lab = await startLab({
    switches: ['s1', 's2', 's3'],
    links: [
      ['s1:9', 's2:8'],
      ['s2:9', 's3:8'],
    ],
    hosts,
    controller: 'tcp:127.0.0.1:6653',
  });
  try {
    for (const port of [6661, 6662]) await startTestController(lab, port, 300);
    await startLimevisor(lab, path.join(root, 'examples/big-switch/network.yaml'));
    await untilReady(lab);
    await untilServed(lab);
    const reached = await everybodySends(lab);
    await meanwhile(lab);
    return reached;
  } finally {
    await lab.stop();
  }
}

if (process.argv[1] === import.meta.filename) {
  process.exitCode = sayReached(await runBigSwitch()) ? 0 : 1;
}
