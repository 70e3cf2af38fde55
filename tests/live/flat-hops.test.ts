/**
 * A way over four datapaths, three of them flat, whose tag is another on each hop: hosts reach each
 * other, also while vswitches move along the way, and neither tenant hears the other.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { startPing } from '../../examples/lab/ping.ts';
import { attempt, limevisorJson, startLimevisor, untilReady } from '../../examples/lab/programs.ts';
import type { StatusReport } from '../../hypervisor/operator/report.ts';

const lab = await startLab({
  switches: ['s1', 's2', 's3', 's4'],
  links: [
    ['s1:20', 's2:21'],
    ['s2:20', 's3:21'],
    ['s3:20', 's4:21'],
  ],
  hosts: [
    { name: 'red-a', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
    { name: 'red-b', at: 's4:1', ip: '10.0.0.2/24', mac: '02:00:00:00:00:02' },
    { name: 'blue-a', at: 's2:2', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
    { name: 'blue-b', at: 's4:2', ip: '10.0.0.2/24', mac: '02:00:00:00:00:02' },
  ],
  speaks: { s1: 'OpenFlow10', s4: 'OpenFlow10' },
  controller: 'tcp:127.0.0.1:6653',
});
t.teardown(() => lab.stop());

const file = path.join(lab.dir, 'hops.yaml');
writeFileSync(
  file,
  `
control: here
datapaths:
  s1: { dpid: 1 }
  s2: { dpid: 2, encoding: flat }
  s3: { dpid: 3 }
  s4: { dpid: 4 }
links: ['s1:20 - s2:21', 's2:20 - s3:21', 's3:20 - s4:21']
tenants:
  blue:
    vswitches:
      v: { dpid: 1, on: s2, listen: ['ptcp:6711:127.0.0.1'] }
      w: { dpid: 2, on: s4, listen: ['ptcp:6712:127.0.0.1'] }
    hosts: { a: { port: v:1, at: s2:2 }, b: { port: w:1, at: s4:2 } }
    links: ['v:2 - w:2']
  red:
    vswitches:
      v: { dpid: 1, on: s1, listen: ['ptcp:6721:127.0.0.1'] }
      w: { dpid: 2, on: s4, listen: ['ptcp:6722:127.0.0.1'] }
    hosts: { a: { port: v:1, at: s1:1 }, b: { port: w:1, at: s4:1 } }
    links: ['v:2 - w:2']
`,
);
await startLimevisor(lab, file);
await untilReady(lab);
for (const port of [6711, 6712, 6721, 6722]) {
  const to = `tcp:127.0.0.1:${port}`;
  await lab.inside.run(['ovs-ofctl', '-O', 'OpenFlow10', 'add-flow', to, 'actions=flood']);
}

t.test('a datapath on the way puts the tag of the next hop on', async (t) => {
  const second = await lab.ofctl('dump-flows', 's2');
  // Blue has the first tag on the link from s2 to s3, red the first on the one from s1 to s2.
  t.match(
    second,
    /in_port=21,dl_vlan=1 actions=(set_field:4098->vlan_vid|mod_vlan_vid:2),output:20/,
  );
  t.match(
    second,
    /in_port=20,dl_vlan=2 actions=(set_field:4097->vlan_vid|mod_vlan_vid:1),output:21/,
  );
  const third = await lab.ofctl('dump-flows', 's3');
  t.match(third, /in_port=21,dl_vlan=2 actions=output:20/, 'the same on both: nothing to do');
});

t.test('hosts reach each other, and lose nothing while vswitches move on the way', async (t) => {
  const pings = ['red', 'blue'].map((tenant) => startPing(lab, `${tenant}-a`, '10.0.0.2'));
  for (const [vswitch, to] of [
    ['red/v', 's2'],
    ['blue/w', 's2'],
    ['red/w', 's3'],
  ] as const) {
    const { code, stderr } = await attempt(lab, ['migrate', vswitch, '--to', to, '--no-watch']);
    t.equal(code, 0, `${vswitch} to ${to}: ${stderr}`);
  }
  for (const ping of pings) {
    const { sent, lost, duplicates } = await ping.stop();
    t.same({ lost, duplicates }, { lost: 0, duplicates: 0 }, `of ${sent}`);
  }
  const { alarms } = await limevisorJson<StatusReport>(lab, 'status');
  t.strictSame(alarms, {});
});
