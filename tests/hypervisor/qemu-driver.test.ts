/**
 * The driver `qemu`: against monitors that say what the test has them say, and with two QEMUs of
 * this machine: a guest without a disk goes from one to the other with its memory.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { nodeDrivers } from '../../hypervisor/drivers/node-drivers.ts';
import { Qmp } from '../../hypervisor/drivers/qmp.ts';
import type { Drivers } from '../../slices/config/drivers.ts';
import { driven, task, world } from './driven.ts';
import { configIn, folder, monitors, usual } from './monitors.ts';

const run = (config: Drivers) => driven('qemu', config);

t.test('a guest moves: the target listens, the source sends, the target goes on', async (t) => {
  const { dir, from, to } = monitors(t, (command, monitor) => {
    if (command === 'migrate') {
      monitor.migration = { status: 'active' };
      setTimeout(() => {
        monitor.migration = { status: 'completed', 'total-time': 7, downtime: 3 };
        to.status = 'paused';
      }, 120);
    }
    return usual(command, monitor);
  });
  const { arrival, said } = await run(configIn(dir));
  t.strictSame(arrival, { type: 'arrived' });
  t.strictSame(said, ['the guest was moved in 7 ms, and stood still for 3 ms']);
  t.ok(to.asked.indexOf('migrate-incoming') < to.asked.indexOf('cont'));
  t.ok(to.asked.includes('announce-self'));
  t.equal(from.asked.at(-1), 'quit', 'nobody runs there any more');
});

t.test('a migration that fails leaves the guest where it is', async (t) => {
  const { dir, from, to } = monitors(t, (command, monitor) => {
    if (command === 'migrate') {
      monitor.migration = { status: 'failed', 'error-desc': 'Connection refused' };
    }
    return usual(command, monitor);
  });
  t.strictSame((await run(configIn(dir))).arrival, { type: 'failed', why: 'Connection refused' });
  t.notOk(to.asked.includes('cont'));
  t.notOk(from.asked.includes('quit'));
});

t.test('at the limit it is cancelled, and what came of that is what counts', async (t) => {
  const { dir, from } = monitors(t, (command, monitor) => {
    if (command === 'migrate') monitor.migration = { status: 'active' };
    if (command === 'migrate_cancel') monitor.migration = { status: 'cancelled' };
    return usual(command, monitor);
  });
  const { arrival } = await run(configIn(dir, 500));
  t.match(arrival, { type: 'failed', why: 'it took more than 0.5 s' });
  t.equal(from.asked.filter((one) => one === 'migrate_cancel').length, 1);
  const late = monitors(t, (command, monitor) => {
    if (command === 'migrate') monitor.migration = { status: 'active' };
    if (command === 'migrate_cancel') {
      monitor.migration = { status: 'completed' };
      late.to.status = 'running';
    }
    return usual(command, monitor);
  });
  t.strictSame((await run(configIn(late.dir, 500))).arrival, { type: 'arrived' });
});

t.test('asked again it goes on with what it finds, or says that the guest is there', async (t) => {
  const { dir, from, to } = monitors(t, (command, monitor) => {
    const said = usual(command, monitor);
    if (command === 'query-migrate') {
      monitor.migration = { status: 'completed' };
      monitor.status = 'postmigrate';
      to.status = 'running';
    }
    return said;
  });
  from.migration = { status: 'active' };
  t.strictSame((await run(configIn(dir))).arrival, { type: 'arrived' });
  t.ok(from.asked.filter((one) => one === 'query-migrate').length > 1, 'it was waited for');
  t.notOk(from.asked.includes('migrate'), 'it was under way');
  from.server.close();
  fs.rmSync(path.join(dir, 'red-h1.qmp'), { force: true });
  t.strictSame((await run(configIn(dir))).arrival, { type: 'arrived' }, 'the source has quit');
});

t.test(
  'a guest that came by a migration moves on, and is not taken for one that left',
  async (t) => {
    const { dir, from, to } = monitors(t, (command, monitor) => {
      if (command === 'migrate') {
        monitor.migration = { status: 'completed', 'total-time': 7, downtime: 3 };
        to.status = 'running';
      }
      return usual(command, monitor);
    });
    // What QEMU says where a guest has arrived.
    from.migration = { status: 'completed' };
    t.strictSame((await run(configIn(dir))).arrival, { type: 'arrived' });
    t.ok(from.asked.includes('migrate'));
    t.ok(from.asked.indexOf('migrate') < from.asked.indexOf('quit'));
  },
);

t.test(
  'asked again when the guest has just left: it is not taken for one that stayed',
  async (t) => {
    const { dir, from, to } = monitors(t);
    // QEMU says `completed` first, and leaves `finish-migrate` a moment later.
    from.migration = { status: 'completed' };
    from.status = 'finish-migrate';
    to.status = 'running';
    t.strictSame((await run(configIn(dir))).arrival, { type: 'arrived' });
    t.notOk(from.asked.includes('migrate'));
  },
);

t.test('a target that says nothing more when it has the guest: it is there', async (t) => {
  const { dir, from } = monitors(t, usual, (command, monitor) => {
    const isThere = command === 'query-status' && from.migration['status'] === 'completed';
    return isThere ? { error: { desc: 'no more' } } : usual(command, monitor);
  });
  from.migration = { status: 'completed', 'total-time': 7, downtime: 3 };
  from.status = 'postmigrate';
  const { arrival, said } = await run(configIn(dir));
  t.strictSame(arrival, { type: 'arrived' });
  t.match(said[1], /query-status: no more$/);
});

t.test('where the guest is, when its migration went on without us', async (t) => {
  const look = (dir: string) =>
    new Promise((resolve) => {
      nodeDrivers(world).look({ ...task, driver: 'qemu' }, configIn(dir), resolve);
    });
  const { dir, from, to } = monitors(t, usual, (command, monitor) => {
    if (command === 'cont') monitor.status = 'running';
    return usual(command, monitor);
  });
  t.equal(await look(dir), 'from');
  from.migration = { status: 'active' };
  t.equal(await look(dir), 'later');
  from.migration = { status: 'completed' };
  from.status = 'postmigrate';
  to.status = 'paused';
  t.equal(await look(dir), 'to');
  t.equal(from.asked.at(-1), 'quit', 'it is let run, and the one that it left ends');
  t.equal(await look(folder(t)), 'later', 'nobody answers');
});

t.test('what is no monitor, or none that waits for a guest', async (t) => {
  const { dir, to } = monitors(t);
  to.status = 'running';
  t.match((await run(configIn(dir))).arrival, { why: /start it with "-incoming defer"/ });
  const empty = folder(t);
  t.match((await run(configIn(empty))).arrival, { why: /red-h1\.s2-4\.qmp, its greeting: / });
  const rude = monitors(t, () => ({ error: { class: 'GenericError', desc: 'no' } }));
  t.match((await run(configIn(rude.dir))).arrival, { why: /qmp_capabilities: no$/ });
  const dull = monitors(t, () => ({ neither: 1 }));
  t.match((await run(configIn(dull.dir))).arrival, { why: /is no answer$/ });
});

/** Where the BIOS does nothing. */
const ADDRESS = 0x20_0000;

const hasQemu = spawnSync('qemu-system-x86_64', ['--version']).status === 0;

function startQemu(dir: string, name: string, ...more: readonly string[]): ChildProcess {
  const args = [
    ...['-accel', 'tcg', '-m', '32', '-display', 'none', '-nodefaults', '-no-user-config'],
    ...['-machine', 'pc', '-qmp', `unix:${dir}/${name},server=on,wait=off`, ...more],
  ];
  return spawn('qemu-system-x86_64', args, { stdio: 'ignore' });
}

async function monitorOf(at: string): Promise<Qmp> {
  for (let looks = 0; ; looks += 1) {
    try {
      return await Qmp.open(world, at);
    } catch (error) {
      if (looks > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

t.test('with QEMU itself: a guest goes over with its memory, and on', async (t) => {
  t.ok(hasQemu, 'tests/support/setup.sh installs it');
  const dir = folder(t);
  // The target has no such file: what it has in its memory came with the guest.
  const bytes = Buffer.alloc(4096, 'what only the source has ');
  fs.writeFileSync(`${dir}/bytes`, bytes);
  const loader = `loader,file=${dir}/bytes,addr=${ADDRESS},force-raw=on`;
  const one = startQemu(dir, 'red-h1.qmp', '-device', loader);
  const other = startQemu(dir, 'red-h1.s2-4.qmp', '-incoming', 'defer');
  t.teardown(() => {
    for (const child of [one, other]) child.kill('SIGKILL');
  });
  for (const name of ['red-h1.qmp', 'red-h1.s2-4.qmp']) (await monitorOf(`${dir}/${name}`)).close();
  const gone = once(one, 'exit');
  const { arrival, said } = await run(configIn(dir));
  t.strictSame(arrival, { type: 'arrived' });
  t.match(said, [/^the guest was moved in [0-9]+ ms, and stood still for [0-9]+ ms$/]);
  await gone;
  const third = startQemu(dir, 'third.qmp', '-incoming', 'defer');
  t.teardown(() => third.kill('SIGKILL'));
  (await monitorOf(`${dir}/third.qmp`)).close();
  const left = once(other, 'exit');
  const [source, to] = [`${dir}/red-h1.s2-4.qmp`, `${dir}/third.qmp`];
  const onwards = { qemu: { source, target: to, uri: `unix:${dir}/n` }, limitMs: 20_000 };
  t.strictSame((await run(onwards)).arrival, { type: 'arrived' });
  await left;
  const target = await monitorOf(to);
  t.match(await target.ask('query-status'), { status: 'running' });
  await target.ask('pmemsave', { val: ADDRESS, size: 4096, filename: `${dir}/after` });
  t.ok(fs.readFileSync(`${dir}/after`).equals(bytes));
  target.close();
});
