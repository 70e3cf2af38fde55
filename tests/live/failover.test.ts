/**
 * Cables are cut and a switch on the way is killed, while packets go by (examples/failover/): a
 * loss is short, no tenant hears of it while there is a way, and the port goes when none is left.
 * Without paths beside each, and on switches of one table, too.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import * as example from '../../examples/failover/failover.ts';
import { type Lab, portName, type Spoken, startLab } from '../../examples/lab/lab.ts';
import { addRule, portStates, startLimevisor, untilReady } from '../../examples/lab/programs.ts';
import { compared, startReceiver, startSender } from '../../examples/lab/streams.ts';
import { triangle } from '../../examples/lab/topologies.ts';
import { sleep, until } from '../../examples/lab/wait.ts';

const H2 = '02:00:00:00:00:02';
const STREAM = '10.9.0.1';

const file = `
control: here
listen: ['ptcp:6653:127.0.0.1']
failover: { revert: 1s }
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: ['s1:3 - s3:1', 's2:3 - s3:2', 's1:4 - s2:4']
tenants:
  red:
    vswitches:
      v: { dpid: 1, on: s1, listen: ['punix:DIR/v'] }
      w: { dpid: 2, on: s2, listen: ['punix:DIR/w'] }
    hosts: { h1: { port: 'v:1', at: 's1:1' }, h2: { port: 'w:1', at: 's2:1' } }
    links: ['v:2 - w:2']
`;

async function started(speaks: Spoken): Promise<Lab> {
  const spoken = Object.fromEntries(['s1', 's2', 's3'].map((name) => [name, speaks]));
  const lab = await startLab({ ...triangle('s1:1', 's2:1'), speaks: spoken });
  const config = path.join(lab.dir, 'triangle.yaml');
  writeFileSync(config, file);
  await startLimevisor(lab, config);
  await untilReady(lab);
  for (const name of ['v', 'w']) await addRule(lab, name, undefined, speaks);
  return lab;
}

const cable = (lab: Lab, end: string, state: 'up' | 'down') =>
  lab.inside.run(['ip', 'link', 'set', portName(end), state]);

t.test('the example: next to a cut, two hops away, a switch that is killed', async (t) => {
  const { all, down } = await example.run(() => undefined);
  for (const loss of all) t.ok(example.isShort(loss), `${loss.what}: ${loss.lost} lost`);
  t.equal(all.length, 5);
  t.strictSame(down, [], 'the tenant’s ports');
});

t.test('next to a cut a switch goes over by itself, while Limevisor is stopped', async (t) => {
  const { lab, limevisor } = await example.startExample();
  t.teardown(() => lab.stop());
  const before = await portStates(lab);
  const receiver = await startReceiver(lab, 'h2', 50);
  const sender = startSender(lab, 'h1', H2, 1, [STREAM]);
  const came = () => receiver.counts()[STREAM] ?? 0;
  await until('frames come', 20_000, () => (came() > 0 ? true : undefined));
  await limevisor.signal('SIGSTOP');
  await cable(lab, 's1:3', 'down');
  const [atCut, wanted] = [came(), 500];
  await until('they come by s4', 20_000, () => (came() > atCut + wanted ? true : undefined));
  const { [STREAM]: cut } = await compared([sender], receiver);
  await limevisor.signal('SIGCONT');
  t.ok((cut?.lost ?? 1_000) <= 150, `${cut?.lost} lost`);
  await cable(lab, 's1:3', 'up');
  t.equal(await portStates(lab), before, 'its tenant’s ports are as they were');
});

for (const speaks of ['OpenFlow13', 'OpenFlow10'] as const) {
  t.test(`a triangle of ${speaks}, without paths beside each`, async (t) => {
    const lab = await started(speaks);
    t.teardown(() => lab.stop());
    const before = await portStates(lab);
    const receiver = await startReceiver(lab, 'h2');
    const sender = startSender(lab, 'h1', H2, 1, [STREAM]);
    await sleep(500);
    await cable(lab, 's1:4', 'down');
    await sleep(1_000);
    t.equal(await portStates(lab), before, 'the virtual link is up');
    const { [STREAM]: cut } = await compared([sender], receiver);
    t.ok((cut?.lost ?? 1_000) < 600, `${cut?.lost} lost until they go by s3`);

    await cable(lab, 's1:3', 'down');
    await until('no way is left', 10_000, async () =>
      (await portStates(lab)) === before ? undefined : true,
    );
    await cable(lab, 's1:3', 'up');
    await until('one is back', 10_000, async () =>
      (await portStates(lab)) === before ? true : undefined,
    );
  });
}
