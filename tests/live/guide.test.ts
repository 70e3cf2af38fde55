/**
 * docs/GUIDE.md's chapters whose commands make a network, typed as they stand there and in their
 * order: the first network, and one of an owner's own, also asked about over the API. Commands of
 * other chapters are about networks that they do not make, or, in "Nobody has to type the cables",
 * print what has connected so far (tests/live/discovery.test.ts waits for that): they are held to
 * the command line (tests/hypervisor/documented.test.ts), and examples/ types their like.
 *
 * And that the first chapter's bridges keep tenants apart.
 *
 * A bridge that is set up otherwise may have hidden entries (in-band control) which carry frames
 * past all rules: then there has to be an alarm that says what to type.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import { root, socketOf, startLimevisor, untilReady } from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { StatusReport } from '../../hypervisor/operator/report.ts';

const guide = readFileSync(path.join(root, 'docs/GUIDE.md'), 'utf8');

/** The code blocks of a chapter, in their order. */
function blocksOf(chapter: string): readonly string[] {
  const found = guide.split('\n## ').find((one) => one.startsWith(`${chapter}\n`));
  if (found === undefined) throw new Error(`the guide has no chapter "${chapter}"`);
  return found
    .split('```')
    .filter((_, i) => i % 2 === 1)
    .map((block) => block.replace(/^\w*\n/, ''));
}

/** The bridges, the file, the run, the end. */
const [bridges = '', file = '', run = '', away = ''] = blocksOf(
  'A network of your own, in five minutes',
);

/** A machine where Open vSwitch runs, as the guide asks for. */
async function machine(): Promise<Lab> {
  const lab = await startLab({ switches: [], links: [], hosts: [], controller: 'none' });
  await lab.inside.run(['ln', '-s', lab.dir, '/run/openvswitch']);
  writeFileSync(path.join(lab.dir, 'first.yaml'), file);
  return lab;
}

function type(lab: Lab, lines: string): Promise<string> {
  // What runs in the background would keep us waiting when a line fails.
  const ended = 'trap "kill \\$(jobs -p) 2>/dev/null || true" EXIT';
  const before = `cd ${lab.dir}; PATH=${root}:$PATH; ${ended}; set -e\n`;
  return lab.inside.run(['bash', '-c', `exec 2>&1; ${before}${lines}`]);
}

t.test('the lines of the guide', async (t) => {
  const lab = await machine();
  t.teardown(() => lab.stop());
  const said = await type(lab, `${bridges}\n${run}\n${away}`);
  t.match(said, /^ready$/m, 'it says when it serves');
  t.match(said, /first.yaml is fine/);
  t.match(said, / 0% packet loss/);
  t.match(said, /red\/v lives on s2 now/);
  t.match(said, /red\/v .* s2 +\d+ +up/, 'status');
  t.notMatch(said, /WARNING/);
  t.equal(await lab.vsctl('list-br'), '');
});

/** Ends what the chapter has begun, where the guide does not say so. */
const end = 'kill %1; wait %1 || true\n';

t.test('the chapter of an owner, and what it asks the API', async (t) => {
  const lab = await machine();
  t.teardown(() => lab.stop());
  const [offers = '', operator = '', owner = ''] = blocksOf("A network of one's own");
  const [, python = ''] = blocksOf('The API');
  const [curl = ''] = (blocksOf('The API')[0] ?? '').replaceAll(/^\$ /gm, '').split(/\n(?=curl)/);
  writeFileSync(path.join(lab.dir, 'lab.yaml'), offers);
  writeFileSync(path.join(lab.dir, 'ask.py'), python);
  const home = `export XDG_CONFIG_HOME=${lab.dir}/home\n`;
  const typed = [bridges, home, operator, curl, '\n', owner];
  const rest = await type(lab, `${typed.join('')}\npython3 ask.py\n${end}`);
  t.match(rest, /^ready$/m);
  t.match(rest, /"datapaths":\[\{"name":"s1"/, 'curl asks');
  t.match(rest, /ann, owner/);
  t.match(rest, /big-switch@ann is made; it ends .*\nready after/);
  t.match(rest, / 0% packet loss/);
  t.match(rest, /big-switch@ann\/sw +0000000000000001 +up/);
  t.match(rest, /big-switch@ann is deleted/);
});

const twoTenants = `
control: here
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [s1:3 - s2:3]
tenants:
  red:
    vswitches: { v: { dpid: 1, on: s1, listen: ['punix:red.sock'] } }
    hosts: { h1: { port: v:1, at: s1:1 }, h2: { port: v:2, at: s2:1 } }
  blue:
    vswitches: { v: { dpid: 1, on: s1, listen: ['punix:blue.sock'] } }
    hosts: { b1: { port: v:1, at: s1:2 }, b2: { port: v:2, at: s2:2 } }
`;

/** The guide's bridges, and a second tenant's hosts beside the first's. */
async function twoTenantsOn(lab: Lab): Promise<void> {
  await type(lab, bridges);
  for (const s of [1, 2]) {
    await lab.inside.run(['ip', 'netns', 'add', `b${s}`]);
    const peer = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', `b${s}`];
    await lab.inside.run(['ip', 'link', 'add', `s${s}-2`, ...peer]);
    await lab.inside.run(['ip', '-n', `b${s}`, 'link', 'set', 'eth0', 'up']);
    await lab.inside.run(['ip', 'link', 'set', `s${s}-2`, 'up']);
    const request = ['set', 'interface', `s${s}-2`, 'ofport_request=2'];
    await lab.vsctl('add-port', `s${s}`, `s${s}-2`, '--', ...request);
  }
  writeFileSync(
    path.join(lab.dir, 'two.yaml'),
    twoTenants.replaceAll('punix:', `punix:${lab.dir}/`),
  );
  await startLimevisor(lab, path.join(lab.dir, 'two.yaml'));
  await untilReady(lab);
  for (const tenant of ['red', 'blue']) {
    const socket = path.join(lab.dir, `${tenant}.sock`);
    await lab.inside.run(['ovs-ofctl', '-O', 'OpenFlow13', 'add-flow', socket, 'actions=flood']);
  }
}

const script = path.join(root, 'tests/live/past-the-rules.py');

/** What each host gets of what red's h1 sends: known when red's h2 has all of it. */
async function received(lab: Lab): Promise<Readonly<Record<string, readonly string[]>>> {
  const hosts = ['h2', 'b1', 'b2'];
  const listening = hosts.map((host) => {
    const log = path.join(lab.dir, `${host}-${Date.now()}`);
    return {
      host,
      log,
      running: lab.inside.start(lab.on(host, ['python3', script, 'receive', 'eth0']), log),
    };
  });
  const said = (log: string) => readFileSync(log, 'utf8').trim().split('\n');
  await until('the listeners', 30_000, () =>
    listening.every(({ log }) => said(log)[0] === 'ready') ? true : undefined,
  );
  await lab.inside.run(lab.on('h1', ['python3', script, 'send', 'eth0']));
  await until('red’s own frames', 30_000, () => {
    const first = listening[0];
    return first && said(first.log).includes('plain') ? true : undefined;
  });
  for (const { running } of listening) await running.end('SIGKILL');
  return Object.fromEntries(listening.map(({ host, log }) => [host, said(log).slice(1)]));
}

async function warnings(lab: Lab): Promise<readonly string[]> {
  const { datapaths } = await ask<StatusReport>(socketOf(lab), 'status', {});
  return datapaths.flatMap((one) => one.warnings.map((why) => `${one.name}: ${why}`));
}

t.test('tenants on the guide’s bridges', async (t) => {
  const lab = await machine();
  t.teardown(() => lab.stop());
  await twoTenantsOn(lab);
  const kinds = ['from', 'plain', 'reply', 'request', 'to'];
  const apart = await received(lab);
  t.same([...(apart['h2'] ?? [])].sort(), kinds, 'red gets what is red’s');
  t.same([apart['b1'], apart['b2']], [[], []], 'blue gets nothing of it');
  t.same(await warnings(lab), []);

  // Somebody takes the word away: no controller can see what the bridge does from now on.
  await lab.vsctl('remove', 'bridge', 's1', 'other-config', 'disable-in-band');
  const [warning = ''] = await until('the alarm', 60_000, async () => {
    const all = await warnings(lab);
    return all.length > 0 ? all : undefined;
  });
  const leaked = await received(lab);
  t.ok((leaked['b1'] ?? []).length > 0, 'what the alarm is about: blue gets frames of red’s');
  t.match(warning, /^s1: in-band control is on: .* type: (.*)$/);
  t.match(readFileSync(path.join(lab.dir, 'limevisor.log'), 'utf8'), /tenants are not isolated/);

  // What it says to type is what helps.
  await type(lab, warning.replace(/.*type: /, ''));
  await until('the end of the alarm', 60_000, async () =>
    (await warnings(lab)).length === 0 ? true : undefined,
  );
  const again = await received(lab);
  t.same([again['b1'], again['b2']], [[], []]);
});
