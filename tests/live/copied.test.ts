/**
 * A vswitch with a copy for tests, on real switches (examples/mirror/): the copy gets what enters,
 * at rest and while the vswitch migrates, its output leaves by one port and nowhere else, what the
 * tenant has made is copied as it changes, and the tenant sees nothing of it.
 */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { Lab } from '../../examples/lab/lab.ts';
import { startPing } from '../../examples/lab/ping.ts';
import { addRule, attempt, socketOf } from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import { isWhole, run } from '../../examples/mirror/mirror.ts';
import { ask, Refused } from '../../hypervisor/operator/client.ts';
import type { MirrorResult } from '../../hypervisor/operator/control-mirrors.ts';
import type { FlowsReport } from '../../hypervisor/operator/report.ts';
import { version } from '../../openflow/values/constants.ts';
import { TestController } from './mirror/controller.ts';

let controller: TestController | undefined;
t.teardown(() => controller?.close());

async function flowsOf(lab: Lab, vswitch: string): Promise<readonly string[]> {
  return (await ask<FlowsReport>(socketOf(lab), 'flows', { vswitch })).flows;
}

/** Rules without counters, times and flags; what is sent up is sent nowhere in the copy. */
function bare(flows: readonly string[]): readonly string[] {
  const rest = /(cookie|duration|n_packets|n_bytes|idle_timeout)=[^,]*, |send_flow_rem /g;
  return flows.map((one) => one.replace(rest, '').replace(/CONTROLLER:\d+/, 'LOCAL')).sort();
}

async function copied(t: Test, lab: Lab): Promise<void> {
  const at = path.join(lab.dir, 'red-v2');
  const ofctl = (...args: string[]) => lab.inside.run(['ovs-ofctl', '-O', 'OpenFlow13', ...args]);
  await ofctl('add-meter', at, 'meter=3,pktps,bands=type=drop,rate=100000');
  await ofctl('add-group', at, 'group_id=5,type=all,bucket=output:1');
  await ofctl('mod-port', at, '1', 'no-flood');
  await addRule(lab, 'red-v2', 'table=1,idle_timeout=100,send_flow_rem,actions=meter:3,group:5');
  await addRule(lab, 'red-v2', 'table=2,priority=3,ip,actions=output:2');
  await addRule(lab, 'red-v2', 'table=2,priority=4,ip,actions=CONTROLLER:65535');
  await ofctl('--strict', 'del-flows', at, 'table=2,priority=3,ip');
  const isSame = async () => {
    const [own, copy] = await Promise.all(['red/v2', 'red~mirror/v2'].map((v) => flowsOf(lab, v)));
    return JSON.stringify(bare(own ?? [])) === JSON.stringify(bare(copy ?? [])) ? true : undefined;
  };
  await until('the copy’s rules', 10_000, isSame).catch(() => undefined);
  t.strictSame(bare(await flowsOf(lab, 'red~mirror/v2')), bare(await flowsOf(lab, 'red/v2')));
  await ofctl('mod-port', at, '1', 'flood');
}

async function unseen(t: Test, lab: Lab): Promise<void> {
  await controller?.up();
  controller?.take();
  await addRule(lab, 'red-v2', 'priority=40009,icmp,actions=CONTROLLER:65535,flood');
  const ping = startPing(lab, 'red-h1', '10.0.0.2');
  const counted = async () => {
    const rule = (await flowsOf(lab, 'red/v2')).find((one) => one.includes('priority=40009'));
    return Number(/n_packets=([0-9]+)/.exec(rule ?? '')?.[1]);
  };
  await until('packets', 10_000, async () => ((await counted()) > 20 ? true : undefined));
  const { sent } = await ping.stop();
  const ups = () => controller?.count('packetIn') ?? 0;
  const isEven = async () => (ups() === (await counted()) && ups() >= 2 * sent ? true : undefined);
  await until('a packet-in for each packet', 10_000, isEven).catch(() => undefined);
  t.equal(ups(), await counted(), 'no packet-in is doubled');
  t.equal(controller?.count('portStatus'), 0);
  const del = ['ovs-ofctl', '-O', 'OpenFlow13', '--strict', 'del-flows'];
  await lab.inside.run([...del, path.join(lab.dir, 'red-v2'), 'priority=40009,icmp']);
}

/** A whole tenant. */
async function more(t: Test, lab: Lab): Promise<void> {
  const mirror = (params: object) => ask<MirrorResult>(socketOf(lab), 'mirror', params);
  const { mirrors } = await mirror({ names: ['red'], to: 's9:4' });
  const vlans = mirrors.flatMap((one) => Object.values(one.vlans));
  t.strictSame(mirrors.map(({ vswitch }) => vswitch).sort(), ['red/v1', 'red/v2']);
  t.strictSame([...vlans].sort(), [1, 2, 3, 4], 'a VLAN for each port');
  await mirror({ names: ['red/v1'], off: true });
}

const why = (lab: Lab, params: object): Promise<unknown> =>
  ask(socketOf(lab), 'mirror', params).catch((error: unknown) => {
    if (error instanceof Refused) return error.message;
    throw error;
  });

async function refusals(t: Test, lab: Lab): Promise<void> {
  const names = ['blue'];
  t.match(await why(lab, { names, to: 's1:1' }), /s1:1 is the port of red\/h1/);
  t.match(await why(lab, { names, to: 's9:8' }), /s9:8 is an end of the link s3:9 - s9:8/);
  t.match(await why(lab, { names, to: 's2:7' }), /blue\/v lives on s2 itself; mirror it to/);
  t.match(await why(lab, { names, to: 's7:1' }), /no datapath "s7"/);
  t.match(await why(lab, { names: ['green'], to: 's9:4' }), /no vswitch or tenant "green"/);
  t.match(await why(lab, { names, off: true }), /nothing is mirrored/);
  const { code, stderr } = await attempt(lab, ['mirror', 'blue']);
  t.equal(code, 2);
  t.match(stderr, /--to s9:4/);
}

async function otherFile(t: Test, lab: Lab): Promise<void> {
  const { stdout: shown } = await attempt(lab, ['show']);
  t.notMatch(shown, /mirror/, 'no file has it');
  const file = path.join(lab.dir, 'other.yaml');
  fs.writeFileSync(
    file,
    shown.replace('h2: { port: v:2', 'h3: { port: v:3, at: s9:5 }\n      h2: { port: v:2'),
  );
  t.equal((await attempt(lab, ['apply', file])).code, 0);
  fs.writeFileSync(
    file,
    shown.replace('h2: { port: v:2', 'h3: { port: v:3, at: s9:4 }\n      h2: { port: v:2'),
  );
  const taken = await attempt(lab, ['apply', file]);
  t.equal(taken.code, 4);
  t.match(taken.stderr, /red\/v2 is mirrored to s9:4, and s9:4 is the port of blue\/h3/);
  const { mirrors } = await ask<MirrorResult>(socketOf(lab), 'mirrors', {});
  t.match(mirrors, [{ vswitch: 'red/v2', at: 's9:4', why: '' }], 'it stays');
  const { stdout } = await attempt(lab, ['status']);
  t.match(stdout, /red~mirror\/v2 .* up, the copy of red\/v2/);
}

t.test('a copy for tests', async (t) => {
  const seen = await run(
    () => undefined,
    async (lab) => {
      await copied(t, lab);
      await unseen(t, lab);
      await refusals(t, lab);
      await more(t, lab);
      await otherFile(t, lab);
    },
    async (lab) => {
      controller = new TestController(path.join(lab.dir, 'red'), version.of13);
      await controller.listening();
    },
  );
  t.ok(isWhole(seen), JSON.stringify(seen, undefined, 1));
  t.equal(seen.moved, 'done');
  const { captured, red } = seen.phases.moving;
  const requests = captured[seen.vlans.host]?.['request'] ?? 0;
  t.ok(requests > red.sent / 2, `copies go on while it migrates: ${requests} of ${red.sent}`);
});
