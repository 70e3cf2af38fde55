/**
 * What is on its way to the old body arrives, however long it takes (issue 10, C6): a cable to it
 * stands still, as if a datapath there did, with packets in it, in the middle of a migration.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import { attempt, root, startLimevisor, statusOf } from '../../examples/lab/programs.ts';
import { compared, startReceiver, startSender } from '../../examples/lab/streams.ts';
import { sleep, until } from '../../examples/lab/wait.ts';

const H2 = '02:00:00:00:00:02';
const STREAMS = ['10.1.0.1', '10.1.0.2'];

/** The cable from s1 to s2 is the one that can stand still. */
const triangle = {
  switches: ['s1', 's2', 's3'],
  links: [
    ['s2:20', 's3:21'],
    ['s3:20', 's1:21'],
  ] as const,
  hosts: [
    { name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
    { name: 'h2', at: 's3:1', ip: '10.0.0.2/24', mac: H2 },
  ],
  controller: 'tcp:127.0.0.1:6653',
};

const file = `
control: here
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: ['s1:20 - s2:21', 's2:20 - s3:21', 's3:20 - s1:21']
tenants:
  red:
    vswitches: { v: { dpid: 1, on: s2, listen: ['ptcp:6701:127.0.0.1'] } }
    hosts: { h1: { port: 'v:1', at: 's1:1' }, h2: { port: 'v:2', at: 's3:1' } }
`;

interface Cable {
  stop(): Promise<unknown>;
  goOn(): Promise<unknown>;
}

async function layCable(lab: Lab): Promise<Cable> {
  for (const [end, bridge, port] of [
    ['s1-p20', 's1', 20],
    ['s2-p21', 's2', 21],
  ] as const) {
    const mtu = ['mtu', '2000'];
    const peer = ['type', 'veth', 'peer', 'name', `c-${end}`, ...mtu];
    await lab.inside.run(['ip', 'link', 'add', end, ...mtu, ...peer]);
    for (const one of [end, `c-${end}`]) await lab.inside.run(['ip', 'link', 'set', one, 'up']);
    const request = ['set', 'interface', end, `ofport_request=${port}`];
    await lab.vsctl('add-port', bridge, end, '--', ...request);
  }
  const script = path.join(root, 'examples/lab/cable.py');
  const cable = lab.inside.start(['/usr/bin/python3', script, 'c-s1-p20', 'c-s2-p21']);
  const { stdout } = cable.child;
  if (stdout === null) throw new Error('the output is not piped');
  const pid = String((await once(stdout, 'data'))[0]).trim();
  stdout.resume();
  const signal = (name: string) => lab.inside.run(['kill', `-${name}`, pid]);
  return {
    stop: () => signal('STOP'),
    async goOn() {
      await signal('CONT');
      // nsenter stops with what it runs, and would never end.
      cable.child.kill('SIGCONT');
    },
  };
}

async function start(t: Tap): Promise<{ readonly lab: Lab; readonly cable: Cable }> {
  const lab = await startLab(triangle);
  t.teardown(() => lab.stop());
  const cable = await layCable(lab);
  const config = path.join(lab.dir, 'drain.yaml');
  fs.writeFileSync(config, file);
  await startLimevisor(lab, config);
  await until('all datapaths and their ports', 30_000, async () => {
    const { datapaths, vswitches } = await statusOf(lab);
    const isUp = vswitches.every((one) =>
      one.ports.every(({ port, state }) => port === 'LOCAL' || state === 'up'),
    );
    return datapaths.every((one) => one.state === 'ready') && isUp ? true : undefined;
  });
  const ofctl = ['ovs-ofctl', '-O', 'OpenFlow13', 'add-flow', 'tcp:127.0.0.1:6701'];
  await lab.inside.run([...ofctl, 'in_port=1,actions=output:2']);
  return { lab, cable };
}

type Tap = Pick<typeof t, 'teardown'>;

/** From the log: a command takes its time on a busy machine. */
function isInDrain(lab: Lab): true | undefined {
  const said = fs.readFileSync(path.join(lab.dir, 'limevisor.log'), 'utf8');
  return said.includes('"state":"drain"') ? true : undefined;
}

t.test('a cable stands still for five seconds: nothing is lost', async (t) => {
  const { lab, cable } = await start(t);
  const receiver = await startReceiver(lab, 'h2');
  const sender = startSender(lab, 'h1', H2, 20, STREAMS);
  await sleep(1_000);
  await cable.stop();
  const moving = attempt(lab, ['migrate', 'red/v', '--to', 's3', '--json']);
  await until('the drain', 30_000, () => isInDrain(lab));
  await sleep(5_000);
  await cable.goOn();
  t.equal((await moving).code, 0, 'it moved');
  for (const [address, { lost, doubled, sent }] of Object.entries(
    await compared([sender], receiver),
  )) {
    t.strictSame({ lost, doubled }, { lost: 0, doubled: 0 }, `${address}: of ${sent} frames`);
  }
});

t.test('a cable that stands still for good: taken back, and said why', async (t) => {
  const { lab, cable } = await start(t);
  await cable.stop();
  const ended = await attempt(lab, ['migrate', 'red/v', '--to', 's3', '--json']);
  await cable.goOn();
  t.equal(ended.code, 5, 'begun, but undone');
  t.match(ended.stdout + ended.stderr, /no packet has come from s1:20 to s2:21 for 10 s/);
});

t.test('a file without it is applied while it stands still: nothing is lost', async (t) => {
  const { lab, cable } = await start(t);
  const receiver = await startReceiver(lab, 'h2');
  const sender = startSender(lab, 'h1', H2, 20, STREAMS);
  await sleep(500);
  await cable.stop();
  const other = path.join(lab.dir, 'other.yaml');
  const runs = fs.readFileSync(path.join(lab.dir, 'network.yaml'), 'utf8');
  fs.writeFileSync(other, runs.replace("'s1:20 - s2:21', ", ''));
  let isOver = false;
  const applying = attempt(lab, ['apply', other]).finally(() => {
    isOver = true;
  });
  const came = (): number =>
    Object.values(receiver.counts()).reduce((one, other) => one + other, 0);
  const stood = came();
  const led = until('frames by the other way', 30_000, () =>
    came() > stood + 50 ? true : undefined,
  );
  const waits = await led.then(() => sleep(1_000)).then(() => !isOver, String);
  await cable.goOn();
  t.equal(waits, true, 'what is on the cable is waited for');
  const { code, stderr } = await applying;
  t.equal(code, 0, stderr);
  for (const [address, { lost, doubled, sent }] of Object.entries(
    await compared([sender], receiver),
  )) {
    t.strictSame({ lost, doubled }, { lost: 0, doubled: 0 }, `${address}: of ${sent} frames`);
  }
});
