/**
 * The Debian package, built, installed by dpkg into a root of its own, run from there, removed.
 * `make test` has what it consists of (tests/hypervisor/package.test.ts).
 */
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { root as home } from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import { shortDir } from '../hypervisor/running.ts';

t.test('a package is built, installed, run and removed', async (t) => {
  const dir = shortDir(t);
  const root = join(dir, 'root');
  const run = (program: string, ...args: readonly string[]): string =>
    execFileSync(program, args, { encoding: 'utf8', timeout: 120_000 });
  const deb = run(join(home, 'examples/packages/deb.sh'), dir).trim();
  t.match(deb, /limevisor_\d+\.\d+\.\d+_(amd64|arm64)\.deb$/);
  const db = join(root, 'var/lib/dpkg');
  for (const name of ['updates', 'info']) fs.mkdirSync(join(db, name), { recursive: true });
  for (const name of ['status', 'available']) fs.writeFileSync(join(db, name), '');
  const into = [`--instdir=${root}`, `--admindir=${db}`, '--force-script-chrootless'];
  const dpkg = (...args: readonly string[]) => run('dpkg', ...into, '--force-depends', ...args);
  dpkg('-i', deb);
  t.match(run('dpkg-query', `--admindir=${db}`, '-W', 'limevisor'), /^limevisor\t\d/);
  const limevisor = join(root, 'usr/bin/limevisor');
  t.match(run(limevisor, '--version'), /^\d+\.\d+\.\d+$/m);
  const config = join(root, 'etc/limevisor/limevisor.yaml');
  const own = (name: string) => join(dir, name);
  const text = fs.readFileSync(config, 'utf8');
  const here = text
    .replace(/^control: .*$/m, `control: ${own('control')}`)
    .replace(/^store: .*$/m, `store: ${own('a.store')}`)
    .replace(/^listen: .*$/m, `listen: ['punix:${own('switches')}']`);
  fs.writeFileSync(config, here);
  t.match(run(limevisor, 'check', config), /is fine/);
  const service = spawn(limevisor, ['run', config], { stdio: 'ignore' });
  const ended = new Promise((resolve) => service.on('exit', resolve));
  await until('it serves', 30_000, () => (fs.existsSync(own('control')) ? true : undefined));
  t.match(run(limevisor, 'status', '--socket', own('control')), /DATAPATH/);
  service.kill('SIGTERM');
  t.equal(await ended, 0);
  dpkg('-r', 'limevisor');
  t.notOk(fs.existsSync(limevisor));
  t.ok(fs.existsSync(config), 'a configuration that was changed stays');
  dpkg('-P', 'limevisor');
  t.notOk(fs.existsSync(config));
});
