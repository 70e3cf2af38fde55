/**
 * The load of cbench, in both of its modes (part of `make bench`): switches of OpenFlow 1.0 send
 * packet-ins of so many addresses each, a controller answers each with a rule, and what comes back
 * is counted, in loops. In the middle is nothing (direct), a relay that frames and copies, or
 * Limevisor; they take turns, and the ratios of one run are what counts.
 *
 * latency: one packet-in of each switch on its way; window: a thousand, which is no mode of
 * cbench's; throughput: as many as the connection takes. Budget: without a window as many are
 * answered as with one. These two take turns, too, and each begins when all is quiet.
 * `node tests/bench/cbench.ts [--switches 16] [--macs 100] [--loops 6] [--loop 1000]
 * [--answers flow-mod|packet-out] [--modes all|throughput] [--profile DIR]`.
 */
import { once } from 'node:events';
import net from 'node:net';
import { parseArgs } from 'node:util';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { flowMod10, header, packetIn10 } from '../../openflow/messages/messages.ts';
import {
  NO_BUFFER,
  group as ofpg,
  port as ofpp,
  version,
} from '../../openflow/values/constants.ts';
import { CbenchSwitch, type Mode } from './cbench-switch.ts';
import { End } from './end.ts';
import * as frames from './frames.ts';
import { median } from './load.ts';
import { type Middle, nothing, startLimevisor, startRelay } from './middle.ts';
import { numbersOf } from './numbers.ts';
import { fixed, table, thousands } from './report.ts';

const { values } = parseArgs({
  options: {
    switches: { type: 'string', default: '16' },
    macs: { type: 'string', default: '100' },
    loops: { type: 'string', default: '6' },
    loop: { type: 'string', default: '1000' },
    answers: { type: 'string', default: 'flow-mod' },
    modes: { type: 'string', default: 'all' },
    profile: { type: 'string' },
  },
});
const SWITCHES = Number(values.switches);
const MACS = Number(values.macs);
const LOOPS = Number(values.loops);
const LOOP_MS = Number(values.loop);
/** From the first connection to the first answer: who does not answer statistics is waited for. */
const READY_MS = 60_000;
/** No answer came for so long: none is on its way. */
const QUIET_MS = 500;
/** Least part of what is answered with a window, without one. */
const OF_WINDOW = 1;

const of10 = numbersOf(version.of10);
const answers = values.answers === 'packet-out' ? packetOutFrame() : flowModFrame();

/** A controller that answers packet-ins: a rule for its addresses, or the packet sent on. */
async function startController(): Promise<{ readonly port: number; close(): void }> {
  const server = net.createServer((socket) => {
    const onFrame = (end: End, dv: DataView, at: number, length: number): void => {
      const type = header.get.type(dv, at);
      if (type === of10.hello) end.bytes(frames.featuresRequest(version.of10).bytes);
      else if (type === of10.packetIn) answer(end, dv, at);
      else if (type === of10.echoRequest) {
        const view = end.put(dv, at, length);
        header.set.type(view, end.at - length, of10.echoReply);
      }
    };
    const end = new End(socket, onFrame, () => undefined);
    end.bytes(frames.hello(version.of10).bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { port, close: () => server.close() };
}

function answer(end: End, dv: DataView, at: number): void {
  const view = end.bytes(answers);
  if (values.answers === 'packet-out') return;
  // The packet's addresses, as they stand: destination, then source; in a match, source first.
  const match = end.at - answers.length + flowMod10.offset.match;
  const packet = at + packetIn10.size;
  for (let i = 0; i < 6; i += 2) {
    view.setUint16(match + 6 + i, dv.getUint16(packet + 6 + i));
    view.setUint16(match + 12 + i, dv.getUint16(packet + i));
  }
}

function flowModFrame(): Uint8Array {
  return encode(version.of10, {
    ...{ type: 'flowMod', xid: 7, cookie: 0n, cookieMask: 0n, tableId: 0, command: 0 },
    ...{ idleTimeoutSec: 0, hardTimeoutSec: 0, priority: 100, bufferId: NO_BUFFER, flags: 0 },
    ...{ outPort: ofpp.any, outGroup: ofpg.any },
    match: matchOf(oxm('in_port', 1), oxm('eth_src', 1), oxm('eth_dst', 2)),
    instructions: [{ type: 'applyActions', actions: [{ type: 'output', port: 2, maxLen: 0 }] }],
  });
}

function packetOutFrame(): Uint8Array {
  return encode(version.of10, {
    ...{ type: 'packetOut', xid: 7, bufferId: NO_BUFFER, inPort: 1 },
    ...{ actions: [{ type: 'output', port: 2, maxLen: 0 }], data: new Uint8Array(64) },
  });
}

interface Rate {
  readonly perSecond: number;
  readonly cpuUs: number;
}

/** One middle with cbench's switches around it. */
class Cbench {
  readonly name: string;
  readonly #middle: Middle;
  readonly #switches: readonly CbenchSwitch[];
  #trouble: string | undefined;

  constructor(name: string, middle: Middle) {
    this.name = name;
    this.#middle = middle;
    this.#switches = Array.from({ length: SWITCHES }, (_, i) => {
      return new CbenchSwitch(middle.port, i + 1, MACS, (why) => {
        this.#trouble ??= `${name}: switch ${i + 1} lost its connection: ${why}`;
      });
    });
  }

  /** Loops until answers come to all of them. */
  async ready(mode: Mode): Promise<void> {
    const startedMs = performance.now();
    const answered = new Set<number>();
    while (performance.now() - startedMs < READY_MS) {
      const counts = await this.#counts(mode);
      for (const [i, count] of counts.entries()) if (count > 0) answered.add(i);
      if (answered.size === counts.length) return this.#quiet();
    }
    const why = `not every switch was answered within ${READY_MS / 1000} s`;
    throw new Error(`${this.name}: ${why}\n${this.#middle.said()}`);
  }

  async #counts(mode: Mode): Promise<readonly number[]> {
    for (const one of this.#switches) one.begin(mode);
    await sleep(LOOP_MS);
    const counts = this.#switches.map((one) => one.end());
    if (this.#trouble !== undefined) throw new Error(`${this.#trouble}\n${this.#middle.said()}`);
    return counts;
  }

  /** What is on its way comes to an end. */
  async #quiet(): Promise<void> {
    for (let [before, now] = [-1, 0]; before !== now; ) {
      await sleep(QUIET_MS);
      [before, now] = [now, this.#switches.reduce((sum, { seen }) => sum + seen, 0)];
    }
  }

  async loop(mode: Mode): Promise<Rate> {
    const startedMs = performance.now();
    const cpuNs = this.#middle.cpuNs();
    const counts = await this.#counts(mode);
    const sum = counts.reduce((all, one) => all + one, 0);
    const perSecond = (sum * 1000) / (performance.now() - startedMs);
    const cpuUs = (this.#middle.cpuNs() - cpuNs) / 1e3 / Math.max(1, sum);
    await this.#quiet();
    return { perSecond, cpuUs };
  }

  async close(): Promise<void> {
    this.#trouble = 'closed';
    for (const one of this.#switches) one.close();
    await this.#middle.stop();
  }
}

interface Measured {
  readonly rows: readonly (readonly string[])[];
  /** Of each middle: answers in the last mode, of those in the first. */
  readonly ofFirst: readonly number[];
}

async function measure(modes: readonly Mode[]): Promise<Measured> {
  const controllers: { close(): void }[] = [];
  const controller = async (): Promise<number> => {
    const one = await startController();
    controllers.push(one);
    return one.port;
  };
  const profileTo = values.profile;
  const limevisor = {
    tenants: 1,
    switches: SWITCHES,
    controllerPort: await controller(),
    profileTo,
  };
  const all = [
    new Cbench('direct', nothing(await controller())),
    new Cbench('relay', await startRelay(await controller())),
    new Cbench('limevisor', await startLimevisor(limevisor)),
  ];
  const last = modes.at(-1) as Mode;
  for (const one of all) await one.ready(last);
  for (const one of all) for (let i = 0; i < 2; i++) await one.loop(last);
  // By loop, mode and middle.
  const loops: Rate[][][] = [];
  for (let i = 0; i < LOOPS; i++) {
    const loop: Rate[][] = modes.map(() => []);
    for (const one of all) {
      for (const [j, mode] of modes.entries()) loop[j]?.push(await one.loop(mode));
    }
    loops.push(loop);
  }
  for (const one of all) await one.close();
  for (const one of controllers) one.close();
  const rows = modes.map((mode, i) =>
    rowOf(
      mode,
      loops.map((loop) => loop[i] ?? []),
    ),
  );
  const ofFirst = all.map((_, i) => {
    return median(
      loops.map((loop) => (loop.at(-1)?.[i]?.perSecond ?? 0) / (loop[0]?.[i]?.perSecond ?? 1)),
    );
  });
  return { rows, ofFirst };
}

function rowOf(mode: Mode, loops: readonly (readonly Rate[])[]): readonly string[] {
  const of = (i: number): number => median(loops.map((loop) => loop[i]?.perSecond ?? 0));
  const ratio = (i: number): number =>
    median(loops.map((loop) => (loop[2]?.perSecond ?? 0) / (loop[i]?.perSecond ?? 1)));
  const cpuUs = median(loops.map((loop) => loop[2]?.cpuUs ?? 0));
  const rates = [0, 1, 2].map((i) => thousands(of(i)));
  return [mode, ...rates, fixed(ratio(0), 2), fixed(ratio(1), 2), fixed(cpuUs, 1)];
}

function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

console.log(
  `cbench's load: ${SWITCHES} switches, ${MACS} addresses each, answers ${values.answers}`,
);
const latency = values.modes === 'throughput' ? [] : (await measure(['latency'])).rows;
const { rows, ofFirst } = await measure(['window', 'throughput']);
const head = ['answers/s', 'direct', 'relay', 'limevisor', '/direct', '/relay', 'CPU us'];
console.log(table([head, ...latency.map((row) => [...row]), ...rows.map((row) => [...row])]));
const [direct = 0, relay = 0, ours = 0] = ofFirst;
const budget = `>= ${OF_WINDOW}${ours < OF_WINDOW ? ' MISSED' : ''}`;
console.log(
  `throughput, of window: direct ${fixed(direct, 2)}, relay ${fixed(relay, 2)}, ` +
    `limevisor ${fixed(ours, 2)} (budget ${budget})`,
);
process.exit(0);
