/**
 * `limevisor snoop` shows what passes a vswitch on both its sides, and only what is about it; its
 * capture is what tshark's dissector says too; and who does not read slows nobody.
 */
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import t from 'tap';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import {
  addRule,
  attempt,
  root,
  socketOf,
  startLimevisor,
  untilReady,
} from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';

type Tap = Pick<typeof t, 'equal' | 'match' | 'notMatch' | 'ok' | 'same'>;

const one = {
  switches: ['s1'],
  links: [] as const,
  hosts: [{ name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' }],
  controller: 'tcp:127.0.0.1:6653',
};

const file = `
control: here
datapaths: { s1: { dpid: 1 } }
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1, listen: ['punix:DIR/red.sock'] } }
    hosts: { h1: { port: 'v1:1', at: 's1:1' } }
  blue:
    vswitches: { v1: { dpid: 1, on: s1, listen: ['punix:DIR/blue.sock'] } }
`;

const readTo = (name: string): string => (fs.existsSync(name) ? fs.readFileSync(name, 'utf8') : '');

async function bothSides(t: Tap, lab: Lab): Promise<void> {
  const at = (name: string) => path.join(lab.dir, name);
  const command = [path.join(root, 'limevisor'), 'snoop', 'red/v1', '--socket', socketOf(lab)];
  const running = lab.inside.start([...command, '--pcap', at('v1.pcap')], at('snoop.txt'));
  // Until it looks: a rule that comes again and again until it is seen.
  let turn = 0;
  await until('the first line', 20_000, async () => {
    turn += 1;
    await addRule(lab, 'red.sock', `priority=7,udp,tp_dst=${turn},actions=output:1`);
    return readTo(at('snoop.txt')).includes('barrierReply') ? true : undefined;
  });
  await addRule(lab, 'blue.sock', 'priority=99,tcp,tp_dst=4242,actions=drop');
  await addRule(lab, 'red.sock', 'priority=8,tcp,tp_dst=4243,actions=output:1');
  await lab.inside.attempt(['ovs-ofctl', '-O', 'OpenFlow13', 'dump-flows', at('red.sock')]);
  const text = await until('the statistics', 20_000, () => {
    const now = readTo(at('snoop.txt'));
    return /multipartReply .*tp_dst=4243.*\n/.test(now) ? now : undefined;
  });
  t.match(text, /^[\d:.]+ controller punix:\S+ > red\/v1: hello .*versions=/m);
  t.match(text, /^[\d:.]+ controller \S+ > red\/v1: flowMod .*tp_dst=4243 .*actions=output:1/m);
  t.match(
    text,
    /^[\d:.]+ red\/v1 > datapath s1: flowMod .*table:2 .*tp_dst=4243.*resubmit\(,250\)/m,
  );
  t.match(text, /^[\d:.]+ datapath s1 > red\/v1: multipartReply .* flow /m);
  t.match(text, /^[\d:.]+ red\/v1 > controller \S+: multipartReply /m);
  t.notMatch(text, /4242/, 'nothing of its neighbour');
  running.child.kill('SIGINT');
  await until(
    'its end',
    10_000,
    () => running.child.exitCode ?? running.child.signalCode ?? undefined,
  );
  await asTsharkSays(t, lab);
}

/** Each line of the text is a message of the capture, and nothing in it is odd. */
async function asTsharkSays(t: Tap, lab: Lab): Promise<void> {
  const at = (name: string) => path.join(lab.dir, name);
  const args = ['-r', at('v1.pcap'), '-d', 'tcp.port==6653,openflow', '-T', 'fields'];
  const fields = ['-e', 'openflow_v4.type', '-e', '_ws.malformed', '-e', 'tcp.analysis.flags'];
  const { stdout, code, stderr } = await lab.inside.attempt(['tshark', ...args, ...fields]);
  t.equal(code, 0, stderr);
  const rows = stdout
    .trim()
    .split('\n')
    .map((row) => row.split('\t'));
  const lines = readTo(at('snoop.txt')).trim().split('\n');
  t.same(
    rows.filter(([, malformed]) => (malformed ?? '') !== ''),
    [],
    'all of it is OpenFlow',
  );
  t.same(
    rows.filter(([, , flags]) => (flags ?? '') !== ''),
    [],
    'and streams of TCP',
  );
  // A long message is in several segments, and read at the last of them.
  const read = rows.flatMap(([type = '']) => type.split(',')).filter((type) => type !== '');
  t.equal(read.length, lines.length, 'a message for each line');
  const types = new Set(read);
  t.ok(
    ['0', '14', '18', '19', '20', '21'].every((type) => types.has(type)),
    [...types].join(),
  );
}

/** One that asks and never reads: what does not fit is let go. */
async function whoDoesNotRead(t: Tap, lab: Lab): Promise<void> {
  const socket = net.connect(socketOf(lab));
  socket.pause();
  const resource = '/api/v1/messages?vswitch=red%2Fv1&bytes=true';
  await new Promise<void>((resolve) => {
    socket.write(`GET ${resource} HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n`, () =>
      resolve(),
    );
  });
  const many = Array.from({ length: 4_000 }, (_, i) => `udp,tp_dst=${i + 1},actions=output:1`);
  const flows = path.join(lab.dir, 'many.txt');
  fs.writeFileSync(flows, `${many.join('\n')}\n`);
  const ofctl = [
    'ovs-ofctl',
    '-O',
    'OpenFlow13',
    'add-flows',
    path.join(lab.dir, 'red.sock'),
    flows,
  ];
  const ended = await lab.inside.attempt(ofctl);
  t.equal(ended.code, 0, 'nobody waits for who looks');
  socket.destroy();
}

t.test('the messages of a vswitch as they pass', async (t) => {
  const lab = await startLab(one);
  t.teardown(() => lab.stop());
  fs.writeFileSync(path.join(lab.dir, 'snoop.yaml'), file);
  await startLimevisor(lab, path.join(lab.dir, 'snoop.yaml'));
  await untilReady(lab);
  await t.test('both sides, as text and as a capture', (t) => bothSides(t, lab));
  await t.test('one who does not read', (t) => whoDoesNotRead(t, lab));
  t.match(await attempt(lab, ['snoop', 'red/v9']), {
    code: 4,
    stderr: /there is no vswitch "red\/v9"; known: red\/v1, blue\/v1/,
  });
});
