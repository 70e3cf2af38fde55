/**
 * `check` refuses what `run` would find out: files and sockets that cannot be where the file wants
 * them.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { missingProofs, whyNotHere } from '../../hypervisor/operator/check-places.ts';
import { readFile } from '../../hypervisor/operator/file.ts';
import { limevisor } from './cli.ts';
import { shortDir } from './running.ts';

const tenants = 'tenants: { red: { vswitches: { v: { dpid: 1, on: s1 } } } }\n';
const good = `control: c.sock\nstore: s.db\ndatapaths: { s1: { dpid: 1 } }\n${tenants}`;

/** A folder with what may be in the way. */
function place(t: Parameters<typeof shortDir>[0]): string {
  const dir = shortDir(t);
  mkdirSync(join(dir, 'folder'));
  writeFileSync(join(dir, 'text'), 'a file of somebody, which is no store\n');
  writeFileSync(join(dir, 'half'), 'lime');
  return dir;
}

function whyNot(dir: string, content: string): readonly string[] {
  const file = join(dir, 'x.yaml');
  writeFileSync(file, content);
  const read = readFile(file);
  if ('problems' in read) return read.problems.map(({ path, why }) => `${path}: ${why}`);
  return whyNotHere(read.config, file).map(({ path, why }) => `${path}: ${why}`);
}

t.test('what cannot be a store, a control socket or a listener', async (t) => {
  const dir = place(t);
  const listen = (path: string) => good.replace('on: s1', `on: s1, listen: 'punix:${path}'`);
  const cases: readonly (readonly [content: string, whyNot: readonly RegExp[]])[] = [
    [good, []],
    [good.replace('s.db', 'half'), []],
    [good.replace('s.db', 'none/s.db'), [/^store: there is no folder .*none; make it, or change/]],
    [good.replace('s.db', 'folder'), [/^store: .*folder: it is a folder; name another/]],
    [good.replace('s.db', 'text'), [/^store: .*text: it is not a store; name another/]],
    [good.replace('s.db', 'text/s.db'), [/^store: .*text is a file, or change "store"/]],
    [good.replace('s.db', 'x.yaml'), [/^store: is .*x.yaml, which is this very file/, /not a st/]],
    [good.replace('c.sock', 'none/c'), [/^control: there is no folder .*none; make it, or change/]],
    [good.replace('c.sock', 'folder'), [/^control: .*folder exists and is not a socket; choose/]],
    [good.replace('c.sock', 's.db'), [/^store: is .*s.db, as "control" is; name another file/]],
    [listen(join(dir, 'text')), [/^tenants.red.vswitches.v.listen: .*text exists and is not a s/]],
    [listen('/nope/x'), [/^tenants.red.vswitches.v.listen: there is no folder \/nope/]],
  ];
  for (const [content, says] of cases) {
    const found = whyNot(dir, content);
    t.equal(found.length, says.length, found.join('\n') || content);
    for (const [i, one] of says.entries()) t.match(found[i], one);
  }
});

t.test('a socket of ours that is there is no trouble', async (t) => {
  const dir = place(t);
  const server = net.createServer().listen(join(dir, 'c.sock'));
  await new Promise((resolve) => server.once('listening', resolve));
  t.strictSame(whyNot(dir, good), []);
  server.close();
});

t.test('a proof whose socket is not there: refused by itself, a warning of a start', async (t) => {
  const dir = place(t);
  const file = join(dir, 'x.yaml');
  writeFileSync(file, good.replace('dpid: 1 }', `dpid: 1, ack: 'proof ${dir}/none.ctl' }`));
  const read = readFile(file);
  t.match('config' in read && missingProofs(read.config), [
    { path: 'datapaths.s1.ack', why: /none.ctl is not there; name the ovs-vswitchd.PID.ctl/ },
  ]);
  const alone = limevisor('check', file);
  t.match(alone, {
    code: 4,
    stderr: /datapaths.s1.ack: .*none.ctl is not there.*\n +line 3: data/,
  });
  const start = limevisor('check', file, '--store');
  t.match(start, { code: 0, stdout: /can be run, with 1 warning: .*\n.*none.ctl is not there/ });
});
