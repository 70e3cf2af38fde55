/**
 * Somebody else at a switch: entries, groups and meters that were put there, changed or taken away
 * behind our back are found while the switch stays connected, said in ovs-ofctl's words, and made
 * right; on datapaths of one table, too.
 *
 * On switches of 1.3, too, in tests/soak/foreign.soak.ts.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { type Lab, type Spoken, startLab } from '../../examples/lab/lab.ts';
import { reaches } from '../../examples/lab/ping.ts';
import {
  restartLimevisor,
  root,
  socketOf,
  startLimevisor,
  untilReady,
} from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { StatusReport } from '../../hypervisor/operator/report.ts';
import { partsOf } from './parts.ts';

const network = `
control: here
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 } }
tenants:
  red:
    vswitches: { v: { dpid: 1, on: s1, listen: ['punix:SOCKET'] } }
    hosts: { h1: { port: v:1, at: s1:1 }, h2: { port: v:2, at: s1:2 } }
  blue:
    vswitches: { v: { dpid: 1, on: s1 } }
    hosts: { b1: { port: v:1, at: s1:3 } }
`;

/** Of two vswitches, one with a port elsewhere, and a link. */
const untouched = `
control: here
store: STORE
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: [s1:3 - s3:1, s2:3 - s3:2]
tenants:
  red:
    vswitches: { v: { dpid: 1, on: s1 }, w: { dpid: 2, on: s2 } }
    hosts: { h1: { port: v:1, at: s1:1 }, h2: { port: v:2, at: s2:1 } }
    links: [v:3 - w:3]
`;

const hurried = [process.execPath, path.join(root, 'tests/live/hurried.ts'), 'run'];

async function started(speaks: Spoken): Promise<Lab> {
  const lab = await startLab({
    switches: ['s1'],
    links: [],
    hosts: [
      { name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
      { name: 'h2', at: 's1:2', ip: '10.0.0.2/24', mac: '02:00:00:00:00:02' },
      { name: 'b1', at: 's1:3', ip: '10.0.0.3/24', mac: '02:00:00:00:00:03' },
    ],
    controller: 'tcp:127.0.0.1:6653',
    speaks: { s1: speaks },
  });
  const socket = path.join(lab.dir, 'red.sock');
  const file = path.join(lab.dir, 'foreign.yaml');
  writeFileSync(file, network.replace('SOCKET', socket));
  await startLimevisor(lab, file, hurried);
  await until('the switch', 30_000, async () =>
    (await s1(lab)).state === 'ready' ? true : undefined,
  );
  await lab.inside.run(['ovs-ofctl', '-O', speaks, 'add-flow', socket, 'actions=flood']);
  t.ok(await reaches(lab, 'h1', '10.0.0.2', 10_000));
  return lab;
}

async function s1(lab: Lab) {
  const { datapaths } = await ask<StatusReport>(socketOf(lab), 'status', {});
  const [one] = datapaths;
  if (one === undefined) throw new Error('s1 is there');
  return one;
}

/** What the switch holds, without what it counted, and what says how far the store has come. */
async function held(lab: Lab): Promise<string> {
  const flows = await lab.ofctl('dump-flows', 's1', '--no-stats');
  const isOld = lab.spec.speaks?.['s1'] === 'OpenFlow10';
  const groups = isOld ? '' : await lab.ofctl('dump-groups', 's1');
  return [...flows.split('\n').sort(), ...groups.split('\n').sort()]
    .filter((line) => !/xid=|reply|cookie=0x4c10/.test(line))
    .join('\n');
}

const warned = (lab: Lab, what: RegExp) =>
  until(`a warning like ${what}`, 60_000, async () =>
    (await s1(lab)).warnings.some((one) => what.test(one)) ? true : undefined,
  );
/** How often something of ours was repaired: it may be before anybody can look. */
const repairs = (lab: Lab) =>
  readFileSync(path.join(lab.dir, 'limevisor.log'), 'utf8').split('by another program; repaired')
    .length;
async function meddle(lab: Lab, ...args: readonly [string, ...string[]]): Promise<void> {
  const before = repairs(lab);
  const [command, ...rest] = args;
  await lab.ofctl(command, 's1', ...rest);
  await until('a repair', 60_000, () => (repairs(lab) > before ? true : undefined));
}
const rightAgain = (lab: Lab, before: string) =>
  until('what was before', 60_000, async () => ((await held(lab)) === before ? true : undefined));

const versions: readonly Spoken[] = ['OpenFlow13', 'OpenFlow10'];

for (const speaks of partsOf<Spoken>(versions, ['OpenFlow10'])) {
  t.test(`on a switch of ${speaks}`, async (t) => {
    const lab = await started(speaks);
    t.teardown(() => lab.stop());
    const before = await held(lab);

    await lab.ofctl('add-flow', 's1', 'priority=65000,in_port=1,actions=output:3');
    await warned(lab, /1 entry of other programs removed; .*in_port=1 actions=output:3/);
    await rightAgain(lab, before);
    t.match(
      readFileSync(path.join(lab.dir, 'limevisor.log'), 'utf8'),
      /a foreign entry is removed/,
    );

    // One of ours goes, and one comes that has our cookie: the number of entries is the same.
    const rule =
      before
        .split('\n')
        .find((line) => /FLOOD|output|resubmit|actions=3/.test(line) && /0x4c02/.test(line)) ?? '';
    const [, cookie = ''] = /cookie=(0x4c02[0-9a-f]+)/.exec(rule) ?? [];
    await lab.ofctl('del-flows', 's1', `cookie=${cookie}/-1`);
    await lab.ofctl('add-flow', 's1', `cookie=${cookie},priority=64000,in_port=2,actions=output:3`);
    await warned(lab, /entries changed by other programs, and repaired/);
    await rightAgain(lab, before);
    t.ok(await reaches(lab, 'h1', '10.0.0.2', 10_000), 'red’s rule is back');

    // Of the same entry other actions.
    // A modify concerns one table, whatever the cookie says.
    const table = speaks === 'OpenFlow13' ? 'table=2,' : '';
    await meddle(lab, 'mod-flows', `${table}cookie=${cookie}/-1,actions=output:3`);
    await rightAgain(lab, before);

    if (speaks === 'OpenFlow13') {
      const group = /group_id=(\d+)/.exec(before)?.[1] ?? '';
      await meddle(lab, 'mod-group', `group_id=${group},type=indirect,bucket=actions=output:3`);
      await rightAgain(lab, before);
      await meddle(lab, 'del-groups', `group_id=${group}`);
      await lab.ofctl('add-group', 's1', 'group_id=99,type=all,bucket=actions=output:3');
      await rightAgain(lab, before);
      t.ok(await reaches(lab, 'h1', '10.0.0.2', 10_000));
    }
  });
}

t.test('what nobody touched is found as it was sent, ways between datapaths too', async (t) => {
  const lab = await startLab({
    switches: ['s1', 's2', 's3'],
    links: [
      ['s1:3', 's3:1'],
      ['s2:3', 's3:2'],
    ],
    hosts: [
      { name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
      { name: 'h2', at: 's2:1', ip: '10.0.0.2/24', mac: '02:00:00:00:00:02' },
    ],
    controller: 'tcp:127.0.0.1:6653',
  });
  t.teardown(() => lab.stop());
  const file = path.join(lab.dir, 'untouched.yaml');
  writeFileSync(file, untouched.replace('STORE', path.join(lab.dir, 'limevisor.db')));
  const limevisor = await startLimevisor(lab, file);
  await untilReady(lab);
  await limevisor.end('SIGKILL');
  await restartLimevisor(lab);
  await untilReady(lab);
  const log = readFileSync(path.join(lab.dir, 'limevisor.log'), 'utf8');
  const found = log.split('\n').filter((line) => line.includes('"datapath ready"'));
  const again = found.slice(-3).map((line) => JSON.parse(line));
  for (const one of again) t.match(one, { added: 0, changed: 0, removed: 0, foreign: 0 });
});
