/**
 * Many tenants on ten switches: two vswitches each, two hosts, all with the same addresses.
 * Each host reaches its own in every kind of frame, and nobody gets anything of anybody else's.
 * Then half of them leave and as many others come by one `apply`, and the other half notices
 * nothing.
 *
 * Two dozen; with tests/soak/hundred.soak.ts a hundred, which takes Open vSwitch much longer.
 */
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import t, { type Test } from 'tap';
import { type HostSpec, type Lab, startLab } from '../../examples/lab/lab.ts';
import { everybodySends, kinds } from '../../examples/lab/mesh.ts';
import { isWhole } from '../../examples/lab/mesh-report.ts';
import { startPing } from '../../examples/lab/ping.ts';
import {
  attempt,
  socketOf,
  startLimevisor,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { Framer } from '../../openflow/messages/framer.ts';
import { port as ofpp, version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { Message } from '../../openflow/values/values.ts';
import { flowMod, outputs } from '../slices/rules.ts';

const SWITCHES = 10;
const TENANTS = Number(process.env['TENANTS'] ?? 24);
const switches = Array.from({ length: SWITCHES }, (_, i) => `s${i + 1}`);
const tenants = Array.from({ length: TENANTS }, (_, i) => `t${i}`);
/** A ring with a chord: some ways lead over several switches. */
const links = [
  ...switches.map((name, i) => [`${name}:1`, `s${((i + 1) % SWITCHES) + 1}:2`] as const),
  ['s1:3', 's6:3'] as const,
];

/** Where a tenant's two hosts are plugged in. */
function placesOf(i: number): readonly [string, string] {
  const at = (number: number): string => `s${(number % SWITCHES) + 1}`;
  const port = 10 + 2 * Math.floor(i / SWITCHES);
  return [`${at(i)}:${port}`, `${at(i + 3)}:${port + 1}`];
}

const hosts: readonly HostSpec[] = tenants.flatMap((tenant, i) =>
  placesOf(i).map((at, j) => ({
    name: `${tenant}-h${j + 1}`,
    at,
    ip: `10.0.0.${j + 1}/24`,
    mac: `02:00:00:00:00:0${j + 1}`,
  })),
);

function text(some: readonly string[], prefix = ''): string {
  const tenant = (name: string): string => {
    const [one, other] = placesOf(tenants.indexOf(name));
    const on = (at: string): string => at.slice(0, at.indexOf(':'));
    return `  ${prefix}${name}:
    controllers: ['unix:${lab.dir}/hub']
    vswitches: { a: { dpid: 1, on: ${on(one)} }, b: { dpid: 2, on: ${on(other)} } }
    links: ['a:2 - b:2']
    hosts: { h1: { port: 'a:1', at: '${one}' }, h2: { port: 'b:1', at: '${other}' } }`;
  };
  return some.map(tenant).join('\n');
}

/** Every vswitch that comes is told to flood; how many came and went is counted. */
class Hub {
  came = 0;
  gone = 0;
  readonly #server = net.createServer((socket) => this.#serve(socket));

  constructor(at: string) {
    this.#server.listen(at);
  }

  close(): void {
    this.#server.close();
  }

  #serve(socket: net.Socket): void {
    const say = (message: Message): void => {
      socket.write(encode(version.of13, message));
    };
    this.came += 1;
    say({ type: 'hello', xid: 1, versions: [version.of13] });
    say(flowMod({ xid: 2, instructions: outputs(ofpp.flood) }));
    const framer = new Framer({ frameBytesMax: 0xffff });
    socket.on('close', () => {
      this.gone += 1;
    });
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      framer.push(chunk, (dv, at, length) => {
        const message = decode(version.of13, dv, at, length);
        if (!isError(message) && message.type === 'echoRequest') {
          say({ ...message, type: 'echoReply' });
        }
      });
    });
  }
}

const lab: Lab = await startLab({ switches, links, hosts, controller: 'tcp:127.0.0.1:6653' });
t.teardown(() => lab.stop());
const hub = new Hub(path.join(lab.dir, 'hub'));
t.teardown(() => hub.close());

const physical = `control: here
store: ${path.join(lab.dir, 'limevisor.db')}
listen: [ptcp:6653:127.0.0.1]
datapaths: { ${switches.map((name, i) => `${name}: { dpid: ${i + 1} }`).join(', ')} }
links: [${links.map(([one, other]) => `${one} - ${other}`).join(', ')}]
tenants:
`;
const [stay, leave] = [tenants.slice(0, TENANTS / 2), tenants.slice(TENANTS / 2)];

/** Every vswitch has its rule on its datapath. */
async function served(): Promise<void> {
  await until('two rules of each tenant', 60_000, async () => {
    const { vswitches } = await statusOf(lab);
    // One that was dialled twice has its rule before it is up for good.
    const all = vswitches.filter(({ down, rules, controllers }) => {
      const areUp = controllers.every(({ state }) => state === 'up');
      return down === undefined && rules === 1 && areUp;
    });
    return all.length === 2 * TENANTS ? true : undefined;
  });
}

interface ControllerChange {
  readonly vswitch: string;
  readonly msg: string;
}

/** What Limevisor's log says of connections to controllers. */
function changes(): readonly ControllerChange[] {
  const lines = fs.readFileSync(path.join(lab.dir, 'limevisor.log'), 'utf8').trim().split('\n');
  const all = lines.map((line) => JSON.parse(line) as ControllerChange & { module: string });
  return all.filter(({ module }) => module === 'controller');
}

async function reached(t: Test): Promise<void> {
  const all = Object.entries(await everybodySends(lab));
  t.equal(all.length, TENANTS);
  for (const [tenant, one] of all) {
    if (!isWhole(one) || one.due !== 2 * kinds.length) t.fail(`${tenant}: ${JSON.stringify(one)}`);
  }
}

t.test(`${TENANTS} tenants`, async (t) => {
  const file = path.join(lab.dir, 'hundred.yaml');
  fs.writeFileSync(file, physical + text(tenants));
  await startLimevisor(lab, file);
  await untilReady(lab, 60_000);
  await served();
  await reached(t);
});

t.test('half of them leave, and as many others come', async (t) => {
  const pings = stay.slice(0, 10).map((name) => startPing(lab, `${name}-h1`, '10.0.0.2', 50));
  const { came, gone } = hub;
  const before = changes().length;
  const file = path.join(lab.dir, 'others.yaml');
  const control = `control: ${socketOf(lab)}`;
  const all = physical.replace('control: here', control) + text(stay);
  fs.writeFileSync(file, `${all}\n${text(leave, 'n')}`);
  const { code, stdout, stderr } = await attempt(lab, ['apply', file]);
  t.equal(code, 0, stderr);
  t.match(stdout, /applied/);
  await served();
  for (const ping of pings) t.match(await ping.stop(), { lost: 0, duplicates: 0, errors: 0 });
  await until('the ends of their connections', 20_000, () =>
    hub.gone - gone >= TENANTS ? true : undefined,
  );
  t.ok(hub.came - came >= TENANTS, 'those of half the tenants were disconnected, others have come');
  // One that comes while this process is busy may be dialled twice before it says hello.
  const whose = changes().slice(before);
  const isOfStaying = ({ vswitch }: ControllerChange): boolean =>
    stay.includes(vswitch.slice(0, vswitch.indexOf('/')));
  t.strictSame(whose.filter(isOfStaying), [], 'those that stay were neither left nor dialled');
  t.ok(whose.length >= TENANTS, 'and it would be in the log');
  await reached(t);
});
