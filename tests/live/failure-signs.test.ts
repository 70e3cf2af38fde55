/**
 * Two switches that begin to fail, on real switches: one whose cable loses the frames that are
 * large, and one that answers slowly. Both are left by themselves, each for its own sign, and the
 * hosts reach each other afterwards. What is lost is printed: acknowledgements are a time here, for
 * those by canaries take many answers each, so nothing is promised of it. (One whose cable comes
 * and goes, and that nothing is lost: examples/evacuate/.)
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { portName, startLab } from '../../examples/lab/lab.ts';
import { reaches, startPing } from '../../examples/lab/ping.ts';
import {
  addRule,
  limevisorJson,
  listens,
  root,
  socketOf,
  startLimevisor,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { diamond } from '../../examples/lab/topologies.ts';
import { until } from '../../examples/lab/wait.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { Evacuation } from '../../hypervisor/operator/evacuation-report.ts';

/** Each way. */
const SLOW_MS = 120;
const spec = { ...diamond, links: [...diamond.links, ['s1:5', 's2:5']] } as const;
const lab = await startLab(spec);
t.teardown(() => lab.stop());
const file = path.join(lab.dir, 'signs.yaml');
fs.writeFileSync(
  file,
  `control: limevisor.sock
store: ${lab.dir}/limevisor.db
listen: ['ptcp:6653:127.0.0.1']
datapaths:
  s1: { dpid: 1, ack: settle 60ms }
  s2: { dpid: 2, ack: settle 60ms }
  s3: { dpid: 3, ack: settle 60ms }
  s4: { dpid: 4, ack: settle 60ms }
links: [${spec.links.map((ends) => ends.join(' - ')).join(', ')}]
evacuate-on: { errors: 20/s, slow: 200ms, for: 3s, within: 60s, among: [s3, s4] }
tenants:
  red:
    vswitches:
      v3: { dpid: 3, on: s3, listen: ['punix:DIR/v3'] }
      v4: { dpid: 4, on: s4, listen: ['punix:DIR/v4'] }
    hosts: { h1: { port: v3:1, at: s1:1 }, h2: { port: v3:2, at: s2:1 } }
    links: [v3:3 - v4:1]
`,
);

/** From now on the switch is told and asked late. */
async function answerSlowly(): Promise<void> {
  const relay = path.join(root, 'examples/lab/delay.ts');
  const log = path.join(lab.dir, 'delay.log');
  lab.inside.start([process.execPath, relay, '6654', '6653', `${SLOW_MS}`], log);
  await listens(lab, 6654, 'the relay');
  await lab.vsctl('set-controller', 's4', 'tcp:127.0.0.1:6654');
}

t.test('each is left for its own sign', async (t) => {
  await startLimevisor(lab, file);
  await untilReady(lab);
  for (const name of ['v3', 'v4']) await addRule(lab, name);
  await until('an answer', 20_000, async () =>
    (await reaches(lab, 'h1', '10.0.0.2')) ? true : undefined,
  );
  t.strictSame(await limevisorJson<readonly Evacuation[]>(lab, 'evacuations'), []);
  const ping = startPing(lab, 'h1', '10.0.0.2');
  // What is larger than the far end of the cable takes is lost by s3, whose port counts it.
  const [, far = ''] = spec.links.find(([one]) => one === 's2:3')?.map(portName) ?? [];
  t.equal(far, portName('s3:2'));
  await lab.inside.run(['ip', 'link', 'set', portName('s2:3'), 'mtu', '1000']);
  const large = ['fping', '-q', '-l', '-i', '1', '-p', '10', '-b', '1300', '10.0.0.2'];
  const losing = lab.inside.start(lab.on('h1', large), path.join(lab.dir, 'large.log'));
  await answerSlowly();
  const all = await until('two evacuations', 60_000, async () => {
    const found = await ask<readonly Evacuation[]>(socketOf(lab), 'evacuations', {});
    return found.length === 2 ? found : undefined;
  });
  await losing.end('SIGINT');
  const { sent, lost, duplicates } = await ping.stop();
  const of = (name: string) => all.find(({ what }) => what === name);
  t.comment(all.map(({ what, cause }) => `${what}: ${cause}`).join('; '));
  t.match(of('s3')?.cause, /^s3:2 loses \d+ frames a second$/);
  t.match(of('s4')?.cause, /^it takes \d+ ms to answer$/);
  for (const { left } of all) t.ok(left.every(({ isAway, isInTime }) => isAway && isInTime));
  const { datapaths } = await statusOf(lab);
  const left = datapaths.filter(({ name }) => name === 's3' || name === 's4');
  t.ok(
    left.every(({ bodies }) => bodies.length === 0),
    'nothing lives there any more',
  );
  t.comment(`${lost} of ${sent} small frames lost`);
  t.equal(duplicates, 0);
  t.ok(await reaches(lab, 'h1', '10.0.0.2'));
});
