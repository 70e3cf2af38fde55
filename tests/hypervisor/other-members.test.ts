/**
 * Another list of members of a big switch, by a file that is applied: new ones have its rules
 * before anything leads there, those that are none any more hold nothing, and its controller is
 * told nothing. One that has no room leaves everything as it was.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { errorTable } from '../../openflow/values/errors.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { HeldNetwork } from './held.ts';

const textOf = (on: string, consistency = 'strict'): string => `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links: [s1:3 - s2:3, s2:4 - s3:3, s3:4 - s1:4, s4:3 - s1:2]
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches:
      v1: { dpid: 1, on: ${on}${on.startsWith('[') ? `, consistency: ${consistency}` : ''} }
    hosts:
      h1: { port: v1:1, at: s1:1 }
      h2: { port: v1:2, at: s2:1 }
      h3: { port: v1:3, at: s3:1 }
`;

const PRIORITY = 7_777;
const WITHIN_MS = 6_000;
const added = flowMod({
  priority: PRIORITY,
  match: matchOf(oxm('eth_dst', 0xabcdef)),
  instructions: outputs(2),
});

function started(text: string): HeldNetwork {
  const running = new HeldNetwork(text);
  const { network } = running;
  network.controller(7001).says(added);
  network.run();
  network.controller(7001).received();
  return running;
}

/** Which switches hold the rule. */
function holders({ held }: HeldNetwork): string {
  const isRule = (text: string) => text.startsWith(`2 ${PRIORITY + 1} `);
  return [...held].flatMap(([name, one]) => (one.texts().some(isRule) ? [name] : [])).join(' ');
}

/** Nothing is owed, and nobody was told anything. */
function isQuiet(running: HeldNetwork): readonly unknown[] {
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
        s1.some((text) => text.startsWith('250 ')),
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
