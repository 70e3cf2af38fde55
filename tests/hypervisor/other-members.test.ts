/**
 * Another list of members of a big switch, by a file that is applied: new ones have its rules
 * before anything leads there, those that are none any more hold nothing, and its controller is
 * told nothing. One that has no room leaves everything as it was.
 */
import t from 'tap';
import type { Applied } from '../../hypervisor/migrate/applying.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { errorTable } from '../../openflow/values/errors.ts';
import { configOf } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { outdated } from '../support/intent.ts';
import { FakeNetwork } from './fake-switches.ts';
import { Held } from './held.ts';

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
const added = flowMod({
  priority: PRIORITY,
  match: matchOf(oxm('eth_dst', 0xabcdef)),
  instructions: outputs(2),
});

interface Running {
  readonly network: FakeNetwork;
  readonly held: ReadonlyMap<string, Held>;
}

function started(text: string): Running {
  const network = new FakeNetwork(text);
  const held = new Map([...network.switches].map(([name, one]) => [name, Held.of(one)]));
  network.up();
  network.controller(7001).says(added);
  network.run();
  network.controller(7001).received();
  return { network, held };
}

function apply({ network }: Running, text: string): Applied | undefined {
  let ended: Applied | undefined;
  const { applying } = network.hypervisor;
  applying.apply('file', applying.plan(configOf(text)), (applied) => {
    ended = applied;
  });
  network.run(6_000);
  return ended;
}

/** Which switches hold the rule. */
function holders({ held }: Running): string {
  const has = ([, one]: readonly [string, Held]) =>
    one.texts().some((text) => text.startsWith(`2 ${PRIORITY + 1} `));
  return [...held]
    .filter(has)
    .map(([name]) => name)
    .join(' ');
}

function texts({ held }: Running): Record<string, readonly string[]> {
  return Object.fromEntries([...held].map(([name, one]) => [name, one.texts()]));
}

/** Nothing is owed, and nobody was told anything. */
function isQuiet({ network }: Running): readonly unknown[] {
  const { hypervisor } = network;
  const told = network.controller(7001).received();
  return [
    ...hypervisor.datapaths().flatMap((one) => outdated(hypervisor, one)),
    ...told.filter(({ type }) => !type.startsWith('echo')),
    ...hypervisor.alarms.keys(),
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
        t.strictSame(apply(running, textOf(on, consistency)), { done: [], waits: [] }, on);
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
  const before = texts(running);
  const s3 = running.network.switch('s3');
  const errorType = errorTable.flowModFailed.number;
  s3.refuse = (one) =>
    one.type === 'flowMod' && one.priority === PRIORITY + 1 && one.command === 0
      ? { errorType, errorCode: 1 }
      : undefined;
  const applied = apply(running, textOf('[s2, s3]'));
  t.match(applied, { whyNot: [/^datapath s3 refused 1 of 1 rules/], isTakenBack: true });
  t.strictSame(texts(running), before);
  t.strictSame(isQuiet(running), []);
  s3.refuse = () => undefined;
  t.strictSame(apply(running, textOf('[s2, s3]')), { done: [], waits: [] });
  t.equal(holders(running), 's2 s3');
});
