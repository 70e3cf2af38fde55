/**
 * Another list of members of a big switch, by a file that is applied: new ones have its rules
 * before anything leads there, those that are none any more hold nothing, and its controller is
 * told nothing. One that has no room leaves everything as it was.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { errorTable } from '../../openflow/values/errors.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';
import { moved, textOf, WITHIN_MS } from './moved-members.ts';
import { RecordedNetwork } from './switch-contents.ts';

const PRIORITY = 7_777;
const added = flowMod({
  priority: PRIORITY,
  match: matchOf(oxm('eth_dst', 0xabcdef)),
  instructions: outputs(2),
});

function started(text: string): RecordedNetwork {
  const running = new RecordedNetwork(text);
  const { network } = running;
  network.controller(7001).says(added);
  network.run();
  network.controller(7001).received();
  return running;
}

/** Which switches hold the rule. */
function holders({ held }: RecordedNetwork): string {
  const isRule = (text: string) => text.startsWith(`2 ${PRIORITY + 1} `);
  return [...held].flatMap(([name, one]) => (one.texts().some(isRule) ? [name] : [])).join(' ');
}

/** Nothing is owed, and nobody was told anything. */
function isQuiet(running: RecordedNetwork): readonly unknown[] {
  const { network } = running;
  const told = network.controller(7001).received();
  return [
    ...running.outdated(),
    ...told.filter(({ type }) => !type.startsWith('echo')),
    ...network.hypervisor.alarms.keys(),
  ];
}

for (const consistency of ['strict', 'eventual']) {
  t.test(
    `${consistency}: members come and go, and a switch becomes big, and one again`,
    async (t) => {
      const running = started(textOf('s1'));
      const { network } = running;
      const lists: readonly (readonly [string, string])[] = [
        ['[s1, s2]', 's1 s2'],
        ['[s1, s2, s3]', 's1 s2 s3'],
        ['[s2, s3, s4]', 's2 s3 s4'],
        ['[s1, s3]', 's1 s3'],
        ['s2', 's2'],
      ];
      for (const [on, where] of lists) {
        t.strictSame(
          network.apply(textOf(on, consistency), WITHIN_MS),
          { done: [], waits: [] },
          on,
        );
        t.equal(holders(running), where, on);
        const [runtime] = network.hypervisor.runtimes();
        t.equal([...(runtime?.placement.bodies ?? [])].sort().join(' '), where);
        t.strictSame(isQuiet(running), [], on);
        t.equal(runtime?.whyDown(), undefined);
      }
      const s1 = running.held.get('s1')?.texts() ?? [];
      t.notOk(
        // What a body sends by its vports; the way to NORMAL is on every datapath.
        s1.some((text) => text.startsWith('250 ') && text.includes('metadata')),
        'no body is there',
      );
    },
  );
}

t.test('a member that has no room leaves everything as it was', async (t) => {
  const running = started(textOf('[s1, s2]'));
  const before = running.texts();
  const s3 = running.network.switch('s3');
  const errorType = errorTable.flowModFailed.number;
  s3.refuse = (one) =>
    one.type === 'flowMod' && one.priority === PRIORITY + 1 && one.command === 0
      ? { errorType, errorCode: 1 }
      : undefined;
  const applied = running.network.apply(textOf('[s2, s3]'), WITHIN_MS);
  t.match(applied, { whyNot: [/^datapath s3 refused 1 of 1 rules/], isTakenBack: true });
  t.strictSame(running.texts(), before);
  t.strictSame(isQuiet(running), []);
  s3.refuse = () => undefined;
  t.strictSame(running.network.apply(textOf('[s2, s3]'), WITHIN_MS), { done: [], waits: [] });
  t.equal(holders(running), 's2 s3');
});

type Held = Readonly<Record<string, readonly string[]>>;
for (const consistency of ['strict', 'eventual']) {
  t.test(`${consistency}: a member moves, and a restart finds it there`, async (t) => {
    const text = textOf('[s1, s2, s3]', consistency);
    const running = started(text);
    const { network } = running;
    const before = running.texts();
    const dry = moved(network, 's1', 's4', true);
    t.match(dry?.plan, { type: 'memberPlan', members: ['s4', 's2', 's3'] });
    t.match(
      dry?.plan.type === 'memberPlan' && dry.plan.steps.join('; '),
      /s4 joins, and gets 1 rule/,
    );
    t.match(
      dry?.plan.type === 'memberPlan' && dry.plan.steps.join('; '),
      /port 1: its host stays at s1:1, and its frames are carried to s/,
    );
    t.strictSame(running.texts(), before, 'a dry run changes nothing');
    const answer = moved(network, 's1', 's4');
    t.strictSame([answer?.member?.said, answer?.member?.isInFile], [[], false]);
    t.equal(answer?.member?.whyNot, undefined);
    t.equal(holders(running), 's2 s3 s4');
    t.strictSame(isQuiet(running), []);
    t.equal(moved(network, 's4', 's1')?.member?.isInFile, true, 'and back, as the file has it');
    t.equal(holders(running), 's1 s2 s3');
    // Which member is the primary, and learns, may be another.
    const counts = (texts: Held): readonly number[] =>
      Object.values(texts).map((all) => all.filter((one) => !one.startsWith('242 ')).length);
    t.strictSame(
      counts(running.texts()),
      counts(before),
      'as many entries, of ways with new labels',
    );
  });
}

t.test('what does not move, and why', async (t) => {
  const { network } = started(textOf('[s1, s2]'));
  const whyNot = (from: string | undefined, to: string): string => {
    const { plan, member } = moved(network, from, to) ?? {};
    return plan?.type === 'problems' ? plan.problems.join('; ') : JSON.stringify(member);
  };
  t.equal(
    whyNot(undefined, 's3'),
    'red/v1 is a big switch on s1, s2 and does not migrate as a whole; say which member moves: ' +
      '"--from s1"',
  );
  t.equal(whyNot('s3', 's4'), 's3 is no member of red/v1, whose members are s1, s2');
  t.equal(whyNot('s1', 's2'), 's2 is a member of red/v1 already');
  t.equal(whyNot('s1', 's9'), 'there is no datapath "s9"; known: s1, s2, s3, s4');
  network.switch('s3').peer.user?.onClose('it hung up');
  network.run();
  t.equal(whyNot('s1', 's3'), 'datapath s3 is not connected and ready');
});

t.test('a member has no room: it is taken back, and nothing is remembered', async (t) => {
  const running = started(textOf('[s1, s2]'));
  const before = running.texts();
  const errorType = errorTable.flowModFailed.number;
  running.network.switch('s3').refuse = (one) =>
    one.type === 'flowMod' && one.priority === PRIORITY + 1 && one.command === 0
      ? { errorType, errorCode: 1 }
      : undefined;
  const { member } = moved(running.network, 's2', 's3') ?? {};
  t.match(member?.whyNot, [/^datapath s3 refused 1 of 1 rules/]);
  t.strictSame(running.texts(), before);
});

t.test('a restart finds moved members, as long as the file has what it had', async (t) => {
  const store = memoryStore();
  const members = (text: string): readonly string[] => {
    const again = new FakeNetwork(text, store).loaded().up();
    again.run();
    const [runtime] = again.hypervisor.runtimes();
    const on = [...(runtime?.placement.bodies ?? [])].sort();
    t.equal(runtime?.whyDown(), undefined);
    again.hypervisor.stop('end of the test');
    return on;
  };
  const first = FakeNetwork.started(textOf('[s1, s2]'), store);
  t.strictSame(moved(first, 's2', 's4')?.member?.said, []);
  first.hypervisor.stop('end of the test');
  t.strictSame(members(textOf('[s1, s2]')), ['s1', 's4'], 'as it was moved');
  t.strictSame(members(textOf('[s1, s4]')), ['s1', 's4'], 'as somebody has written it down');
  t.strictSame(members(textOf('[s1, s2]')), ['s1', 's2'], 'the file has the last word');
});

t.test('a file that is applied has the last word', async (t) => {
  const running = started(textOf('[s1, s2]'));
  const { network } = running;
  moved(network, 's2', 's3');
  t.equal(holders(running), 's1 s3');
  t.strictSame(network.apply(textOf('[s1, s2]'), WITHIN_MS), { done: [], waits: [] });
  t.equal(holders(running), 's1 s2');
});
