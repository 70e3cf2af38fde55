/**
 * A virtual cable between two ports of one vswitch, as somebody may plug into a real switch: what
 * goes out by one end comes in by the other, also while the vswitch moves, and an end that is taken
 * down takes the link of the other.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { startPing } from '../../examples/lab/ping.ts';
import { migrate, startLimevisor, statusOf, untilReady } from '../../examples/lab/programs.ts';
import { triangle } from '../../examples/lab/topologies.ts';
import { until } from '../../examples/lab/wait.ts';

const lab = await startLab({
  ...triangle('s1:1', 's1:2'),
  switches: ['s1', 's2', 's3', 's4'],
  links: [...triangle().links, ['s1:5', 's4:1']],
  speaks: { s4: 'OpenFlow10' },
});
t.teardown(() => lab.stop());
const file = path.join(lab.dir, 'own-cable.yaml');
writeFileSync(
  file,
  `control: here
store: ${path.join(lab.dir, 'limevisor.db')}
listen: [ptcp:6653:127.0.0.1]
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links: [s1:3 - s3:1, s2:3 - s3:2, s1:4 - s2:4, s1:5 - s4:1]
tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1, listen: [ptcp:6711:127.0.0.1] }
    hosts: { h1: { port: 'v1:1', at: 's1:1' }, h2: { port: 'v1:4', at: 's1:2' } }
    links: ['v1:2 - v1:3']
`,
);
await startLimevisor(lab, file);
await untilReady(lab);
const ofctl = (command: string, ...more: readonly string[]) =>
  lab.inside.run(['ovs-ofctl', '-O', 'OpenFlow13', command, 'tcp:127.0.0.1:6711', ...more]);
// To the other host only by way of the cable.
const rules = { 1: 2, 3: 4, 4: 3, 2: 1 };
for (const [from, to] of Object.entries(rules)) {
  await ofctl('add-flow', `in_port=${from},actions=output:${to}`);
}

const move = (to: string) => migrate(lab, 'red/v1', to);

t.test('frames take the cable, and lose nothing as the vswitch moves', async (t) => {
  const ping = startPing(lab, 'h1', '10.0.0.2');
  for (const to of ['s3', 's2', 's4', 's1']) t.equal(await move(to), 'done', to);
  t.match(await ping.stop(), { lost: 0, duplicates: 0, errors: 0 });
});

t.test('both ends count what goes through', async (t) => {
  const counts = async (port: number): Promise<readonly number[]> => {
    const text = await ofctl('dump-ports', String(port));
    return [...text.matchAll(/x pkts=(\d+)/g)].map(([, number]) => Number(number));
  };
  const rx = await until('counters that are the same at both ends', 10_000, async () => {
    const [rx2, tx2] = await counts(2);
    const [rx3, tx3] = await counts(3);
    return rx2 === tx3 && tx2 === rx3 && (rx2 ?? 0) > 10 ? rx2 : undefined;
  });
  t.ok(rx, 'as many came in as went out');
});

t.test('an end that is down takes the link of the other', async (t) => {
  const linkOf = async (port: string) => {
    const { vswitches } = await statusOf(lab);
    return vswitches[0]?.ports.find((one) => one.port === port)?.state;
  };
  await ofctl('mod-port', '2', 'down');
  await until('no link at 3', 5_000, async () => ((await linkOf('3')) === 'up' ? undefined : true));
  await ofctl('mod-port', '2', 'up');
  await until('a link at 3', 5_000, async () => ((await linkOf('3')) === 'up' ? true : undefined));
  t.pass('down and up');
});
