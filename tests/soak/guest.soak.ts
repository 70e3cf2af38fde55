/**
 * A guest under QEMU, with an operating system, moves together with its switch while it serves TCP:
 * its connection stays, nothing is lost or comes in another order, and it stands still for no
 * longer than QEMU says that the guest did.
 *
 * Takes two packages of Debian from the network once (tests/live/guest-image.ts).
 */
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { reaches } from '../../examples/lab/ping.ts';
import { lastLineOf } from '../../examples/lab/processes.ts';
import {
  addRule,
  limevisorJson,
  root,
  startLimevisor,
  untilReady,
} from '../../examples/lab/programs.ts';
import { square } from '../../examples/lab/topologies.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import type { MigrateResult } from '../../hypervisor/operator/migration-asked.ts';
import { ECHO_PORT, guestImage } from '../live/guest-image.ts';

const GUEST = '10.0.0.9';
const MAC = '02:00:00:00:00:09';
/** Between two numbers; TCP sends what was lost again after 200 ms, so a gap may be longer. */
const EVERY_MS = 10;
const RETRANSMISSION_MS = 250;
const taps = { near: 's1:9', far: 's3:9' } as const;

const network = `
control: here
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links: ['s1:3 - s2:3', 's2:4 - s3:3', 's1:4 - s4:1', 's4:2 - s3:4']
drivers:
  qemu: { source: 'DIR/near.qmp', target: 'DIR/far.qmp', uri: 'unix:DIR/guest' }
  limit: 120s
tenants:
  red:
    vswitches: { v: { dpid: 1, on: s1, listen: ['punix:DIR/v'] } }
    hosts: { guest: { port: v:1, at: '${taps.near}' }, h1: { port: v:2, at: s2:1 } }
`;

const image = guestImage(`${GUEST}/24`, (line) => t.comment(line));
const lab = await startLab(square('s2:1'));
t.teardown(() => lab.stop());

async function startGuest(name: keyof typeof taps, ...more: readonly string[]): Promise<void> {
  const [bridge = '', port = ''] = taps[name].split(':');
  const tap = `${bridge}-p${port}`;
  await lab.inside.run(['ip', 'tuntap', 'add', 'dev', tap, 'mode', 'tap']);
  await lab.inside.run(['ip', 'link', 'set', tap, 'up']);
  await lab.vsctl('add-port', bridge, tap, '--', 'set', 'interface', tap, `ofport_request=${port}`);
  // Sums of its own: Open vSwitch's userspace datapath would pass on those that nobody made.
  const device = `virtio-net-pci,netdev=n,mac=${MAC},romfile=,csum=off,guest_csum=off,gso=off`;
  const argv = [
    ...['qemu-system-x86_64', '-machine', 'pc', '-accel', 'tcg', '-m', '128', '-display', 'none'],
    ...['-nodefaults', '-no-user-config', '-kernel', image.kernel, '-initrd', image.initrd],
    ...['-append', 'console=ttyS0 quiet panic=1', '-serial', `file:${lab.dir}/${name}.serial`],
    ...['-qmp', `unix:${lab.dir}/${name}.qmp,server=on,wait=off`],
    ...['-netdev', `tap,id=n,ifname=${tap},script=no,downscript=no`, '-device', device, ...more],
  ];
  lab.inside.start(argv, path.join(lab.dir, `${name}.log`));
}

interface Said {
  readonly sent: number;
  readonly back: number;
  readonly wrong: number;
  readonly gapMs: number;
  readonly trouble: string;
}

async function talk(): Promise<() => Promise<Said>> {
  const script = path.join(root, 'tests/live/guest.py');
  const argv = ['/usr/bin/python3', script, GUEST, String(ECHO_PORT), String(EVERY_MS)];
  const running = lab.inside.start(lab.on('h1', argv));
  const said = lastLineOf(running);
  if (running.child.stdout !== null) await once(running.child.stdout, 'data');
  return async () => {
    await running.end('SIGINT');
    return JSON.parse(said()) as Said;
  };
}

t.test('it moves with its switch, and its connection stays', async (t) => {
  await startGuest('near');
  await startGuest('far', '-incoming', 'defer');
  const file = path.join(lab.dir, 'guest.yaml');
  fs.writeFileSync(file, network);
  await startLimevisor(lab, file);
  await untilReady(lab);
  await addRule(lab, 'v');
  await until('the guest', 120_000, async () =>
    (await reaches(lab, 'h1', GUEST)) ? true : undefined,
  );
  const end = await talk();
  await sleep(1_000);
  const to = ['--to', 'red/v=s3', '--to', `red/guest=${taps.far}`, '--driver', 'red/guest=qemu'];
  const asked = ['migrate', 'red/v', 'red/guest', ...to, '--no-watch'];
  const { ensemble } = await limevisorJson<MigrateResult>(lab, ...asked);
  await sleep(1_000);
  const said = await end();
  const log = fs.readFileSync(path.join(lab.dir, 'limevisor.log'), 'utf8');
  const stood = Number(/stood still for (\d+) ms/.exec(log)?.[1] ?? Number.NaN);
  t.comment(`${JSON.stringify(said)}; the guest stood still for ${stood} ms`);
  t.equal(ensemble?.state.type, 'done', JSON.stringify(ensemble?.state));
  t.ok(said.sent > 100, `${said.sent} numbers`);
  t.strictSame(
    { ...said, gapMs: 0 },
    { ...said, back: said.sent, wrong: 0, gapMs: 0, trouble: '' },
  );
  t.ok(said.gapMs <= stood + RETRANSMISSION_MS, `${said.gapMs} ms without a number`);
});
