/**
 * A vswitch on three datapaths for good (`bodies: 3`), on real switches: each processes what enters
 * there, so a hot switch's load is spread by where its hosts are plugged in;
 * and one that dies costs what its own hosts send and get, and nobody else a packet; when it stays
 * away, another datapath takes its place. Prints all of it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { reaches, startPing } from '../../examples/lab/ping.ts';
import { addRule, startLimevisor, statusOf, untilReady } from '../../examples/lab/programs.ts';
import { triangle } from '../../examples/lab/topologies.ts';
import { sleep, until } from '../../examples/lab/wait.ts';

const MEMBERS = ['s1', 's2', 's3'] as const;
const HOSTS = ['h1', 'h2', 'h3'] as const;
const three = triangle('s1:1', 's2:1', 's3:5');
const spare = [
  ['s1:5', 's4:1'],
  ['s3:6', 's4:2'],
] as const;
const links = [...three.links, ...spare];
const lab = await startLab({ ...three, switches: [...three.switches, 's4'], links });
t.teardown(() => lab.stop());
const file = path.join(lab.dir, 'bodies.yaml');
fs.writeFileSync(
  file,
  `control: limevisor.sock
store: ${path.join(lab.dir, 'limevisor.db')}
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links: [${links.map((ends) => ends.join(' - ')).join(', ')}]
failover: { replace: 3s }
tenants:
  red:
    vswitches:
      hot:
        { dpid: 7, bodies: 3, listen: 'punix:${lab.dir}/hot' }
    hosts:
      h1: { port: hot:1, at: s1:1 }
      h2: { port: hot:2, at: s2:1 }
      h3: { port: hot:3, at: s3:5 }
`,
);
await startLimevisor(lab, file);
await untilReady(lab);
await addRule(lab, 'hot');

/** Of the tenant's rule: what this member has processed. */
async function processedBy(bridge: string): Promise<number> {
  const text = await lab.ofctl('dump-flows', bridge, 'table=2');
  return Number(/n_packets=([0-9]+)/.exec(text)?.[1] ?? 0);
}

/** By its host: frames of all kinds. */
async function sentBy(host: string): Promise<number> {
  const argv = ['ip', '-s', '-j', 'link', 'show', 'dev', 'eth0'];
  const [{ stats64 }] = JSON.parse(await lab.inside.run(lab.on(host, argv)));
  return stats64.tx.packets;
}

/** So many more than now, each. */
async function countedOf(
  read: readonly (() => Promise<number>)[],
): Promise<() => Promise<readonly number[]>> {
  const now = () => Promise.all(read.map((one) => one()));
  const before = await now();
  return async () => (await now()).map((count, i) => count - (before[i] ?? 0));
}

const pingPair = () =>
  [startPing(lab, 'h1', '10.0.0.3'), startPing(lab, 'h2', '10.0.0.1')] as const;

/** How many there are of tenants. */
async function rulesOn(bridge: string): Promise<number> {
  const text = await lab.ofctl('dump-flows', bridge, 'table=2');
  return text.match(/n_packets=/g)?.length ?? 0;
}

t.test('load by where it enters; a body that dies is missed by its hosts only', async (t) => {
  for (const [host, last] of [
    ['h1', 3],
    ['h2', 1],
    ['h3', 2],
  ] as const) {
    await until(`an answer to ${host}`, 20_000, async () =>
      (await reaches(lab, host, `10.0.0.${last}`)) ? true : undefined,
    );
  }
  // A switch counts what its caches forwarded up to half a second later.
  await sleep(1_000);
  const processed = await countedOf(MEMBERS.map((name) => () => processedBy(name)));
  const entered = await countedOf(HOSTS.map((name) => () => sentBy(name)));
  const round = [...pingPair(), startPing(lab, 'h3', '10.0.0.2')];
  await until('100 packets of each', 20_000, async () => {
    return (await entered()).every((count) => count > 100) || undefined;
  });
  for (const one of round) await one.stop();
  const isCounted = async (): Promise<true | undefined> =>
    isDeepStrictEqual(await processed(), await entered()) || undefined;
  await until('each has processed what enters there', 10_000, isCounted);
  t.comment(`processed by s1, s2, s3: ${(await processed()).join(', ')} frames`);
  const pings = pingPair();
  await lab.vsctl('del-br', 's2');
  const diedMs = Date.now();
  const replaced = await until('another body', 30_000, async () => {
    const { on } = (await statusOf(lab)).vswitches[0] ?? {};
    return on?.includes('s4') === true && !on.includes('s2') ? on : undefined;
  });
  t.strictSame([...replaced].sort(), ['s1', 's3', 's4']);
  t.comment(`${Date.now() - diedMs} ms later it has a body on s4 instead`);
  t.equal(await rulesOn('s4'), await rulesOn('s1'), 'it has all rules');
  await sleep(300);
  const [others, own] = [await pings[0].stop(), await pings[1].stop()];
  t.comment(
    `s2 died: its host lost ${own.lost} of ${own.sent}, others ${others.lost} of ${others.sent}`,
  );
  t.equal(others.lost, 0, 'nobody else');
  t.equal(others.duplicates, 0);
  t.ok(own.lost > 0, 'its own host is cut off');
});
