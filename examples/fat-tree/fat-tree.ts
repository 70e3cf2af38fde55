/**
 * `make fat-tree`: three tenants with different topologies and equal addresses on a fat tree of 20
 * switches. Ends with 0 only if each of 48 hosts reaches all of its tenant's in every kind of
 * frame, and gets nothing of another tenant's. KEEP=1 leaves all of it running.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type Lab, startLab } from '../lab/lab.ts';
import { everybodySends, type Reached } from '../lab/mesh.ts';
import { sayReached } from '../lab/mesh-report.ts';
import { startLimevisor, startTestController, untilReady } from '../lab/programs.ts';
import { untilServed } from '../live-migration/experiment.ts';
import { controllerPort, fatTree, networkText, tenants } from './network.ts';

type ReachedByTenant = Readonly<Record<string, Reached>>;

/** Runs it; what each tenant's hosts reached while `meanwhile` went on, and again after it. */
export async function runFatTree(
  keep = false,
  meanwhile?: (lab: Lab) => Promise<void>,
): Promise<readonly ReachedByTenant[]> {
  const lab = await startLab({ ...fatTree, keep });
  try {
    for (const tenant of tenants) {
      // Rules for pairs of MAC addresses, whatever else is in the frame.
      await startTestController(lab, controllerPort(tenant), 300, 'OpenFlow13', ['--wildcards']);
    }
    const file = path.join(lab.dir, 'fat-tree.yaml');
    fs.writeFileSync(file, networkText());
    await startLimevisor(lab, file);
    await untilReady(lab, 60_000);
    await untilServed(lab);
    const [reached] = await Promise.all([everybodySends(lab, 3), meanwhile?.(lab)]);
    return meanwhile === undefined ? [reached] : [reached, await everybodySends(lab, 3)];
  } finally {
    if (!keep) await lab.stop();
  }
}

if (process.argv[1] === import.meta.filename) {
  process.stdout.write('A fat tree of 20 switches; red: a star, blue: a line, green: a tree.\n');
  const [reached = {}] = await runFatTree(process.env['KEEP'] === '1');
  process.exitCode = sayReached(reached) ? 0 : 1;
}
