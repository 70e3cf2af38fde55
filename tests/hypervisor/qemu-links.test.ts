/**
 * Frames that come to a QEMU which waits for a guest: it drops them until the guest has stopped
 * where it was, so the guest gets none a second time (hypervisor/drivers/qemu-links.ts).
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import t from 'tap';
import { nodeDrivers } from '../../hypervisor/drivers/node-drivers.ts';
import { backEndsOf } from '../../hypervisor/drivers/qemu-links.ts';
import { Qmp } from '../../hypervisor/drivers/qmp.ts';
import type { Drivers } from '../../slices/config/drivers.ts';
import { driven, task, world } from './driven.ts';
import { configIn, folder, monitors, type Says, usual } from './monitors.ts';

const drivers = nodeDrivers(world);
const qemuTask = { ...task, driver: 'qemu' } as const;
const prepared = (config: Drivers) =>
  new Promise((resolve) => drivers.prepare?.(qemuTask, config, resolve));

/** With a network card, and a device that is none. */
const withCard: Says = (command, monitor, more) => {
  const isFolder = more?.['path'] === '/machine/peripheral';
  if (command === 'qom-list' && isFolder) {
    const devices = ['card', 'disk'].map((name) => ({ name, type: `child<${name}>` }));
    return { return: [{ name: 'type', type: 'string' }, ...devices] };
  }
  if (command === 'qom-get') {
    const isCard = more?.['path'] === '/machine/peripheral/card';
    return isCard ? { return: 'tap0' } : { error: { desc: 'no such property' } };
  }
  return usual(command, monitor, more);
};

t.test('unplugged before frames come, and plugged in when the guest has stopped', async (t) => {
  const seen: (readonly [string, boolean | undefined])[] = [];
  const { dir, from, to } = monitors(
    t,
    (command, monitor, more) => {
      if (command === 'migrate') {
        monitor.migration = { status: 'active' };
        setTimeout(() => {
          seen.push(['before it stops', to.links.get('tap0')]);
          monitor.happens('STOP');
        }, 30);
        setTimeout(() => {
          seen.push(['when it has stopped', to.links.get('tap0')]);
          monitor.migration = { status: 'completed', 'total-time': 7, downtime: 3 };
          to.status = 'running';
        }, 120);
      }
      return usual(command, monitor, more);
    },
    withCard,
  );
  t.equal(await prepared(configIn(dir)), undefined);
  t.strictSame([...to.links], [['tap0', false]]);
  t.strictSame((await driven('qemu', configIn(dir))).arrival, { type: 'arrived' });
  t.strictSame(seen, [
    ['before it stops', false],
    ['when it has stopped', true],
  ]);
  t.equal(from.links.size, 0, 'nothing is unplugged where it runs');
});

t.test('an earlier process unplugged it: plugged in where the guest is found', async (t) => {
  const { dir, from, to } = monitors(t, usual, withCard);
  to.status = 'running';
  from.server.close();
  fs.rmSync(`${dir}/red-h1.qmp`, { force: true });
  t.strictSame((await driven('qemu', configIn(dir))).arrival, { type: 'arrived' });
  t.strictSame([...to.links], [['tap0', true]]);
  to.links.clear();
  t.equal(await new Promise((resolve) => drivers.look(qemuTask, configIn(dir), resolve)), 'to');
  t.strictSame([...to.links], [['tap0', true]]);
});

t.test('one where a guest runs is not unplugged; nobody there is said', async (t) => {
  const { dir, to } = monitors(t, usual, withCard);
  to.status = 'running';
  t.equal(await prepared(configIn(dir)), undefined);
  t.equal(to.links.size, 0);
  t.match(await prepared(configIn(folder(t))), /red-h1\.s2-4\.qmp, its greeting: /);
});

t.test('a move that is undone: plugged in again, for whoever comes there', async (t) => {
  const { dir, to } = monitors(t, usual, withCard);
  await prepared(configIn(dir));
  drivers.release?.(qemuTask, configIn(dir));
  for (let looks = 0; to.links.get('tap0') !== true && looks < 200; looks += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  t.strictSame([...to.links], [['tap0', true]]);
});

t.test('network cards are found in QEMU itself, however they were given', async (t) => {
  const dir = folder(t);
  const at = `${dir}/monitor`;
  const end = (id: string) => `socket,id=${id},udp=127.0.0.1:9,localaddr=127.0.0.1:0`;
  const args = [
    ...['-accel', 'tcg', '-m', '32', '-display', 'none', '-nodefaults', '-no-user-config'],
    ...['-machine', 'pc', '-qmp', `unix:${at},server=on,wait=off`, '-incoming', 'defer'],
    ...['-netdev', end('one'), '-device', 'e1000,netdev=one,romfile='],
    ...['-netdev', end('two'), '-device', 'virtio-net-pci,netdev=two,id=card,romfile='],
    ...['-nic', 'socket,model=e1000,udp=127.0.0.1:9,localaddr=127.0.0.1:0'],
  ];
  const child = spawn('qemu-system-x86_64', args, { stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  for (let looks = 0; !fs.existsSync(at) && looks < 200; looks += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const qmp = await Qmp.open(world, at);
  t.teardown(() => qmp.close());
  const found = await backEndsOf(qmp);
  t.equal(found.length, 3, found.join());
  t.ok(['one', 'two'].every((name) => found.includes(name)));
  for (const name of found) await qmp.ask('set_link', { name, up: false });
});
