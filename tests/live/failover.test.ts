/**
 * A cable is cut, and there is another way: packets go there at once, and no tenant hears of it.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { type Lab, portName, startLab } from '../../examples/lab/lab.ts';
import { startLimevisor, statusOf, untilReady } from '../../examples/lab/programs.ts';
import { compared, startReceiver, startSender } from '../../examples/lab/streams.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import { triangle } from './topologies.ts';

const H2 = '02:00:00:00:00:02';
const STREAM = '10.9.0.1';

const file = `
control: here
listen: ['ptcp:6653:127.0.0.1']
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

async function started(): Promise<Lab> {
  const lab = await startLab(triangle('s1:1', 's2:1'));
  const config = path.join(lab.dir, 'triangle.yaml');
  writeFileSync(config, file.replaceAll('DIR', lab.dir));
  await startLimevisor(lab, config);
  await untilReady(lab);
  for (const name of ['v', 'w']) {
    const socket = path.join(lab.dir, name);
    await lab.inside.run(['ovs-ofctl', '-O', 'OpenFlow13', 'add-flow', socket, 'actions=flood']);
  }
  return lab;
}

const cable = (lab: Lab, end: string, state: 'up' | 'down') =>
  lab.inside.run(['ip', 'link', 'set', portName(end), state]);

async function linkStates(lab: Lab): Promise<readonly string[]> {
  const { vswitches } = await statusOf(lab);
  return vswitches.flatMap(({ name, ports }) =>
    ports.map(({ port, state }) => `${name}:${port} ${state}`),
  );
}

t.test('a triangle: the direct cable is cut, and comes back', async (t) => {
  const lab = await started();
  t.teardown(() => lab.stop());
  const before = await linkStates(lab);
  const receiver = await startReceiver(lab, 'h2');
  const sender = startSender(lab, 'h1', H2, 1, [STREAM]);
  await sleep(1_000);
  await cable(lab, 's1:4', 'down');
  await sleep(1_000);
  t.same(await linkStates(lab), before, 'the virtual link is up');
  const { [STREAM]: cut } = await compared([sender], receiver);
  t.comment(`cut: ${JSON.stringify(cut)}`);
  t.ok((cut?.lost ?? 1_000) < 300, 'packets go by s3');

  const again = await startReceiver(lab, 'h2');
  const steady = startSender(lab, 'h1', H2, 1, [STREAM]);
  await cable(lab, 's1:4', 'up');
  await until('its way is the direct one again', 20_000, async () => {
    const { datapaths } = await statusOf(lab);
    const through = datapaths.find(({ name }) => name === 's3')?.through ?? [];
    return through.length === 0 ? true : undefined;
  });
  await sleep(500);
  const { [STREAM]: back } = await compared([steady], again);
  t.match(back, { lost: 0, doubled: 0 }, 'nothing is lost on the way back');

  await cable(lab, 's1:4', 'down');
  await cable(lab, 's1:3', 'down');
  await until('no way is left', 10_000, async () => {
    const states = await linkStates(lab);
    return states.join() === before.join() ? undefined : true;
  });
  await cable(lab, 's1:3', 'up');
  await until('one is back', 10_000, async () => {
    const states = await linkStates(lab);
    return states.join() === before.join() ? true : undefined;
  });
});
