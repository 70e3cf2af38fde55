/**
 * A member's move among migrations: it has a number, a plan, states and phases, is remembered as
 * long as the file says and over a restart, is taken back until the new member is used, and has
 * moved nothing when the process ends in the middle of it.
 */
import t from 'tap';
import { datedRows, foundIn } from '../../hypervisor/operator/history-commands.ts';
import { historyText } from '../../hypervisor/operator/history-text.ts';
import { memberProgressText } from '../../hypervisor/operator/migration-text.ts';
import { statusReport } from '../../hypervisor/operator/report.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { errorTable } from '../../openflow/values/errors.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';
import { moved, moving, textOf, WITHIN_MS } from './moved-members.ts';

const big = textOf('[s1, s2]');

function started(text = big): FakeNetwork {
  const network = FakeNetwork.started(text, memoryStore());
  network
    .controller(7001)
    .says(flowMod({ match: matchOf(oxm('eth_dst', 0xabcdef)), instructions: outputs(2) }));
  network.run();
  return network;
}

const statesOf = ({ states }: ReturnType<typeof moving>): string =>
  states.map(({ state }) => state.type).join(' ');

t.test('it is shown like others, with its plan and its phases', async (t) => {
  const network = started();
  const seen = moving(network, 's2', 's4');
  network.run(WITHIN_MS);
  t.equal(statesOf(seen), 'join lead leave done');
  t.match(seen.states.map(memberProgressText).join('; '), /^migration 1: join; .*1: done \(leave:/);
  const report = statusReport(network.hypervisor);
  const rows = datedRows(report, 0)
    .slice(1)
    .map((row) => row.join(' '));
  t.match(rows, [/^1 .* red\/v1 s2 -> s4 member done [0-9]+ ms$/]);
  const found = foundIn(report, '1');
  const text = found === undefined ? '' : historyText(found);
  t.match(text, /^migration 1: red\/v1 s2 -> s4 \(member\): done\n {2}planned {2}s4 joins, and/);
  t.match(text, /\n {2}join +[0-9]+ ms\n {2}lead +[0-9]+ ms\n {2}leave +[0-9]+ ms\n/);
  t.match(text, /\n {2}members +s1, s4$/);
  t.equal(network.hypervisor.executor.allocateId(), 2, 'its number is nobody else\u2019s');
});

t.test('what the new member refuses takes it back, and the reason is remembered', async (t) => {
  const network = started();
  const errorType = errorTable.flowModFailed.number;
  network.switch('s4').refuse = (one) =>
    one.type === 'flowMod' && one.priority === 101 ? { errorType, errorCode: 1 } : undefined;
  const seen = moving(network, 's2', 's4');
  network.run(WITHIN_MS);
  t.equal(statesOf(seen), 'join undo undone');
  const [one] = network.hypervisor.applying.memberMoves.all();
  t.match(one?.state, { type: 'undone', why: /^datapath s4 refused 1 of 1 rules/ });
});

t.test('a person takes it back while it joins, and no later', async (t) => {
  const network = started();
  const { memberMoves } = network.hypervisor.applying;
  const seen = moving(network, 's2', 's4');
  for (let i = 0; seen.states.length === 0 && i < 100; i += 1) network.run(1);
  t.equal(memberMoves.undo(1, 'the operator asked for it'), undefined);
  network.run(WITHIN_MS);
  t.equal(statesOf(seen), 'join undo undone');
  t.strictSame(seen.answer?.member?.whyNot, ['the operator asked for it']);
  const [runtime] = network.hypervisor.runtimes();
  t.strictSame([...(runtime?.placement.bodies ?? [])].sort(), ['s1', 's2']);
  moved(network, 's2', 's4');
  const back = '"limevisor migrate red/v1 --from s4 --to s2" moves it back';
  t.equal(memberMoves.undo(2, ''), `migration 2 is done; ${back}`);
  t.equal(memberMoves.undo(1, ''), 'migration 1 is undone');
});

t.test('what has no room at a member that joins is taken by the others', async (t) => {
  const errorType = errorTable.flowModFailed.number;
  const ends = new Set<string>();
  const early = Array.from({ length: 20 }, (_, i) => i * 3);
  for (const delayMs of [...early, 200, 1_000, WITHIN_MS]) {
    const network = started();
    network.controller(7001).received();
    const seen = moving(network, 's2', 's4');
    network.switch('s4').refuse = (one) =>
      one.type === 'flowMod' && one.priority === 778 ? { errorType, errorCode: 1 } : undefined;
    network.run(delayMs);
    const isMember = seen.states.at(-1)?.state.type !== 'join';
    network.controller(7001).says(flowMod({ priority: 777, instructions: outputs(2) }));
    network.run(WITHIN_MS);
    const errors = network
      .controller(7001)
      .received()
      .filter(({ type }) => type === 'error');
    const end = seen.states.at(-1)?.state.type ?? 'none';
    ends.add(end);
    if (isMember) continue;
    if (end === 'undone') t.strictSame(errors, [], `after ${delayMs} ms`);
    else t.ok(errors.length > 0, `after ${delayMs} ms: it was a member by then`);
  }
  t.strictSame([...ends].sort(), ['done', 'undone'], 'some were members by then');
});

t.test('a restart remembers it; one that had not ended has moved nothing', async (t) => {
  const store = memoryStore();
  const first = FakeNetwork.started(big, store);
  moved(first, 's2', 's4');
  const seen = moving(first, 's1', 's3');
  for (let i = 0; seen.states.length < 2 && i < 1_000; i += 1) first.run(1);
  t.equal(statesOf(seen), 'join lead');
  first.hypervisor.stop('end of the test');
  const again = new FakeNetwork(big, store).loaded().up();
  again.run();
  const all = again.hypervisor.applying.memberMoves.all();
  t.strictSame(
    all.map(({ id, state }) => [id, state.type]),
    [
      [1, 'done'],
      [2, 'undone'],
    ],
  );
  const why = all.map(({ state }) => ('why' in state ? state.why : ''));
  t.match(why[1], /started again in the middle of it/);
  const [runtime] = again.hypervisor.runtimes();
  t.strictSame([...(runtime?.placement.bodies ?? [])].sort(), ['s1', 's4']);
  t.equal(again.hypervisor.executor.allocateId(), 3);
});

t.test('as many are remembered as the file says', async (t) => {
  const network = FakeNetwork.started(
    textOf('[s1, s2]', 'strict', 'migrations: { keep: 2 }'),
    memoryStore(),
  );
  for (const [from, to] of [
    ['s2', 's3'],
    ['s3', 's4'],
    ['s4', 's2'],
    ['s2', 's3'],
  ] as const) {
    moved(network, from, to);
  }
  const ids = network.hypervisor.applying.memberMoves.all().map(({ id }) => id);
  t.strictSame(ids, [2, 3, 4], 'two that were over when the last began, and that');
});
