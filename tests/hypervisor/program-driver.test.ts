/**
 * The driver `exec`: the operator's program is told host, from, to and vport, each as an argument;
 * what it ends with counts, and at the limit it ends, with all that it has begun.
 */
import fs from 'node:fs';
import t from 'tap';
import type { Stop } from '../../hypervisor/drivers/driver.ts';
import { nodeDrivers } from '../../hypervisor/drivers/node-drivers.ts';
import { limits } from '../../slices/limits.ts';
import { driven, task, world } from './driven.ts';

/** `first` runs when it has said something. */
const run = (exec: readonly string[], limitMs = 60_000, first?: (stop: Stop) => void) =>
  driven('exec', { exec, limitMs }, first);

/** As after a restart. */
const runAgain = (exec: readonly string[], limitMs = 60_000, first?: (stop: Stop) => void) =>
  driven('exec', { exec, limitMs }, first, true);

const script = (text: string) => ['/bin/sh', '-c', text, 'driver'];

t.test('arguments, environment and what it prints; no shell reads a word', async (t) => {
  const echo = ['/bin/sh', '-c', 'printf "%s\\n" "$@" "$LIMEVISOR_TO" >&2', 'driver', '$(id); a b'];
  t.strictSame(await run(echo), {
    arrival: { type: 'arrived' },
    said: ['$(id); a b', 'red/h1', 's1:1', 's2:4', 'red/v1:7', 's2:4'],
  });
});

t.test('whatever it ends with but 0 says that the host is where it was', async (t) => {
  const { arrival, said } = await run(script('echo no room; printf unfinished; exit 3'));
  t.match(arrival, { type: 'failed', why: /^\/bin\/sh \(pid [0-9]+\): it ended with 3$/ });
  t.strictSame(said, ['no room', 'unfinished']);
  t.match((await run(script('kill -9 $$'))).arrival, { why: /it ended with SIGKILL$/ });
  t.match((await run(['/no/such/program'])).arrival, { why: /pid none\): / });
  const long = await run(script(`printf '%01000d\\n' 1`));
  t.equal(long.said[0]?.length, limits.driverLineCharactersMax);
});

t.test('at the limit it ends', async (t) => {
  const { arrival } = await run(script('sleep 600'), 200);
  t.match(arrival, { type: 'failed', why: /it took more than 0\.2 s$/ });
});

/** Whether it runs; one that has ended may wait for its parent to hear of it. */
function runs(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return fs.existsSync(stat) && !fs.readFileSync(stat, 'utf8').includes(') Z ');
}

t.test('what it has begun ends with it', async (t) => {
  const { said } = await run(script('sleep 600 & echo $!; wait'), 60_000, (stop) =>
    stop('no more'),
  );
  const pid = Number(said[0]);
  t.ok(pid > 1);
  while (runs(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
});

t.test('one that is told to stop, and moves the host all the same', async (t) => {
  const late = script('trap "exit 0" TERM; echo begun; while :; do sleep 0.05; done');
  t.match(await run(late, 60_000, (stop) => stop('no more')), { arrival: { type: 'arrived' } });
  const ready = script('echo begun; sleep 600');
  const stopped = await run(ready, 60_000, (stop) => stop('no more'));
  t.match(stopped.arrival, { type: 'failed', why: /: no more$/ });
});

/** The host is there when the file is, which takes its time; it says 0 then, else 1. */
const slowly = (file: string) =>
  script(`[ -e ${file} ] && exit 0; echo begun; sleep 0.6; [ -e ${file} ] && exit 1; : >${file}`);

t.test('asked again, one that was begun before the restart is waited for', async (t) => {
  const dir = t.testdir({});
  const exec = slowly(`${dir}/there`);
  const older = new Promise<void>((resolve) => {
    run(exec, 60_000, () => resolve()).catch(t.fail);
  });
  await older;
  const { arrival, said } = await runAgain(exec);
  t.strictSame(arrival, { type: 'arrived' });
  t.match(said, [/^pid [0-9]+ was begun before the restart; it is waited for$/]);
  t.ok(fs.existsSync(`${dir}/there`), 'by then it is there');
});

t.test('one that never ends is made to, and the program is asked then', async (t) => {
  const dir = t.testdir({});
  const exec = script(`[ -e ${dir}/asked ] && exit 0; : >${dir}/asked; echo begun; sleep 600`);
  let ended: Promise<unknown> | undefined;
  await new Promise<void>((resolve) => {
    ended = run(exec, 60_000, () => resolve());
  });
  t.strictSame((await runAgain(exec, 300)).arrival, { type: 'arrived' });
  t.match(await ended, { arrival: { why: /it ended with SIGTERM/ } });
});

t.test('asked again it is not told to stop: nobody would know where the host is', async (t) => {
  const { arrival, said } = await runAgain(script('echo begun; sleep 0.3'), 60_000, (stop) => {
    stop('no more');
  });
  t.strictSame(arrival, { type: 'arrived' });
  t.strictSame(said, ['begun', 'not stopped (no more): it is asked where the host is']);
});

t.test('another move, or another program, is not waited for', async (t) => {
  const exec = script('echo begun; sleep 0.5');
  const other = { ...task, id: 8, driver: 'exec' } as const;
  await new Promise<void>((resolve) => {
    const user = { said: () => resolve(), ended: () => undefined };
    nodeDrivers(world).begin(other, { exec, limitMs: 60_000 }, user);
  });
  t.strictSame((await runAgain(script('exit 0'))).said, []);
});

t.test('which drivers there are is the file’s affair', async (t) => {
  const { whyNot } = nodeDrivers(world);
  t.equal(whyNot('manual', { limitMs: 1 }), undefined);
  t.match(whyNot('exec', { limitMs: 1 }), /write drivers: \{ exec: \[\/path\/to\/program\] \}/);
  t.equal(whyNot('netns', { netns: 'unix:/x', limitMs: 1 }), undefined);
});
