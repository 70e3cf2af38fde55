/**
 * What a change of a rule costs on a vswitch with one body, and on big switches of both kinds over
 * the same three bridges in a row, while frames enter at both ends.
 * `node tests/bench/big-switch.ts` prints times from the moment when a controller sends it, in
 * milliseconds (docs/BENCHMARKS.md):
 *
 *   barrier    to the answer of a barrier behind it
 *   in force   to the first packet-in by it of what entered at either end, the later of the two
 */
import fs from 'node:fs';
import path from 'node:path';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import { startLimevisor, untilReady } from '../../examples/lab/programs.ts';
import { type Sender, startSender } from '../../examples/lab/streams.ts';
import { sleep } from '../../examples/lab/wait.ts';
import { fieldOf, oxmNumber } from '../../openflow/match/match.ts';
import { port as ofpp, version } from '../../openflow/values/constants.ts';
import { TestController } from '../live/mirror/controller.ts';
import { bytesOf, flowMod, output, rule } from '../live/mirror/conversation.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 40);
/** A frame every so often at each end. */
const INTERVAL_MS = 2;
const QUIET_MS = 150;
const kinds = {
  ordinary: 'on: s2',
  strict: 'on: [s1, s2, s3]',
  eventual: 'on: [s1, s2, s3], consistency: eventual',
} as const;
type Kind = keyof typeof kinds;
const names = Object.keys(kinds) as Kind[];

const at = (lab: Lab, name: string): string => path.join(lab.dir, name);

function fileText(lab: Lab): string {
  const tenants = names.map(
    (name, i) => `
  ${name}:
    controllers: ['unix:${at(lab, name)}']
    vswitches: { v: { dpid: 1, ${kinds[name]} } }
    hosts: { h1: { port: v:1, at: s1:${i + 1} }, h3: { port: v:3, at: s3:${i + 1} } }`,
  );
  return `control: limevisor.sock
store: limevisor.db
listen: [ptcp:6653:127.0.0.1]
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: [s1:9 - s2:8, s2:9 - s3:8]
tenants:${tenants.join('')}
`;
}

/** The rule comes, and goes again; both times in milliseconds. */
async function round(controller: TestController): Promise<readonly [number, number]> {
  const seen = new Set<number>();
  const startedMs = performance.now();
  controller.send(bytesOf(rule([], [output(ofpp.controller)], { priority: 9 })));
  const answered = controller.barrier().then(() => performance.now() - startedMs);
  await controller.until('a packet-in from each end', () => {
    for (const { message } of controller.take()) {
      if (message.type !== 'packetIn') continue;
      const inPort = fieldOf(message.match, 'in_port');
      if (inPort !== undefined) seen.add(Number(oxmNumber(inPort)));
    }
    return seen.size === 2;
  });
  const inForceMs = performance.now() - startedMs;
  const barrierMs = await answered;
  controller.send(bytesOf(flowMod('delete', {})));
  await controller.barrier();
  await sleep(QUIET_MS);
  controller.take();
  return [barrierMs, inForceMs];
}

function percentile(values: readonly number[], part: number): string {
  const sorted = values.toSorted((one, other) => one - other);
  return (sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN).toFixed(1);
}

async function measure(lab: Lab, kind: Kind, controller: TestController): Promise<void> {
  const senders: readonly Sender[] = ['h1', 'h3'].map((host, i) =>
    startSender(lab, `${kind}-${host}`, '02:00:00:00:00:09', INTERVAL_MS, [`10.1.0.${i}`]),
  );
  await sleep(500);
  const times: (readonly [number, number])[] = [];
  for (let i = 0; i < ROUNDS; i++) times.push(await round(controller));
  for (const one of senders) await one.stop();
  const [barriers, inForce] = [0, 1].map((i) => times.map((one) => one[i] ?? Number.NaN));
  const texts = [barriers, inForce].flatMap((all = []) =>
    [0.5, 0.99].map((p) => percentile(all, p)),
  );
  process.stdout.write(`${[kind.padEnd(9), ...texts.map((text) => text.padStart(14))].join('')}\n`);
}

const lab = await startLab({
  switches: ['s1', 's2', 's3'],
  links: [
    ['s1:9', 's2:8'],
    ['s2:9', 's3:8'],
  ],
  hosts: names.flatMap((kind, i) =>
    [1, 3].map((number) => ({
      ...{ name: `${kind}-h${number}`, at: `s${number}:${i + 1}` },
      ...{ ip: `10.0.0.${number}/24`, mac: `02:00:00:00:00:0${number}` },
    })),
  ),
  controller: 'tcp:127.0.0.1:6653',
});
try {
  const controllers = new Map(
    names.map((name) => [name, new TestController(at(lab, name), version.of13)] as const),
  );
  for (const one of controllers.values()) await one.listening();
  fs.writeFileSync(at(lab, 'big.yaml'), fileText(lab));
  await startLimevisor(lab, at(lab, 'big.yaml'));
  await untilReady(lab);
  const heads = ['barrier p50', 'barrier p99', 'in force p50', 'in force p99'];
  process.stdout.write(`${['ms'.padEnd(9), ...heads.map((one) => one.padStart(14))].join('')}\n`);
  for (const [kind, controller] of controllers) {
    await controller.up();
    await measure(lab, kind, controller);
    controller.close();
  }
} finally {
  await lab.stop();
}
