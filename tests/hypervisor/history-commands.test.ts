/** What is told of a migration that is over, and of several that were one. */
import t from 'tap';
import { ensembleStateText } from '../../hypervisor/operator/ensemble-text.ts';
import { datedRows, foundIn, listText, shown } from '../../hypervisor/operator/history-commands.ts';
import { historyText } from '../../hypervisor/operator/history-text.ts';
import { hostProgressText } from '../../hypervisor/operator/host-commands.ts';
import { hostMoveHead } from '../../hypervisor/operator/host-move-rows.ts';
import { driverLines } from '../../hypervisor/operator/migration-commands.ts';
import { spanText } from '../../hypervisor/operator/migration-phases.ts';
import { whyNoMigration } from '../../hypervisor/operator/migration-text.ts';
import { beginEnsemble } from '../../translation/migration/ensemble.ts';
import {
  beginHostMove,
  type HostMove,
  stepHostMove,
} from '../../translation/migration/host-move.ts';
import { begin, type Migration, step } from '../../translation/migration/migration.ts';
import { datapath, vswitchName } from '../slices/networks.ts';

const [from, to] = [datapath('s1'), datapath('s2')];
const [v1, v2] = ['red/v1', 'red/v2'].map(vswitchName) as [never, never];
const alone = step(begin(1, v1, from, to, 'lime', 1_000), { type: 'acted' }, 2, 1_070);
const part = begin(3, v2, from, to, 'lime', 2_000, { ensemble: 2 });
const move = { type: 'vswitch', vswitch: v2, from, to, strategy: 'lime' } as const;
const parts = { members: [{ move, group: 0, migration: 3 }], plan: ['clone: copy 4 rules'] };
const ensemble = beginEnsemble(2, 'red --to s2', parts, 2_000);
const remembered = { migrations: [alone, part], ensembles: [ensemble] };

t.test('one, with its phases', async (t) => {
  const found = foundIn(remembered, '1');
  t.strictSame(historyText(found ?? { migrations: [] }).split('\n'), [
    'migration 1: red/v1 s1 -> s2 (lime): clone',
    '  began    1970-01-01T00:00:01.000Z',
    '  tunnels          70 ms',
  ]);
});

t.test('several that are one: what was planned, then each', async (t) => {
  const found = foundIn(remembered, '2');
  t.strictSame(historyText(found ?? { migrations: [] }).split('\n'), [
    'migration 2: red --to s2: clone 1 vswitch',
    '  planned  clone: copy 4 rules',
    '  began    1970-01-01T00:00:02.000Z',
    'migration 3: red/v2 s1 -> s2 (lime): tunnels',
    '  began    1970-01-01T00:00:02.000Z',
  ]);
});

/** What both kinds have of a boundary: how it was measured. */
const BY = "ports' counters";
const port = { port: 2, sent: 60, lost: 3, twice: 0 };

t.test('what became of it: guards, acknowledgements, loss, what crossed', async (t) => {
  const handOver = { tookMs: 90, held: 3, why: 'rule 7 sends up and on', redirected: 812 };
  const acks = { s1: 'canary', s2: 'settle 60ms: no link' };
  const cost = { messages: 61, peak: { on: to, entries: 1 } };
  const boundary = { bytes: 1_200, peakRate: 0, forMs: 310 };
  const known = { rules: 5, acks, handOver, cost, boundary };
  const whole = { ...alone, plan: ['tunnels: 3 on s1'], ...known };
  t.strictSame(
    historyText({ migrations: [whole] })
      .split('\n')
      .slice(1),
    [
      '  planned  tunnels: 3 on s1',
      '  began    1970-01-01T00:00:01.000Z',
      '  tunnels          70 ms',
      '  rules        5',
      '  acknowledged s1 by canary, s2 by settle 60ms: no link',
      '  guards       s1 led to s2 what entered there: 812 packets',
      '  hand-over    rules waited for 90 ms',
      '  held         3 packets: rule 7 sends up and on',
      '  cost         61 messages that changed datapaths; s2 held 1 entry at most',
      `  boundary     1.2 kB crossed between s2 and elsewhere in 0.3 s, by red/v1's ${BY}`,
    ],
  );
  const still = { ...whole, boundary: { ...boundary, bytes: 0 } };
  t.match(historyText({ migrations: [still] }), /boundary {5}nothing crossed between s2 and/);
  const probed = { sent: 120, lost: 3, twice: 1, ports: [port] };
  const auto = { ...whole, whyStrategy: '12.0 kbit/s flow', probed };
  t.match(
    historyText({ migrations: [auto] }),
    /strategy {5}lime: 12.0 kbit\/s flow[\s\S]*loss {9}of 120 probes 3 were lost \(3 at port 2\)/,
  );
  t.match(
    historyText({ migrations: [{ ...auto, probed: { ...probed, unseen: 'a restart' } }] }),
    /loss {9}loss was not measured: a restart/,
  );
  const frozen = { name: 'freeze', startedMs: 1_000, endedMs: 1_040 } as const;
  const cold = { ...alone, strategy: 'freeze', phases: [frozen] } as const;
  t.match(historyText({ migrations: [cold] }), /guards {7}s1 dropped what entered for 40 ms/);
});

t.test('what became of several that were one, and of their hosts', async (t) => {
  const [at, there] = [from, to].map((device) => ({ device, port: 4 as never }));
  if (at === undefined || there === undefined) throw new Error('two places');
  const what = { host: 'red/h1', vswitch: v2, vport: 1, from: at, to: there } as const;
  const host = beginHostMove(1, { ...what, driver: 'exec' }, 2_100, { ensemble: 2 });
  const state = { type: 'undone', why: 'it ended with 3' } as const;
  const hostMoves = [{ ...host, state, said: ['no room there'] }];
  const much = { bytes: 2_500_000, peakRate: 1_000_000, forMs: 4_000 };
  const ended = { type: 'undone', why: 'red/h1: it ended with 3', exceptions: ['x is at y'] };
  const ensembles = [{ ...ensemble, boundary: much, state: ended as never }];
  const loss = { sent: 120, lost: 3, twice: 1, ports: [{ ...port, port: 1 }] };
  const costs = [80, 20].map((messages, i) => ({ messages, peak: { on: to, entries: 7 * i } }));
  const parts = costs.map((cost, i) => ({
    ...part,
    id: 3 + i,
    cost,
    ...(i > 0 && { probed: loss }),
  }));
  const found = foundIn({ migrations: parts, ensembles, hostMoves }, '2');
  const lines = historyText(found ?? { migrations: [] }).split('\n');
  const rate = '8.0 Mbit/s at most';
  t.strictSame(lines.slice(3, 6), [
    '  exception    x is at y',
    '  cost         100 messages that changed datapaths; s2 held 7 entries at most',
    `  boundary     2.5 MB crossed between the two sides in 4.0 s, ${rate}, by their ${BY}`,
  ]);
  t.strictSame(lines.slice(-5), [
    'move-1: red/h1: s1:4 -> s2:4 (exec): undone: it ended with 3',
    '  port         red/v2:1',
    '  began    1970-01-01T00:00:02.100Z',
    '  driver       no room there',
    '  loss         of 60 probes of migration 4 3 were lost',
  ]);
});

t.test('a move of a host is found by its name, alone or part of another', async (t) => {
  const [at, there] = [from, to].map((device) => ({ device, port: 4 as never }));
  if (at === undefined || there === undefined) throw new Error('two places');
  const what = { host: 'red/h1', vswitch: v2, vport: 1, from: at, to: there } as const;
  const plan = ['open: port 1 of red/v2 is at s1:4 and s2:4'];
  const begun = beginHostMove(1, { ...what, driver: 'netns' }, 1_000, { plan, probe: true });
  const run = stepHostMove(begun, { type: 'acted' }, 1_210);
  const taken = stepHostMove(run, { type: 'failed', why: 'no bridge' }, 1_300);
  const probed = { sent: 30, lost: 0, twice: 0, ports: [] };
  const known = { acks: { s1: 'canary' }, unproved: ['s2: no link'], copied: 1, probed };
  const over = { ...stepHostMove(taken, { type: 'acted' }, 1_500), ...known };
  const member = beginHostMove(2, { ...what, driver: 'netns' }, 2_000, { ensemble: 2 });
  const all = { ...remembered, hostMoves: [over, member] };
  t.strictSame(shown(all, 'move-1').split('\n'), [
    'move-1: red/h1: s1:4 -> s2:4 (netns): undone: no bridge',
    '  port         red/v2:1',
    '  planned  open: port 1 of red/v2 is at s1:4 and s2:4',
    '  began    1970-01-01T00:00:01.000Z',
    '  open            210 ms',
    '  run              90 ms',
    '  undo            200 ms',
    '  ended    1970-01-01T00:00:01.500Z',
    '  acknowledged s1 by canary',
    '  uncertain    acknowledged by a time only: s2: no link',
    '  both places  1 frame for it left at both',
    '  loss         of 30 probes 0 were lost',
  ]);
  t.strictSame(JSON.parse(shown(all, 'move-1', true)), { migrations: [], hostMoves: [over] });
  t.match(shown(all, 'move-2').split('\n'), [/^move-2: red\/h1: /, '  part of      migration 2']);
  t.match(shown(all, '3').split('\n'), [/^migration 3: red\/v2/, '  part of      migration 2']);
  t.match(JSON.parse(shown(all, '2', true)), {
    ...{ ensemble: { id: 2 }, migrations: [{ id: 3 }], hostMoves: [{ id: 2 }] },
  });
  t.throws(() => shown(all, 'move-3'), /^there is no move-3; "limevisor migrations" lists/);
  t.throws(
    () => shown(all, '9'),
    /^there is no migration 9; under way: 1, 2, the last is 3; "lime/,
  );
});

t.test('of a host that a person moves it is said where to, and what to type then', async (t) => {
  const [at, there] = [from, to].map((device) => ({ device, port: 4 as never }));
  if (at === undefined || there === undefined) throw new Error('two places');
  const what = { host: 'red/h1', vswitch: v2, vport: 1, from: at, to: there } as const;
  const waits = 'run: move it to s2:4, then type "limevisor moved red/h1"';
  const move = {
    ...beginHostMove(7, { ...what, driver: 'manual' }, 2_000),
    state: { type: 'run' },
  };
  const hostMove = move as HostMove;
  t.equal(hostProgressText(hostMove), `move-7: ${waits}, or "limevisor abort red/h1"`);
  t.strictSame(
    listText({ migrations: [], ensembles: [], hostMoves: [hostMove] }, 2_500).split(/\n| {2,}/),
    [
      ...['MOVE', 'BEGAN (UTC)', ...hostMoveHead.slice(1)],
      ...['move-7', '1970-01-01 00:00:02', 'red/h1', 's1:4 -> s2:4', 'manual', waits, '500 ms'],
    ],
  );
  const part = { ...hostMove, ensemble: 2 };
  const whole = { ...remembered, hostMoves: [part] };
  t.notMatch(listText(whole, 2_500), /MOVE /, 'one of a migration is not among those alone');
  t.strictSame(
    datedRows(whole, 2_500)
      .slice(-2)
      .map((row) => row.slice(0, 5)),
    [
      ['  3', '1970-01-01 00:00:02', 'red/v2', 's1 -> s2', 'lime'],
      ['  move-7', '1970-01-01 00:00:02', 'red/h1', 's1:4 -> s2:4', 'by hand'],
    ],
    'it stands below that, behind vswitches',
  );
  t.match(historyText({ migrations: [], hostMoves: [part] }), waits);
  t.equal(listText({ migrations: [], ensembles: [] }, 0), 'none are remembered');
  const failed = { ...hostMove, state: { type: 'undone', why: 'x' }, said: ['no room'] } as const;
  t.strictSame(driverLines([part, failed]), ['  red/h1: no room']);
});

t.test('an ensemble of hosts alone has nothing to clone', async (t) => {
  const host = { type: 'host', host: 'red/h1', vswitch: v2, vport: 1, driver: 'exec' } as const;
  const place = { device: from, port: 4 as never };
  const member = { move: { ...host, from: place, to: place }, group: 0 };
  const hosts = beginEnsemble(4, 'red/h1', { members: [member], plan: [] }, 2_000);
  t.equal(ensembleStateText(hosts), 'clone: there is nothing to copy');
});

t.test('the list says when each began', async (t) => {
  t.strictSame(datedRows(remembered, 2_500), [
    ['MIGRATION', 'BEGAN (UTC)', 'WHAT', 'WAY', 'STRATEGY', 'STATE', 'TOOK'],
    ['1', '1970-01-01 00:00:01', 'red/v1', 's1 -> s2', 'lime', 'clone', '1500 ms'],
    ['2', '1970-01-01 00:00:02', 'red --to s2', '', '', 'clone 1 vswitch', '500 ms'],
    ['  3', '1970-01-01 00:00:02', 'red/v2', 's1 -> s2', 'lime', 'tunnels', '500 ms'],
  ]);
});

t.test('none of that number', async (t) => {
  t.equal(foundIn(remembered, '9'), undefined);
  const none = { migrations: [], ensembles: [] };
  t.equal(whyNoMigration(9, none), 'there is no migration 9; none is remembered');
  const say = 'there is no migration 9; under way: 1, 2, the last is 3';
  t.equal(whyNoMigration(9, remembered), say, 'those that are part of another are not named');
  const over = step(alone, { type: 'undo', why: 'no' }, 2, 1_080);
  const ended = { ...over, state: { type: 'undone', why: 'no' } } as Migration;
  const one = { migrations: [ended], ensembles: [] };
  t.equal(whyNoMigration(9, one), 'there is no migration 9; none is under way, the last is 1');
  t.equal(whyNoMigration(3, remembered), undefined);
});

t.test('how long something took is said as a person would', async (t) => {
  t.strictSame([0, 850.4, 9_999, 9_999.6, 615_361, 59_999, 599_949, 3_600_000].map(spanText), [
    '0 ms',
    '850 ms',
    '9999 ms',
    '10.0 s',
    '10 min 15 s',
    '60.0 s',
    '599.9 s',
    '60 min 0 s',
  ]);
});
