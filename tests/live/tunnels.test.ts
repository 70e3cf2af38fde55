/**
 * Tunnels as links (examples/tunnels/), laid by Limevisor: full-size packets by each kind, and each
 * its own; what the file names no more goes, what is somebody else's stays, and a start finds what
 * is there.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  attempt,
  killLimevisor,
  restartLimevisor,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import { carried, isWhole, startTunnels, vsctl } from '../../examples/tunnels/tunnels.ts';

const lab = await startTunnels();
t.teardown(() => lab.stop());

const MARKED = 'external_ids:limevisor-tunnel!=""';

/** Name, kind and number of each tunnel port on a switch. */
async function portsOn(name: string): Promise<readonly string[]> {
  const columns = '--columns=name,type,ofport';
  const some = '--format=csv --no-headings';
  const said = await vsctl(lab, name, ...some.split(' '), columns, 'find', 'Interface', MARKED);
  return said
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

const kinds = async (name: string): Promise<readonly (string | undefined)[]> => {
  return (await portsOn(name)).map((line) => line.slice(line.indexOf(',') + 1)).sort();
};

t.test('VXLAN, Geneve and GRE between switches in namespaces of their own', async (t) => {
  const all = await carried(lab);
  t.strictSame(
    all.map(({ type }) => type),
    ['vxlan', 'geneve', 'gre'],
  );
  for (const one of all) t.ok(isWhole(one), JSON.stringify(one));
  t.strictSame(await kinds('s1'), ['geneve,6', 'gre,7', 'vxlan,5']);
});

t.test('a start finds what is there, and touches nothing', async (t) => {
  const ids = () => vsctl(lab, 's1', '--columns=_uuid,name', 'list', 'Interface');
  const before = await ids();
  await killLimevisor(lab);
  await restartLimevisor(lab);
  await untilReady(lab);
  t.equal(await ids(), before);
});

t.test('what the file names no more goes; what is not ours stays, and is said', async (t) => {
  const taken = ['add-port', 's1', 'theirs', '--', 'set', 'interface', 'theirs', 'type=gre'];
  await vsctl(lab, 's1', ...taken, 'options:remote_ip=10.8.0.9', 'ofport_request=9');
  const running = readFileSync(path.join(lab.dir, 'network.yaml'), 'utf8');
  const file = path.join(lab.dir, 'other.yaml');
  writeFileSync(file, running.replace('ends: s1:5 - s2:5', 'ends: s1:9 - s2:9'));
  const dry = await attempt(lab, ['apply', file, '--dry-run']);
  t.match(dry.stdout, /\+ cable s1:9 - s2:9: tunnel { type: vxlan, between: 10.8.0.1 - 10.8.0.2/);
  t.strictSame(await kinds('s2'), ['geneve,6', 'gre,7', 'vxlan,5'], 'nothing has changed');
  const { code, stdout, stderr } = await attempt(lab, ['apply', file]);
  t.equal(code, 1, stdout);
  t.match(stdout + stderr, /s1: s1:9 - s2:9: port 9 of s1 is theirs, which is not ours; write/);
  t.strictSame(await kinds('s1'), ['geneve,6', 'gre,7']);
  t.strictSame(await kinds('s2'), ['geneve,6', 'gre,7', 'vxlan,9']);
  t.match(await vsctl(lab, 's1', 'list-ports', 's1'), /theirs/);
  const { datapaths } = await statusOf(lab);
  t.match(datapaths[0]?.warnings.join(), /port 9 of s1 is theirs/);
  await vsctl(lab, 's1', 'del-port', 'theirs');
  t.equal((await attempt(lab, ['apply', file])).code, 0, 'the same file again');
  t.strictSame(await kinds('s1'), ['geneve,6', 'gre,7', 'vxlan,9']);
  await until('no warning', 5_000, async () => {
    const status = await statusOf(lab);
    return status.datapaths[0]?.warnings.length === 0 ? true : undefined;
  });
});
