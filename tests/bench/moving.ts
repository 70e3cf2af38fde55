/**
 * A vswitch on s1 or s2 with hosts at s3, on Open vSwitch, and how long each phase of a move of it
 * takes (clone.ts, ports.ts); `alone` is nobody's.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import { socketOf, startLimevisor, untilReady } from '../../examples/lab/programs.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { MigrateResult } from '../../hypervisor/operator/migration-asked.ts';
import { version } from '../../openflow/values/constants.ts';
import { TestController } from '../live/mirror/controller.ts';

const links = [
  ['s1:1001', 's3:1001'],
  ['s2:1001', 's3:1002'],
  ['s1:1002', 's2:1002'],
] as const;

export interface Moving {
  readonly lab: Lab;
  /** Of the vswitch; `alone`, of that bridge itself. */
  readonly controller: TestController;
  readonly alone: TestController;
}

/** The vswitch has so many hosts. */
export async function withVswitch(
  hostCount: number,
  act: (moving: Moving) => Promise<void>,
): Promise<void> {
  const lab = await startLab({
    ...{ switches: ['s1', 's2', 's3', 'alone'], links, hosts: [] },
    controller: 'tcp:127.0.0.1:6653',
  });
  const at = (name: string): string => path.join(lab.dir, name);
  const controller = new TestController(at('v'), version.of13);
  const alone = new TestController(at('alone'), version.of13);
  try {
    for (const one of [controller, alone]) await one.listening();
    await lab.vsctl('set-controller', 'alone', `unix:${at('alone')}`);
    const numbers = Array.from({ length: hostCount }, (_, i) => i + 1);
    const ports = numbers.flatMap((i) => [
      ...['--', 'add-port', 's3', `h${i}`],
      ...['--', 'set', 'interface', `h${i}`, 'type=internal', `ofport_request=${i}`],
    ]);
    await lab.vsctl(...ports.slice(1));
    for (const i of numbers) await lab.inside.run(['ip', 'link', 'set', `h${i}`, 'up']);
    const hosts = numbers.map((i) => `h${i}: { port: v:${i}, at: s3:${i} }`);
    fs.writeFileSync(
      at('moving.yaml'),
      `control: here
store: ${at('limevisor.db')}
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: [${links.map((ends) => ends.join(' - ')).join(', ')}]
tenants:
  red:
    controllers: ['unix:${at('v')}']
    vswitches: { v: { dpid: 1, on: s1 } }
    hosts: { ${hosts.join(', ')} }
`,
    );
    await startLimevisor(lab, at('moving.yaml'));
    await untilReady(lab);
    for (const one of [controller, alone]) await one.up();
    await act({ lab, controller, alone });
  } finally {
    for (const one of [controller, alone]) one.close();
    await lab.stop();
  }
}

/** Moves it; what each phase took, and `all`, in milliseconds. */
export async function moved({ lab }: Moving, to: string): Promise<ReadonlyMap<string, number>> {
  const asked = { vswitch: ['red/v'], to: [to], strategy: 'lime', noWatch: true };
  const result = await ask<MigrateResult>(socketOf(lab), 'migrate', asked, () => undefined);
  const { migration } = result;
  if (migration?.state.type !== 'done') throw new Error(JSON.stringify(result));
  const phases = new Map<string, number>();
  // A phase may come several times.
  for (const { name, startedMs, endedMs } of migration.phases) {
    phases.set(name, (phases.get(name) ?? 0) + endedMs - startedMs);
  }
  return phases.set('all', migration.stateSinceMs - migration.startedMs);
}
