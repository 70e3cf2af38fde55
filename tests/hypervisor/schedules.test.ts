/**
 * What moves by itself: at times and to places that are by chance, within what the file says, and
 * as often as it says; another file takes effect at once.
 */
import t from 'tap';
import type { Drivers } from '../../hypervisor/drivers/driver.ts';
import {
  type ScheduleReport,
  scheduleMethods,
} from '../../hypervisor/operator/control-schedules.ts';
import { mtdHtml } from '../../hypervisor/operator/mtd-html.ts';
import type { MtdReport } from '../../hypervisor/operator/mtd-report.ts';
import { mtdText } from '../../hypervisor/operator/schedule-commands.ts';
import { Random } from '../openflow/random.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';
import { FakeWorld } from './fake-world.ts';

const text = (schedule: string): string => `
datapaths:
  s1: { dpid: 1, ack: barrier }
  s2: { dpid: 2, ack: barrier }
  s3: { dpid: 3, ack: barrier }
  s4: { dpid: 4, ack: barrier }
links: [s1:3 - s2:3, s2:4 - s3:4, s3:3 - s4:3, s4:4 - s1:4]
schedules: { one: ${schedule} }
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 } }
  blue: { vswitches: { v1: { dpid: 1, on: s2 } } }
`;

/** By chance, which comes from a seed. */
function started(schedule: string): FakeNetwork {
  const random = new Random(7);
  const world = new FakeWorld();
  world.random = () => random.number(1_000_000) / 1_000_000;
  return new FakeNetwork(text(schedule), memoryStore(), undefined, { world }).up();
}

const movesIn = (network: FakeNetwork): readonly string[] =>
  network.hypervisor.executor
    .all()
    .filter(({ state }) => state.type === 'done')
    .map(({ from, to }) => `${from} ${to}`);

function asked<T>(network: FakeNetwork, method: keyof typeof scheduleMethods, params = {}): T {
  let answer: unknown;
  const reply = {
    result: (value: unknown): void => {
      answer = value;
    },
    error: (code: string, message: string): void => {
      answer = `${code}: ${message}`;
    },
  };
  scheduleMethods[method](network.hypervisor, params, reply);
  return answer as T;
}

const lastOf = (network: FakeNetwork) => asked<readonly ScheduleReport[]>(network, 'schedules');

t.test('it moves again and again, never where it was last', async (t) => {
  const network = started('{ move: red, every: 60s, jitter: 60s, not-last: 1 }');
  network.run(40 * 60_000);
  t.strictSame([...network.hypervisor.boundary.givenUp], []);
  const moves = movesIn(network);
  t.ok(moves.length >= 19 && moves.length <= 40, `${moves.length} in 40 min`);
  for (const [i, move] of moves.slice(1).entries()) {
    const [from, to] = (moves[i] ?? '').split(' ');
    t.not(move, `${to} ${from}`, 'not back');
  }
  t.match(lastOf(network), [{ name: 'one', vswitches: ['red/v1'], last: /^red\/v1 to s\d in \d/ }]);
});

const refusals: readonly (readonly [string, string, RegExp])[] = [
  ['quiet hours', '{ move: red, every: 60s, quiet: 00:01-00:00 }', /^quiet hours$/],
  ['a budget', '{ move: red, every: 60s, at-most: 2 }', /^2 of 2 moves in this hour are made$/],
  ['others, everywhere', '{ move: red/v1, every: 60s, to: s2, away-from: blue }', /suits$/],
  ['where it is', '{ move: red, every: 60s, to: [s1] }', /^no datapath suits$/],
];

for (const [what, schedule, last] of refusals) {
  t.test(`it does not move: ${what}`, async (t) => {
    const network = started(schedule);
    // At the beginning of a day, and not of its first minute.
    network.run(15 * 60_000);
    t.strictSame([...network.hypervisor.boundary.givenUp], []);
    t.equal(movesIn(network).length, what === 'a budget' ? 2 : 0);
    t.match(lastOf(network), [{ last }]);
  });
}

/** Hosts are where they are told to be. */
const prompt: Drivers = {
  whyNot: () => undefined,
  begin(_task, _config, user) {
    user.ended({ type: 'arrived' });
    return () => undefined;
  },
  look: (_task, _config, told) => told('to'),
};

t.test('its hosts move along, where the file says who moves them', async (t) => {
  const random = new Random(3);
  const world = new FakeWorld();
  world.random = () => random.number(1_000_000) / 1_000_000;
  const file = text('{ move: red, every: 60s, jitter: 1s, to: [s3, s4], hosts: exec }').replace(
    'links:',
    'drivers: { exec: [/bin/move] }\nlinks:',
  );
  const options = { world, drivers: prompt };
  const network = new FakeNetwork(file, memoryStore(), undefined, options).up();
  network.run(10 * 60_000);
  t.strictSame([...network.hypervisor.boundary.givenUp], []);
  const { config, placements } = network.hypervisor.snapshot();
  const at = config.hosts.find(({ name }) => name === 'red/h1')?.at.device;
  t.match(lastOf(network), [{ last: /^red\/v1 to s[34] in / }]);
  t.equal(at, [...placements].find(([name]) => name === 'red/v1')?.[1].primary, 'beside it');
  t.ok(network.hypervisor.hostMoves.all().length >= 8);
});

t.test('away from a tenant, and where the fewest others are', async (t) => {
  const away = started('{ move: red, every: 60s, away-from: blue }');
  away.run(20 * 60_000);
  t.ok(movesIn(away).length > 5);
  t.notOk(movesIn(away).some((move) => move.endsWith(' s2')));
  const fewest = started('{ move: red, every: 60s, choose: least-shared }');
  fewest.run(20 * 60_000);
  t.ok(movesIn(fewest).length > 5);
  t.notOk(movesIn(fewest).some((move) => move.endsWith(' s2')));
});

t.test('where it has shared least with others so far', async (t) => {
  const network = started('{ move: red, every: 60s, jitter: 1s, choose: least-shared-so-far }');
  network.run(30 * 60_000);
  const moves = movesIn(network);
  t.ok(moves.length > 20);
  const shared = moves.filter((move) => move.endsWith(' s2')).length;
  t.ok(shared <= 1, `${shared} of ${moves.length}: once, when it had shared nowhere`);
});

t.test('loss is measured where that is wanted', async (t) => {
  const report = (schedule: string): MtdReport => {
    const network = started(schedule);
    network.run(3 * 60_000);
    return asked<MtdReport>(network, 'mtd', { windowMs: 86_400_000 });
  };
  t.equal(report('{ move: red, every: 60s }').probed, undefined);
  const measured = report('{ move: red, every: 60s, probe: true }');
  const { sent = 0, lost, twice } = measured.probed ?? {};
  t.ok(sent > 0 && measured.moves > 0);
  t.strictSame([lost, twice], [sent, 0], 'these switches carry no frame');
  t.match(mtdText(measured), ` of ${sent} probes ${sent} were lost, and 0 came twice`);
  t.match(mtdHtml(measured), `of ${sent} probes`);
});

t.test('where it was, with whom, and how well it is guessed', async (t) => {
  const network = started('{ move: red, every: 60s, jitter: 1s }');
  network.run(60 * 60_000);
  const report = asked<MtdReport>(network, 'mtd', { windowMs: 86_400_000 });
  t.strictSame(report.tenants, ['red']);
  t.equal(report.moves, movesIn(network).length);
  const [own] = report.vswitches;
  t.match(own, { vswitch: 'red/v1', places: 4, entropyMax: 2 });
  t.ok((own?.entropy ?? 0) > 1.5 && (own?.longestMs ?? 0) < 70_000, JSON.stringify(own));
  const { hits = 99, tried = 0 } = own?.guesses.markov ?? {};
  t.ok(tried > 30 && hits / tried < 0.6, `${hits} of ${tried}`);
  const [together] = report.together;
  t.match(together, { tenants: ['red', 'blue'], on: 's2' });
  const share = (together?.totalMs ?? 0) / (report.nowMs - report.sinceMs);
  t.ok(share > 0.05 && share < 0.5, `${share} of the time`);
  t.match(asked(network, 'mtd', { tenant: 'x', windowMs: 1 }), /^rejected: there is no tenant "x"/);
});

t.test('another file takes effect at once', async (t) => {
  const network = started('{ move: red, every: 1h }');
  network.run(1_000);
  network.apply(text('{ move: red, every: 60s, jitter: 1s }'));
  network.run(10 * 60_000);
  t.ok(movesIn(network).length >= 8);
  network.apply(text('{ move: red, every: 60s }').replace(/schedules.*\n/, ''));
  const before = movesIn(network).length;
  network.run(10 * 60_000);
  t.equal(movesIn(network).length, before);
  t.strictSame(lastOf(network), []);
  t.match(asked(network, 'mtd', { windowMs: 1_000 }), /nothing is under "schedules" in the file/);
});
