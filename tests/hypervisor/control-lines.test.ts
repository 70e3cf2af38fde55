/**
 * Long lines on the control socket: in pieces, in turns, whole, and no faster than they are read.
 */

import type net from 'node:net';
import t from 'tap';
import { Lines } from '../../hypervisor/operator/control-lines.ts';
import { flowsReport } from '../../hypervisor/operator/flows-report.ts';
import type { FlowsReport } from '../../hypervisor/operator/report.ts';
import { Scheduler } from '../../hypervisor/world/scheduler.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { limits } from '../../slices/limits.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { FakeNetwork } from './fake-switches.ts';
import { FakeWorld } from './fake-world.ts';

const PIECES = 1_000;

/** The other end, which reads all, or nothing. */
class FakeSocket {
  text = '';
  writable = true;
  writableLength = 0;

  write(text: string): void {
    this.text += text;
  }
}

function* numbers(): Iterable<string> {
  for (let i = 0; i < PIECES; i++) yield `${i},`;
}

const whole = `${[...numbers()].join('')}\n`;

function lines() {
  const world = new FakeWorld();
  const socket = new FakeSocket();
  return { world, socket, lines: new Lines(socket as unknown as net.Socket, new Scheduler(world)) };
}

t.test('some pieces in a turn, and what is said meanwhile comes behind them', async (t) => {
  const { world, socket, lines: to } = lines();
  to.pieces(numbers());
  to.line('behind');
  t.ok(socket.text.split(',').length <= limits.stepsPerTurnMax + 1, 'it has only begun');
  to.pieces(['the', ' last']);
  world.pass(100);
  t.equal(socket.text, `${whole}behind\nthe last\n`);
  to.line('at once');
  t.ok(socket.text.endsWith('at once\n'));
});

t.test('no faster than it is read', async (t) => {
  const { world, socket, lines: to } = lines();
  to.pieces(numbers());
  const begun = socket.text;
  socket.writableLength = limits.unreadBytesMax + 1;
  world.pass(100);
  t.equal(socket.text, begun);
  socket.writableLength = 0;
  world.pass(100);
  t.equal(socket.text, whole);
});

t.test('the other end goes: nothing more is made', async (t) => {
  const { world, socket, lines: to } = lines();
  let isMade = false;
  const pieces = function* (): Iterable<string> {
    yield* numbers();
    isMade = true;
  };
  to.pieces(pieces());
  const begun = socket.text;
  socket.writable = false;
  world.pass(100);
  t.equal(socket.text, begun);
  t.notOk(isMade);
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
  t.same(Object.keys(report), ['vswitch', 'ports', 'flows', 'ways', 'physical']);
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
