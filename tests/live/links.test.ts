/**
 * Cables that are not as the file says, on real switches: two that were swapped, one without room
 * for tenants' full-size frames, one that is cut unseen. Each is named within seconds, and nothing
 * is done about it. Some datapaths are of OpenFlow 1.0.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { type Lab, portName, startLab } from '../../examples/lab/lab.ts';
import { attempt, startLimevisor, statusOf } from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import { readFile } from '../../hypervisor/operator/file.ts';

const SECONDS = 15_000;

/** s3 speaks OpenFlow 1.0; the first two links of the file are swapped in the world. */
const cables = [
  ['s1:3', 's4:3'],
  ['s3:3', 's2:3'],
  ['s1:4', 's2:4'],
  ['s2:5', 's3:5'],
] as const;
const file = `
control: here
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links: ['s1:3 - s2:3', 's3:3 - s4:3', 's1:4 - s2:4', 's2:5 - s3:5']
tenants: {}
`;

async function stateOf(lab: Lab, one: string): Promise<string> {
  const { links } = await statusOf(lab);
  return links.find(({ ends }) => ends[0] === one)?.text ?? 'no such link';
}

function becomes(lab: Lab, one: string, text: string, withinMs = SECONDS): Promise<true> {
  return until(`${one}: ${text}`, withinMs, async () =>
    (await stateOf(lab, one)) === text ? true : undefined,
  );
}

function log(lab: Lab): string {
  return fs.readFileSync(path.join(lab.dir, 'limevisor.log'), 'utf8');
}

t.test('links that are not as the file says are named', async (t) => {
  const lab = await startLab({
    switches: ['s1', 's2', 's3', 's4'],
    links: cables,
    hosts: [],
    controller: 'tcp:127.0.0.1:6653',
    speaks: { s3: 'OpenFlow10' },
  });
  t.teardown(() => lab.stop());
  fs.writeFileSync(path.join(lab.dir, 'links.yaml'), file);
  await startLimevisor(lab, path.join(lab.dir, 'links.yaml'));
  await becomes(lab, 's1:4', 'up');
  await becomes(lab, 's2:5', 'up');
  await becomes(lab, 's1:3', 'miswired: s1:3 leads to s4:3, s2:3 leads to s3:3');
  await becomes(lab, 's3:3', 'miswired: s3:3 leads to s2:3, s4:3 leads to s1:3');
  t.match(log(lab), 's1:3 leads to s4:3', 'the log says so');
  const status = await attempt(lab, ['status']);
  t.match(status.stdout, /^WARNING: link s1:3 - s2:3: miswired: s1:3 leads to s4:3/m);
  const all = await attempt(lab, ['links']);
  t.match(all.stdout, /^s1:4 - s2:4 +up +[0-9.]+ ms$/m);

  // Both a wrapped frame and one with a tag.
  await lab.inside.run(['ip', 'link', 'set', portName('s1:4'), 'mtu', '1500']);
  await lab.inside.run(['ip', 'link', 'set', portName('s2:5'), 'mtu', '1400']);
  const short = (one: string, other: string): string =>
    `too small: full-size frames do not pass from ${one}, ${other}`;
  await becomes(lab, 's1:4', short('s1:4', 's2:4'));
  await becomes(lab, 's2:5', short('s2:5', 's3:5'));
  const narrow = await attempt(lab, ['status']);
  t.match(narrow.stdout, /^WARNING: link s1:4 - s2:4: too small: full-size frames do not pass/m);
  await lab.inside.run(['ip', 'link', 'set', portName('s1:4'), 'mtu', '1522']);
  await becomes(lab, 's1:4', 'up');

  await lab.inside.run(['ip', 'link', 'set', portName('s1:4'), 'down']);
  await becomes(lab, 's1:4', 'down at s1:4');
  await lab.inside.run(['ip', 'link', 'set', portName('s1:4'), 'up']);
  await becomes(lab, 's1:4', 'up');
});

t.test('discover prints what is connected, and that is a file', async (t) => {
  const lab = await startLab({
    switches: ['s1', 's2', 's3'],
    links: [
      ['s1:3', 's2:3'],
      ['s2:4', 's3:4'],
    ],
    hosts: [{ name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' }],
    controller: 'tcp:127.0.0.1:6653',
    speaks: { s3: 'OpenFlow10' },
  });
  t.teardown(() => lab.stop());
  const first = path.join(lab.dir, 'first.yaml');
  fs.writeFileSync(first, 'control: here\ndatapaths: { one: { dpid: 1 } }\ntenants: {}\n');
  await startLimevisor(lab, first);
  await until('the unknown ones', SECONDS, async () => {
    const { unknown, datapaths } = await statusOf(lab);
    return unknown.length === 2 && datapaths[0]?.state === 'ready' ? true : undefined;
  });
  const status = await attempt(lab, ['status']);
  t.match(status.stdout, /^UNKNOWN: a switch of dpid 0000000000000002 connects from /m);
  const found = await attempt(lab, ['discover']);
  t.comment(found.stdout);
  t.match(found.stdout, /^ {2}s2: \{ dpid: "?0000000000000002"? \} +# not in the file$/m);
  t.match(found.stdout, /^ {2}- one:3 - s2:3 +# not in the file$/m);
  t.match(found.stdout, /^ {2}- s2:4 - s3:4 +# not in the file$/m);
  const pasted = path.join(lab.dir, 'pasted.yaml');
  fs.writeFileSync(pasted, `${found.stdout}\ntenants: {}\n`);
  const read = readFile(pasted);
  t.match(read, { config: { links: [Array, Array] } }, 'pasted, it is a file');
  const json = JSON.parse((await attempt(lab, ['discover', '--json'])).stdout);
  t.equal(json.links.length, 2, 'again, after they were sent away');
});

t.test('a cable that ends in a host’s port is named, with the host', async (t) => {
  const lab = await startLab({
    switches: ['s1', 's2', 's3'],
    links: [
      ['s1:3', 's2:1'],
      ['s2:3', 's3:3'],
    ],
    hosts: [],
    controller: 'tcp:127.0.0.1:6653',
  });
  t.teardown(() => lab.stop());
  const swapped = path.join(lab.dir, 'swapped.yaml');
  fs.writeFileSync(
    swapped,
    `control: here
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: ['s1:3 - s2:3']
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s2 } }
    hosts: { h1: { port: v1:1, at: s2:1 } }
`,
  );
  await startLimevisor(lab, swapped);
  const inHost = 's1:3 leads to s2:1, where red/h1 is plugged in by the file';
  // Three probes have to be lost first, and one that is late is sent again.
  await becomes(lab, 's1:3', `miswired: ${inHost}, s2:3 leads to s3:3`, 3 * SECONDS);
  t.match(log(lab), inHost, 'the log says so');
  const status = await attempt(lab, ['status']);
  t.match(status.stdout, `WARNING: link s1:3 - s2:3: miswired: ${inHost}`);
  const found = await attempt(lab, ['discover']);
  t.match(found.stdout, inHost);
  t.match(found.stdout, /^ {2}- s2:3 - s3:3 +# not in the file$/m);
  await until('no entry being left of it', SECONDS, async () => {
    const flows = await lab.ofctl('dump-flows', 's2');
    return !/dl_src=02:[^,]*,dl_dst=03:00:00:00:00:00,dl_type=0x88b6/.test(flows) || undefined;
  });
});
