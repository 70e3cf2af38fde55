/**
 * `limevisor backup` while one runs, and `restore --from` when it is down: the store is what it
 * was, and a process that serves it is in nobody's way.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { spawnWithUs, untilSaid } from '../support/child.ts';
import { limevisor, program } from './cli.ts';
import { shortDir } from './running.ts';

t.test('a backup is made, refused where it must be, and put back', async (t) => {
  const dir = shortDir(t);
  const at = (name: string): string => join(dir, name);
  const text = `listen: ['punix:${at('switches')}']
control: ${at('control')}
store: ${at('a.store')}
datapaths: { s1: { dpid: 1 } }
tenants: { red: { vswitches: { v1: { dpid: 1, on: s1 } } } }
`;
  fs.writeFileSync(at('a.yaml'), text);
  const child = spawnWithUs(program, ['run', at('a.yaml')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await untilSaid(child, 'limevisor runs');
  const made = limevisor('backup', at('copy'), '--socket', at('control'));
  t.match(made, { code: 0, stdout: /^\d+ bytes of .*a\.store are in .*copy$/m }, made.stderr);
  overNothingElse(t, dir, ['--socket', at('control')]);
  const restore = ['restore', '--from', at('copy'), '--file', at('a.yaml')];
  t.match(limevisor(...restore), { code: 4, stderr: /another limevisor uses it; stop that one/ });
  t.match(limevisor('restore', '--from', at('copy')), { code: 2, stderr: /whose store is it/ });
  const levels = ['log', 'datapath', '--level', 'error', '--socket', at('control')];
  t.match(limevisor(...levels), { code: 0, stdout: /^datapath +error$/m });
  child.kill('SIGTERM');
  await once(child, 'exit');
  t.match(limevisor(...restore), { code: 0, stdout: /a\.store is what .* has; the one that was/ });
  t.match(limevisor('check', at('a.yaml'), '--store'), { code: 0 });
  overNothingElse(t, dir, ['--file', at('a.yaml')]);
  t.match(limevisor('backup', at('copy2'), '--file', at('a.yaml')), { code: 0 });
  t.strictSame(fs.readFileSync(at('copy2')), fs.readFileSync(at('copy')));
});

/** A name that was typed in haste takes no file away; an older backup may be replaced. */
function overNothingElse(t: Test, dir: string, whose: readonly string[]): void {
  const at = (name: string): string => join(dir, name);
  const inode = fs.statSync(at('a.store')).ino;
  const kept = fs.readFileSync(at('a.yaml'), 'utf8');
  fs.linkSync(at('a.store'), at('same'));
  fs.writeFileSync(at('empty'), '');
  const refused = (name: string, why: RegExp): void => {
    t.match(limevisor('backup', at(name), ...whose), { code: 1, stderr: why }, name);
  };
  refused('a.store', /no backup in .*a\.store: it is the store itself; name another/);
  refused('same', /it is the store itself/);
  refused('a.yaml', /no backup in .*a\.yaml: it is there already, and is not a backup; name/);
  refused('', /no backup in .*: it is a folder/);
  execFileSync('mkfifo', [at('pipe')]);
  refused('pipe', /no backup in .*pipe: it is no file; name another/);
  t.equal(fs.statSync(at('a.store')).ino, inode, 'the store is the file that it was');
  t.equal(fs.readFileSync(at('a.yaml'), 'utf8'), kept, 'and so is the configuration');
  for (const name of ['copy', 'empty']) {
    t.match(limevisor('backup', at(name), ...whose), { code: 0 }, name);
  }
  for (const name of ['same', 'pipe']) fs.rmSync(at(name));
}
