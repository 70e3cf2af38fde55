/**
 * The audit of a switch that does not answer, and of one whose tables somebody has emptied
 * (tests/live/foreign.test.ts has it on Open vSwitch).
 */
import t from 'tap';
import { Audit } from '../../hypervisor/datapath/audit.ts';
import type { Datapath } from '../../hypervisor/datapath/datapath.ts';
import {
  Discrepancies,
  expectedCount,
  flatEntries,
} from '../../hypervisor/datapath/discrepancies.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand } from '../../openflow/values/constants.ts';
import type { FlowStats } from '../../openflow/values/values.ts';
import { atOnce } from '../../slices/steps.ts';
import type { PhysicalFlow } from '../../translation/entries/physical-tables.ts';
import { isOver } from '../../translation/migration/migration.ts';
import { pipelineEncoding } from '../../translation/pipeline/encoding.ts';
import { datapath, oneDatapath, twoDatapaths } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { FakeNetwork } from './fake-switches.ts';

/** A switch that holds nothing, which is looked at from now on. */
function audited(network: FakeNetwork): void {
  const { hypervisor, log } = network;
  const [datapath] = hypervisor.datapaths();
  if (datapath === undefined) throw new Error('no datapath');
  new Audit(hypervisor, log).begin(datapath);
}

t.test('a switch that refuses to be read is asked again', async (t) => {
  const network = FakeNetwork.started(oneDatapath);
  const s1 = network.switch('s1');
  audited(network);
  s1.refusesStatistics = true;
  const asked = (): number => {
    s1.asked.length = 0;
    network.run(25_000);
    return s1.asked.filter((kind) => kind === 'flow' || kind === 'aggregate').length;
  };
  t.ok(asked() > 0, 'it is looked at');
  t.ok(asked() > 0, 'and again');
  s1.refusesStatistics = false;
  asked();
  s1.changes();
  network.run(15_000);
  t.ok(s1.changes().length > 0, 'and corrected when it answers');
});

t.test('somebody has emptied its tables: all of it is sent again', async (t) => {
  const RULES = 6_000;
  const network = FakeNetwork.started(oneDatapath);
  const s1 = network.switch('s1');
  const red = network.controller(7001);
  for (let i = 1; i <= RULES; i++) {
    red.says(flowMod({ match: matchOf(oxm('eth_dst', i)), instructions: outputs(2) }));
    if (i % 100 === 0) network.run(1);
  }
  network.run(1_000);
  audited(network);
  s1.changes();
  network.run(25_000);
  const again = new Set(
    s1.changes().flatMap((one) => (one.type === 'flowMod' ? [one.cookie] : [])),
  );
  t.ok(again.size >= RULES, `${again.size} entries were sent again`);
});

t.test(
  'entries of one-table datapaths are counted, and made in steps when they are read',
  async (t) => {
    const { hypervisor } = FakeNetwork.started(twoDatapaths());
    const one = hypervisor.datapath(datapath('s1'));
    const RULES = 100;
    const flow = (priority: number): PhysicalFlow => {
      const what = { tableId: 0, match: [], instructions: [], cookie: 0n };
      return { ...what, priority };
    };
    let made = 0;
    function* flows(): Iterable<readonly PhysicalFlow[]> {
      for (let i = 0; i < RULES; i += 1) {
        made += 1;
        yield [flow(2 * i), flow(2 * i + 1)];
      }
    }
    const flat = { entryCount: 2 * RULES, flows };
    const sent = { name: one.name, intent: one.intent, flat } as unknown as Datapath;
    t.equal(expectedCount(hypervisor, sent), one.intent.flows.size + 2 * RULES);
    t.equal(made, 0, 'nothing is made to be counted');
    const steps = flatEntries(sent);
    steps.next();
    t.ok(made > 0 && made <= 10, `${made} rules in the first step`);
    t.equal(atOnce(steps).size, 2 * RULES);
  },
);

t.test('what is read while a vswitch comes and goes is not held against anybody', async (t) => {
  const network = FakeNetwork.started(twoDatapaths());
  const { hypervisor } = network;
  network.controller(7001).says(flowMod({ match: matchOf(), instructions: outputs(2) }));
  network.run(300);
  const [runtime] = hypervisor.runtimes();
  const [rule] = runtime?.rulebook.rules() ?? [];
  if (runtime === undefined || rule === undefined) throw new Error('there is one rule');
  const rows = pipelineEncoding.encode(runtime.vswitch, rule) as readonly FlowStats[];
  t.equal(rows.length, 1);
  const asked = (name: string) =>
    new Discrepancies(hypervisor, hypervisor.datapath(datapath(name)), new Map());
  const held = (found: Discrepancies): number => {
    for (const row of rows) found.compare(row);
    return found.all.size;
  };
  t.equal(held(asked('s1')), 0);
  t.equal(held(asked('s2')), 1, 'it has no business there');
  const before = asked('s1');
  hypervisor.executor.start(runtime.vswitch, datapath('s1'), datapath('s2'), 'lime');
  const during: Discrepancies[] = [];
  let leaving = 0;
  network.switch('s1').refuse = (message) => {
    const isDeletion = message.type === 'flowMod' && message.command >= flowCommand.delete;
    if (isDeletion && !runtime.livesOn(datapath('s1'))) {
      leaving += 1;
      t.equal(held(asked('s1')), 0, 'it is about to go');
    }
    return undefined;
  };
  for (let ms = 0; ms < 20_000 && !hypervisor.executor.all().every(isOver); ms += 1) {
    network.run(1);
    if (runtime.placement.bodies.length > 1) during.push(asked('s2'));
  }
  t.equal(runtime.placement.primary, 's2', 'it moved');
  t.ok(during.length > 0 && leaving > 0);
  for (const found of during) if (held(found) > 0) t.fail('its own rule is not wanted');
  while (before.step());
  t.notMatch([...before.all.keys()].join(), 'rule', 'none is missing where it was');
  t.equal(held(asked('s1')), 1, 'afterwards it has no business there');
});
