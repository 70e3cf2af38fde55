/**
 * `optimize` on the control socket: what the search cannot know stands against a move is found and
 * said, and the next best is proposed; who asks for what is not gets an answer that names it.
 */
import t from 'tap';
import {
  type OptimizeReport,
  optimizeMethods,
} from '../../hypervisor/operator/control-optimize.ts';
import { optimizeText } from '../../hypervisor/operator/optimize-commands.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { vswitchName } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { FakeNetwork } from './fake-switches.ts';

const text = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: [s1:3 - s2:3, s2:4 - s3:4]
tenants:
  red:
    limits: { on: { s1: { rules: 3 } } }
    vswitches: { v1: { dpid: 1, on: s3 } }
    hosts: { h1: { port: v1:1, at: s1:1 } }
  blue:
    vswitches: { v1: { dpid: 1, on: s3 } }
    hosts: { h1: { port: v1:1, at: s3:1 } }
`;

/** What comes of it; an error as its text. */
function asked(network: FakeNetwork, params: object): OptimizeReport | string {
  let answer: OptimizeReport | string | undefined;
  const reply = {
    result: (value: unknown): void => {
      answer = value as OptimizeReport;
    },
    error: (code: string, message: string): void => {
      answer = `${code}: ${message}`;
    },
  };
  const given = { objective: 'latency', windowMs: 300_000, budgetMs: 2_000, ...params };
  optimizeMethods.optimize(network.hypervisor, given, reply);
  network.run(12_000);
  return answer ?? 'no answer';
}

t.test('a move that its tenant’s limits forbid is not proposed, but said', async (t) => {
  const network = FakeNetwork.started(text);
  const runtime = network.hypervisor.runtime(vswitchName('red/v1'));
  for (let i = 0; i < 4; i++) {
    const mod = flowMod({ match: matchOf(oxm('eth_dst', i)), instructions: outputs(1) });
    runtime?.rulebook.apply(mod as never, 0);
  }
  const report = asked(network, { tenant: 'red' });
  if (typeof report === 'string') throw new Error(report);
  t.match(report.moves, [{ vswitch: 'red/v1', from: 's3', to: 's2', rules: 4 }]);
  t.match(report.whyNot, [/red\/v1 would bring 4, more than its limit of 3/]);
  t.ok(report.isUnmeasured, 'nothing passed');
  t.match(report, { isWhole: true, before: { hops: 2 }, after: { hops: 1 } });
  const lines = optimizeText(report);
  t.match(lines, /mean way of a byte +2\.00 hops, 0\.2 ms +1\.00 hops, 0\.1 ms\n/);
  t.match(lines, / PASSES +CROSSES +TAKES\nred\/v1 +s3 +s2 +4 +0 +0 .* \d+ ms\n/);
  t.match(report.moves, [{ rate: 0, bytes: 0 }], 'and so nothing crosses');
  t.ok((report.moves[0]?.tookMs ?? 0) > 100, 'what is typical');
  t.match(lines, /cannot be:\n +tenant red has 0 rules on s1/);
  const all = network.hypervisor.executor.all();
  t.equal(all.length, 0, 'nothing has moved');
});

t.test('nothing is better', async (t) => {
  const report = asked(FakeNetwork.started(text), { tenant: 'blue' });
  t.match(report, { moves: { length: 0 }, before: { hops: 0 } });
  t.match(optimizeText(report as OptimizeReport), /no move would make it better/);
});

t.test('what cannot be asked', async (t) => {
  const network = FakeNetwork.started(text);
  t.equal(asked(network, { tenant: 'x' }), 'rejected: there is no tenant "x"; known: red, blue');
  const known = 'latency, load, energy, spread';
  t.equal(
    asked(network, { objective: 'money' }),
    `usage: "money" is nothing to optimize for; known: ${known}`,
  );
  t.match(asked(network, { budgetMs: 60_001 }), /^usage: "budgetMs" is from 1 to 60000/);
  t.match(asked(network, { windowMs: 'x' }), /^usage: "windowMs"/);
});
