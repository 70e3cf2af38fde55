/**
 * Long answers: in pieces, in turns, whole, and no faster than they are read.
 */

import type { ServerResponse } from 'node:http';
import t from 'tap';
import { HttpAnswer } from '../../hypervisor/api/responses.ts';
import { flowsReport } from '../../hypervisor/operator/flows-report.ts';
import type { FlowsReport } from '../../hypervisor/operator/report.ts';
import { Scheduler } from '../../hypervisor/world/scheduler.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { limits } from '../../slices/limits.ts';
import { FakeNetwork } from '../hypervisor/fake-switches.ts';
import { FakeWorld } from '../hypervisor/fake-world.ts';
import { flowMod, outputs } from '../slices/rules.ts';

const PIECES = 1_000;

/** The other end, which reads all, or nothing. */
class FakeResponse {
  text = '';
  trailers: Readonly<Record<string, string>> = {};
  headersSent = false;
  destroyed = false;
  writableEnded = false;
  writableLength = 0;

  /** How long it may be that nobody reads it. */
  waitsMs = 0;

  setTimeout(ms: number): void {
    this.waitsMs = ms;
  }

  writeHead(): void {
    this.headersSent = true;
  }

  write(text: string): void {
    this.text += text;
  }

  addTrailers(trailers: Readonly<Record<string, string>>): void {
    this.trailers = trailers;
  }

  end(): void {
    this.writableEnded = true;
  }
}

function* numbers(): Iterable<string> {
  for (let i = 0; i < PIECES; i++) yield `${i},`;
}

const whole = [...numbers()].join('');

function scene() {
  const world = new FakeWorld();
  const response = new FakeResponse();
  const http = response as unknown as ServerResponse;
  return { world, response, answer: new HttpAnswer(http, new Scheduler(world)) };
}

t.test('some pieces in a turn, and then the end', async (t) => {
  const { world, response, answer } = scene();
  answer.pieces(numbers());
  t.ok(response.text.split(',').length <= limits.stepsPerTurnMax + 1, 'it has only begun');
  world.pass(100);
  t.equal(response.text, whole);
  t.ok(response.writableEnded);
});

t.test('no faster than it is read', async (t) => {
  const { world, response, answer } = scene();
  answer.pieces(numbers());
  const begun = response.text;
  t.equal(response.waitsMs, limits.apiIdleMs, 'and not for ever');
  response.writableLength = limits.unreadBytesMax + 1;
  world.pass(100);
  t.equal(response.text, begun);
  response.writableLength = 0;
  world.pass(100);
  t.equal(response.text, whole);
});

t.test('the other end goes: nothing more is made', async (t) => {
  const { world, response, answer } = scene();
  let isMade = false;
  const pieces = function* (): Iterable<string> {
    yield* numbers();
    isMade = true;
  };
  answer.pieces(pieces());
  const begun = response.text;
  response.destroyed = true;
  world.pass(100);
  t.equal(response.text, begun);
  t.notOk(isMade);
});

t.test('one that cannot be finished has the reason behind it', async (t) => {
  const { response, answer } = scene();
  answer.pieces(['{']);
  response.writableEnded = false;
  answer.problem({ status: 500, code: 'failed', detail: 'boom' });
  const [problem = ''] = Object.values(response.trailers);
  t.match(JSON.parse(decodeURIComponent(problem)), { status: 500, detail: 'boom' });
  t.ok(response.writableEnded);
});

t.test('the rules are in order, those that went meanwhile are left out', async (t) => {
  const network = FakeNetwork.started();
  const runtime = network.hypervisor.runtimes().find((one) => one.controllers.length > 0);
  if (runtime === undefined) throw new Error('there is one');
  for (let i = 0; i < PIECES; i++) {
    const match = matchOf(oxm('eth_dst', i));
    runtime.rulebook.apply(flowMod({ match, priority: 1 + (i % 7), instructions: outputs(1) }), 0);
  }
  let pieces: Iterable<string> | undefined;
  flowsReport(network.hypervisor, runtime, true, (made) => {
    pieces = made;
  });
  network.run();
  const [gone] = runtime.rulebook.rules();
  runtime.rulebook.apply(
    flowMod({ command: 4, match: gone?.match ?? [], priority: gone?.priority ?? 0 }),
    0,
  );
  const made = [...(pieces ?? [])];
  t.ok(made.length >= PIECES / limits.slotsPerStep, `${made.length} pieces`);
  const report = JSON.parse(made.join('')) as FlowsReport;
  t.same(Object.keys(report), ['vswitch', 'ports', 'flows', 'serials', 'ways', 'physical']);
  t.equal(report.flows.length, PIECES - 1);
  const priorities = report.flows.map((flow) => Number(/priority=(\d+)/.exec(flow)?.[1]));
  t.strictSame(
    priorities,
    priorities.toSorted((a, b) => b - a),
  );
  const onWays = (report.ways ?? []).flatMap(({ hops }) => hops.map(({ datapath }) => datapath));
  const all = new Set([...runtime.placement.bodies, ...onWays]);
  t.ok(all.size > runtime.placement.bodies.length, 'its ways lead to other datapaths');
  t.strictSame(
    report.physical.map(({ datapath }) => datapath),
    [...all].sort(),
  );
});
