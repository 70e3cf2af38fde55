/**
 * What Limevisor takes of a controller's throughput, beside what the paper's prototype took (LIME,
 * section 5: cbench in throughput mode, 10 switches, 100 hosts each; Floodlight processed 9,702.34
 * packet-ins a second without LIME and 9,046.16 with it, 6.8 % less). Part of `make bench`; run
 * with `node tests/bench/throughput.ts`; LOOPS=5 LOOP_MS=1000 for more.
 *
 *   none     switches connect to the controller itself
 *   relay    a proxy that frames and copies: what any program in between takes that is written in
 *            TypeScript, without anything that could migrate
 *   serves   Limevisor, while nothing migrates
 *   cloned   Limevisor, while all ten vswitches have a second body: each rule goes to two switches
 *
 * As many packet-ins as keep the controller busy are on their way, and answers are counted: of a
 * learning switch on os-ken, as people run it, a packet-out behind each rule; of a program that
 * does nothing else, a rule. The four take turns, and ratios are medians of those of one turn.
 */
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { needPrograms } from '../../examples/lab/processes.ts';
import { root } from '../../examples/lab/programs.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { MigrateResult } from '../../hypervisor/operator/migration-asked.ts';
import type { StatusReport } from '../../hypervisor/operator/report.ts';
import { header } from '../../openflow/messages/messages.ts';
import { version } from '../../openflow/values/constants.ts';
import { End } from './end.ts';
import * as frames from './frames.ts';
import { median } from './load.ts';
import { CABLE, type Counted, HOSTS, IN, LoadSwitch, OUT } from './load-switch.ts';
import {
  freePort,
  listening,
  type Middle,
  nothing,
  runLimevisor,
  start,
  startRelay,
  stop,
} from './middle.ts';
import { numbersOf } from './numbers.ts';
import { fixed, table, thousands } from './report.ts';
import { reflect } from './switch.ts';

const LOOPS = Number(process.env['LOOPS'] ?? 5);
const LOOP_MS = Number(process.env['LOOP_MS'] ?? 1_000);
const SWITCHES = 10;
const OTHER_DPID = 2 * SWITCHES + 1;
const READY_MS = 60_000;
const QUIET_MS = 200;
const numbers = numbersOf(version.of13);

interface Controller {
  readonly port: number;
  stop(): Promise<void> | void;
}

/** A controller that answers each packet-in with a rule, and does nothing else. */
async function startLean(): Promise<Controller> {
  const { bytes, ruleAt } = frames.flowMod(version.of13, 0);
  const server = net.createServer((socket) => {
    let host = 0;
    const onFrame = (end: End, dv: DataView, at: number, length: number): void => {
      const type = header.get.type(dv, at);
      if (type === numbers.hello) {
        end.bytes(frames.featuresRequest(version.of13).bytes);
        end.bytes(frames.tableMiss(version.of13, 0).bytes);
      } else if (type === numbers.packetIn) {
        end.bytes(bytes).setUint32(end.at - bytes.length + ruleAt, host);
        host = (host + 1) % HOSTS;
      } else if (type === numbers.echoRequest) reflect(end, dv, at, length, numbers.echoReply);
    };
    new End(socket, onFrame, () => undefined).bytes(frames.hello(version.of13).bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { port, stop: () => void server.close() };
}

/** A learning switch on os-ken, as a tenant would write it. */
async function startOsken(): Promise<Controller> {
  needPrograms({ '/usr/bin/osken-manager': 'python3-os-ken' });
  const port = await freePort();
  const at = ['--ofp-listen-host', '127.0.0.1', '--ofp-tcp-listen-port', String(port)];
  const app = path.join(root, 'examples/controllers/learning_switch.py');
  const argv = ['/usr/bin/python3', '-W', 'ignore', '/usr/bin/osken-manager', '--nouse-stderr'];
  // Rules without time-outs; what it says of each packet is for others.
  const line = `LEARNING_IDLE_SEC=0 exec "$0" "$@" >/dev/null`;
  const { process } = start('sh', ['-c', line, ...argv, ...at, app]);
  await listening(port);
  return { port, stop: () => stop(process) };
}

/** Vswitches v1 to v10 on s1 to s10, each with a cable to where it goes; and a late host. */
const textOf = (own: string, port: number, controllerPort: number): string => {
  const all = Array.from({ length: SWITCHES }, (_, i) => i + 1);
  return `listen: ['ptcp:${port}:127.0.0.1']
control: ${path.join(own, 'control.sock')}
store: ${path.join(own, 'store.db')}
datapaths:
${all.map((i) => `  s${i}: { dpid: ${i}, ack: barrier }`).join('\n')}
${all.map((i) => `  c${i}: { dpid: ${SWITCHES + i}, ack: barrier }`).join('\n')}
  other: { dpid: ${OTHER_DPID}, ack: barrier }
links:
${all.map((i) => `  - s${i}:${CABLE} - c${i}:${CABLE}`).join('\n')}
  - s1:4 - other:4
tenants:
  red:
    controllers: ['tcp:127.0.0.1:${controllerPort}']
    vswitches:
${all.map((i) => `      v${i}: { dpid: ${i}, on: s${i} }`).join('\n')}
    hosts:
${all.map((i) => `      h${i}: { port: v${i}:${IN}, at: s${i}:${IN} }`).join('\n')}
${all.map((i) => `      o${i}: { port: v${i}:${OUT}, at: s${i}:${OUT} }`).join('\n')}
  blue:
    vswitches: { w: { dpid: 1, on: s1 } }
    hosts: { late: { port: w:1, at: s1:5 } }
`;
};

interface Rate {
  readonly perSecond: number;
  /** Of the middle, for each answer. */
  readonly cpuUs: number;
}

const isServed = ({ controllers }: StatusReport['vswitches'][number]): boolean =>
  controllers.every(({ state }) => state === 'up');

/** A middle with switches around it, and the controller that it has for itself. */
class Case {
  readonly name: string;
  readonly #controller: Controller;
  readonly #middle: Middle;
  readonly #switches: readonly LoadSwitch[];
  /** Those that vswitches are cloned to, and where a host goes. */
  #others: readonly LoadSwitch[] = [];

  private constructor(name: string, controller: Controller, middle: Middle, counted: Counted) {
    this.name = name;
    this.#controller = controller;
    this.#middle = middle;
    const isBelow = name === 'serves' || name === 'cloned';
    this.#switches = Array.from({ length: SWITCHES }, (_, i) => {
      return new LoadSwitch(middle.port, i + 1, isBelow, counted);
    });
  }

  static async start(name: string, controller: Controller, counted: Counted): Promise<Case> {
    const { port } = controller;
    if (name === 'none') return new Case(name, controller, nothing(port), counted);
    if (name === 'relay') return new Case(name, controller, await startRelay(port), counted);
    const limevisor = await runLimevisor((own, at) => textOf(own, at, port), undefined);
    const made = new Case(name, controller, limevisor, counted);
    const control = path.join(limevisor.own, 'control.sock');
    made.#others = Array.from({ length: SWITCHES + 1 }, (_, i) => {
      return new LoadSwitch(limevisor.port, SWITCHES + i + 1, true, counted);
    });
    await until('all datapaths and controllers', READY_MS, async () => {
      const { datapaths, vswitches } = await ask<StatusReport>(control, 'status', {});
      const areReady = datapaths.every(({ state }) => state === 'ready');
      return (areReady && vswitches.every(isServed)) || undefined;
    });
    if (name === 'cloned') await made.#clone(control);
    return made;
  }

  /** All of red's vswitches get a second body, and wait then for a host that nobody moves. */
  async #clone(control: string): Promise<void> {
    const to = Array.from({ length: SWITCHES }, (_, i) => `red/v${i + 1}=c${i + 1}`);
    const names = { vswitch: ['blue/late', 'red'], to: ['blue/late=other:1', ...to] };
    const how = { strategy: 'lime', driver: ['manual'], inOrder: true, movesAtOnce: '1' };
    const refused = ask<MigrateResult>(control, 'migrate', { ...names, ...how });
    let why = '';
    refused
      .then((result) => (why = JSON.stringify(result.plan)))
      .catch((error) => (why = `${error}`));
    await until('all clones', READY_MS, async () => {
      if (why !== '') throw new Error(why);
      const { migrations } = await ask<StatusReport>(control, 'status', {});
      const ready = migrations.filter(({ state }) => state.type === 'ready');
      return ready.length === SWITCHES || undefined;
    });
  }

  /** Answers a second, over a while. */
  async loop(ms: number): Promise<Rate> {
    const startedMs = performance.now();
    const cpuNs = this.#middle.cpuNs();
    for (const one of this.#switches) one.begin();
    await sleep(ms);
    const count = this.#switches.reduce((sum, one) => sum + one.end(), 0);
    const perSecond = (count * 1_000) / (performance.now() - startedMs);
    const cpuUs = (this.#middle.cpuNs() - cpuNs) / 1e3 / Math.max(1, count);
    // What is on its way comes to an end, with a slow controller, too.
    await this.#quiet();
    if (this.name === 'cloned') this.#mustBeCloned();
    return { perSecond, cpuUs };
  }

  #mustBeCloned(): void {
    const [own, others] = [this.#switches, this.#others].map((all) =>
      all.reduce((sum, { rules }) => sum + rules, 0),
    );
    for (const one of this.#others) one.rules = 0;
    // The last of them may still be on their way.
    const areBoth = own !== undefined && others !== undefined && others > 0 && others >= own / 2;
    if (!areBoth) throw new Error(`of ${own} rules ${others} came to the second bodies`);
  }

  async #quiet(): Promise<void> {
    const sum = (): number => this.#switches.reduce((all, one) => all + one.count, 0);
    for (let last = -1; last !== sum(); ) {
      last = sum();
      await sleep(QUIET_MS);
    }
  }

  async stop(): Promise<void> {
    for (const one of [...this.#switches, ...this.#others]) one.close();
    await this.#middle.stop();
    await this.#controller.stop();
  }
}

const names = ['none', 'relay', 'serves', 'cloned'] as const;

async function measure(
  name: string,
  startController: () => Promise<Controller>,
  counted: Counted,
): Promise<readonly string[]> {
  const cases: Case[] = [];
  for (const one of names) cases.push(await Case.start(one, await startController(), counted));
  const rounds: Rate[][] = [];
  // The first is to warm up.
  for (let i = 0; i <= LOOPS; i += 1) {
    const round: Rate[] = [];
    for (const one of cases) round.push(await one.loop(LOOP_MS));
    if (i > 0) rounds.push(round);
  }
  for (const one of cases) await one.stop();
  const of = (i: number, what: keyof Rate): number =>
    median(rounds.map((round) => round[i]?.[what] ?? Number.NaN));
  const ratio = (i: number, to: number): string => {
    const all = rounds.map((round) => (round[i]?.perSecond ?? 0) / (round[to]?.perSecond ?? 1));
    return change(median(all));
  };
  const rates = names.map((_, i) => thousands(of(i, 'perSecond')));
  const cpu = [1, 2, 3].map((i) => fixed(of(i, 'cpuUs'), 1)).join(' / ');
  return [name, ...rates, ratio(1, 0), ratio(2, 0), ratio(3, 0), ratio(3, 2), cpu];
}

function change(ratio: number): string {
  const percent = (ratio - 1) * 100;
  return `${percent > 0 ? '+' : ''}${fixed(percent, 1)} %`;
}

const head = ['answers/s', 'none', 'relay', 'serves', 'cloned', 'relay/none', 'serves/none'];
const paper = ['Floodlight, the paper', '9,702', '-', '9,046', '-', '-', '-6.8 %', '-', '-', '-'];
console.log(`cbench's throughput: ${SWITCHES} switches, ${HOSTS} hosts each`);
console.log(
  table([
    [...head, 'cloned/none', 'cloned/serves', 'CPU us of relay / serves / cloned'],
    paper,
    [...(await measure('os-ken, ours', startOsken, 'packetOut'))],
    [...(await measure('rules only, ours', startLean, 'flowMod'))],
  ]),
);
process.exit(0);
