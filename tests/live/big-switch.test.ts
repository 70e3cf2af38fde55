/**
 * A vswitch on several datapaths, on real switches: every host reaches every other (the example); a
 * member that dies takes its ports with it and nothing else, the primary too, and is filled again
 * when it is back, with what changed meanwhile; a restart makes a strict one eventual; a file that
 * is applied gives it other members, while frames flow.
 */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { runBigSwitch } from '../../examples/big-switch/big-switch.ts';
import { type Lab, portName, startLab } from '../../examples/lab/lab.ts';
import { isWhole } from '../../examples/lab/mesh-report.ts';
import { reaches, startPing } from '../../examples/lab/ping.ts';
import {
  attempt,
  killLimevisor,
  limevisorJson,
  startLimevisor,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { triangle } from '../../examples/lab/topologies.ts';
import { until } from '../../examples/lab/wait.ts';
import { oxm } from '../../openflow/match/match.ts';
import { port as ofpp, portState, version } from '../../openflow/values/constants.ts';
import { TestController } from './mirror/controller.ts';
import { bytesOf, output, rule, type Unsent } from './mirror/conversation.ts';

t.test('three datapaths in a row, one vswitch each for two tenants', async (t) => {
  const reached = await runBigSwitch(async (lab) => {
    const { stdout } = await attempt(lab, ['status']);
    t.match(stdout, /red\/v1 .* s1 \+ s2 \+ s3, all by s[123] /, 'members, and who processes');
    t.match(stdout, /blue\/v1 .* s1 \+ s2 \+ s3, eventual /);
    const refused = await attempt(lab, ['migrate', 'red/v1', '--to', 's3']);
    t.match(refused.stderr, /red\/v1 is a big switch on s1, s2, s3 and does not migrate/);
  });
  t.strictSame(Object.keys(reached).sort(), ['blue', 'red']);
  for (const [tenant, one] of Object.entries(reached)) {
    t.ok(isWhole(one), `${tenant}: ${JSON.stringify(one)}`);
    t.equal(one.due, 3 * 2 * 8, 'every pair, every kind');
  }
});

/** Where h1, h2 and h3 are. */
const places = ['s1:1', 's2:1', 's3:5'] as const;
const lab = await startLab(triangle(...places));
const controller = new TestController(path.join(lab.dir, 'c'), version.of13);
t.teardown(async () => {
  controller.close();
  await lab.stop();
});
await controller.listening();

const fileOf = (
  consistency: string,
  on = '[s1, s2, s3]',
  s2 = 'dpid: 2',
): string => `control: limevisor.sock
store: ${path.join(lab.dir, 'limevisor.db')}
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { ${s2} }, s3: { dpid: 3 } }
links: [s1:3 - s3:1, s2:3 - s3:2, s1:4 - s2:4]
tenants:
  red:
    controllers: ['unix:${path.join(lab.dir, 'c')}']
    vswitches: { v: { dpid: 7, on: ${on}, consistency: ${consistency} } }
    hosts: { h1: { port: v:1, at: s1:1 }, h2: { port: v:2, at: s2:1 }, h3: { port: v:3, at: s3:5 } }
`;

async function tell(...messages: readonly Unsent[]): Promise<void> {
  for (const message of messages) controller.send(bytesOf(message));
  await controller.barrier();
}

/** The bridge and what it forwards are gone; its cables hang in the air. */
async function kill({ vsctl }: Lab, bridge: string): Promise<void> {
  await vsctl('del-br', bridge);
}

async function revive({ vsctl, spec }: Lab, bridge: string): Promise<void> {
  const ends = [...spec.links.flat(), ...spec.hosts.map(({ at }) => at)];
  const ports = ends.filter((end) => end.startsWith(`${bridge}:`));
  const dpid = (spec.switches.indexOf(bridge) + 1).toString(16).padStart(16, '0');
  await vsctl(
    ...['add-br', bridge],
    ...['--', 'set', 'bridge', bridge, 'datapath_type=netdev', 'fail_mode=secure'],
    ...['protocols=OpenFlow13', `other-config:datapath-id=${dpid}`],
    ...ports.flatMap((end) => [
      ...['--', 'add-port', bridge, portName(end)],
      ...['--', 'set', 'interface', portName(end), `ofport_request=${end.split(':')[1]}`],
    ]),
    ...['--', 'set-controller', bridge, spec.controller],
  );
}

/** Until the tenant has heard that a port is down, or up. */
async function heard(port: number, isDown: boolean): Promise<void> {
  const last = new Map<number, boolean>();
  await controller.until(`port ${port}`, () => {
    for (const { message } of controller.take()) {
      if (message.type !== 'portStatus') continue;
      last.set(message.desc.portNo, (message.desc.state & portState.linkDown) !== 0);
    }
    return last.get(port) === isDown;
  });
}

/** A connection of a process that was killed is not taken for that of the next one. */
async function served(): Promise<void> {
  await until('the vswitch having its controller', 30_000, async () => {
    const [vswitch] = (await statusOf(lab)).vswitches;
    return vswitch?.controllers.every(({ state }) => state === 'up') || undefined;
  });
  await controller.up();
}

const bigSwitch = async () => {
  const [vswitch] = (await statusOf(lab)).vswitches;
  return { down: vswitch?.down, ...vswitch?.bigSwitch };
};

async function reach(t: Test, pairs: readonly (readonly [number, number])[]): Promise<void> {
  for (const [from, to] of pairs) {
    const what = `h${from} reaches h${to}`;
    const isReached = () => reaches(lab, `h${from}`, `10.0.0.${to}`);
    t.ok(await until(what, 20_000, async () => (await isReached()) || undefined), what);
  }
}

const all = [
  [1, 2],
  [2, 3],
  [3, 1],
] as const;

let isFirst = true;
for (const consistency of ['strict', 'eventual'] as const) {
  t.test(`${consistency}: members die and come back`, async (t) => {
    const file = path.join(lab.dir, 'big.yaml');
    fs.writeFileSync(file, fileOf(consistency));
    if (!isFirst) await killLimevisor(lab);
    await startLimevisor(lab, file);
    await untilReady(lab);
    await served();
    if (isFirst) await tell(rule([oxm('in_port', 1)], [output(ofpp.flood)]));
    if (isFirst) await tell(rule([oxm('in_port', 2)], [output(ofpp.flood)]));
    if (isFirst) await tell(rule([oxm('in_port', 3)], [output(1), output(2)]));
    isFirst = false;
    await reach(t, all);
    const { primary = '' } = await bigSwitch();
    const dead = Number(primary.slice(1));
    const [one = 0, other = 0] = [1, 2, 3].filter((number) => number !== dead);

    await kill(lab, primary);
    await heard(dead, true);
    await reach(t, [[one, other]]);
    const without = await bigSwitch();
    t.equal(without.down, undefined, 'the switch stays');
    t.strictSame([without.consistency, without.without], [consistency, [primary]]);
    t.not(without.primary, primary, 'another member is the primary');
    // What changes meanwhile is there when it is back.
    await tell(rule([oxm('in_port', dead)], [output(one), output(other)], { priority: 40_000 }));

    await revive(lab, primary);
    await heard(dead, false);
    await reach(t, all);
    const again = await bigSwitch();
    t.strictSame([again.without, again.primary], [[], without.primary], 'who is it stays it');
    t.match(await lab.ofctl('dump-flows', primary), /priority=40001/, 'what changed meanwhile');
  });
}

t.test('other members by a file that is applied, while frames flow', async (t) => {
  const file = path.join(lab.dir, 'members.yaml');
  controller.take();
  const pings = [startPing(lab, 'h1', '10.0.0.2'), startPing(lab, 'h2', '10.0.0.3')];
  for (const on of ['[s1, s2]', '[s2, s3]', '[s1, s2, s3]']) {
    fs.writeFileSync(file, fileOf('eventual', on));
    const { type } = await limevisorJson<{ readonly type: string }>(lab, 'apply', file);
    t.equal(type, 'applied', on);
    for (const bridge of ['s1', 's2', 's3']) {
      const flows = await lab.ofctl('dump-flows', bridge);
      t.equal(flows.includes('priority=40001'), on.includes(bridge), `${on}: ${bridge}`);
    }
  }
  for (const ping of pings) {
    const { sent, lost, duplicates, errors } = await ping.stop();
    t.ok(sent > 100);
    t.strictSame({ lost, duplicates, errors }, { lost: 0, duplicates: 0, errors: 0 });
  }
  t.equal(controller.count('portStatus'), 0);
  const { down, without } = await bigSwitch();
  t.strictSame({ down, without }, { down: undefined, without: [] });
});

t.test('a member moves while frames flow, and a restart finds it there', async (t) => {
  const file = path.join(lab.dir, 'moved.yaml');
  fs.writeFileSync(file, fileOf('strict', '[s1, s2]'));
  await limevisorJson(lab, 'apply', file);
  controller.take();
  const pings = [startPing(lab, 'h1', '10.0.0.2'), startPing(lab, 'h2', '10.0.0.3')];
  const holders = async (): Promise<string> => {
    const all = await Promise.all(['s1', 's2', 's3'].map((one) => lab.ofctl('dump-flows', one)));
    return all.flatMap((one, i) => (one.includes('priority=40001') ? [`s${i + 1}`] : [])).join(' ');
  };
  const asked = ['migrate', 'red/v', '--from', 's2', '--to', 's3'];
  const dry = await attempt(lab, [...asked, '--dry-run']);
  t.match(dry.stdout, /port 2: its host stays at s2:1, and its frames are carried to s[13]/);
  t.equal(await holders(), 's1 s2', 'and nothing has changed');
  const { stdout } = await attempt(lab, asked);
  t.match(stdout, /red\/v has the member s3 in place of s2 now/);
  t.match(stdout, /write "on: \[s1, s3\]" into the file/);
  t.equal(await holders(), 's1 s3');
  await reach(t, all);
  for (const ping of pings) {
    const { sent, lost, duplicates, errors } = await ping.stop();
    t.ok(sent > 100);
    t.strictSame({ lost, duplicates, errors }, { lost: 0, duplicates: 0, errors: 0 });
  }
  t.equal(controller.count('portStatus'), 0);
  await killLimevisor(lab);
  await startLimevisor(lab, file);
  await untilReady(lab);
  await served();
  t.equal(await holders(), 's1 s3', 'the store remembers it');
  const { stdout: listed } = await attempt(lab, ['migrations']);
  t.match(listed, /^1 .* red\/v +s2 -> s3 +member +done /m);
  const { stdout: shown } = await attempt(lab, ['migrations', 'show', '1']);
  t.match(shown, /planned {2}s3 joins, and gets [0-9]+ rules?;/);
  t.match(shown, /\n {2}join +[0-9]+ ms\n {2}lead +[0-9]+ ms\n {2}leave +[0-9]+ ms\n/);
});

t.test('a member with one table', async (t) => {
  const file = path.join(lab.dir, 'flat.yaml');
  for (const consistency of ['strict', 'eventual']) {
    const s2 = 'dpid: 2, encoding: flat';
    fs.writeFileSync(file, fileOf(consistency, '[s1, s2, s3]', s2));
    const { type } = await limevisorJson<{ readonly type: string }>(lab, 'apply', file);
    t.equal(type, 'applied');
    await untilReady(lab);
    await reach(t, all);
    const flows = await lab.ofctl('dump-flows', 's2');
    t.notMatch(flows, /table=[1-9]/, `${consistency}: it has one table`);
    t.match(flows, /priority=40000,in_port=/, 'and the rules, for each way in');
  }
});
