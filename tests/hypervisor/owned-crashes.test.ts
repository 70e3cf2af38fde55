/**
 * A process ends in the middle: a start from every state that the store was in while networks came,
 * changed, paused, went on and went. Each is there as a whole or not at all, and what somebody was
 * told is so.
 */
import t from 'tap';
import type { Outcome } from '../../hypervisor/networks/networks.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { templateTree } from '../../slices/config/templates.ts';
import type { VswitchName } from '../../slices/ids.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { failing } from '../support/faults.ts';
import { RecordingStore } from '../support/recording-store.ts';
import { FakeNetwork } from './fake-switches.ts';

const text = `
listen: ptcp:6653
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [ 's1:9 - s2:9' ]
offers: { a: s1:1, b: s2:1, c: s2:2 }
quotas: { q: { networks: 2, rules: 100, controllers: [any] } }
tenants: { red: { vswitches: { v: { dpid: 1, on: s1 } }, hosts: { h: { port: v:1, at: s1:5 } } } }
`;

const ports = [1, 2, 5, 9];
const owner = { name: 'ann', quota: 'q' };
const lab = 'lab@ann';

/** What a start finds of it. */
function stateIn({ hypervisor }: FakeNetwork): string {
  const { networks } = hypervisor;
  const record = networks.owned.get(lab);
  const isThere = hypervisor.snapshot().tenants.has(lab);
  const rules = hypervisor.runtime(`${lab}/sw` as VswitchName)?.rulebook.size;
  const [controller = ''] = (record?.asked['controllers'] ?? []) as readonly string[];
  if (record === undefined) return isThere ? 'there without a record' : 'none';
  if ((record.state === 'running') !== isThere) return `${record.state}, and there: ${isThere}`;
  return [record.state, ...(isThere ? [`${rules} rules`] : []), controller].join(', ');
}

const [one, other] = ['tcp:192.0.2.7:6653', 'tcp:192.0.2.8:6653'] as const;

t.test('a start from every state of the store', async (t) => {
  const store = new RecordingStore();
  const net = new FakeNetwork(text, store, failing, { ports }).up();
  const { networks } = net.hypervisor;
  /** From which state on which text holds, and those that may be until the next. */
  const told: { readonly from: number; readonly is: string }[] = [];
  const tell = (is: string): void => void told.push({ from: store.states.length - 1, is });
  const done =
    (is: string) =>
    (outcome: Outcome): void => {
      if ('problems' in outcome) throw new Error(`${outcome.below ?? outcome.problems}`);
      tell(is);
    };
  tell('none');
  const tree = templateTree('single', ['a', 'b'], [one]);
  networks.create(owner, { name: 'lab', network: tree }, false, done(`running, 0 rules, ${one}`));
  net.run(5_000);
  const peer = net.world.dialled.find((dialled) => dialled.peer.peer === one)?.peer;
  peer?.user?.onOpen();
  peer?.hello();
  net.run();
  peer?.says(flowMod({ match: matchOf(oxm('eth_dst', 7)), instructions: outputs(1) }));
  net.run(5_000);
  tell(`running, 1 rules, ${one}`);
  networks.pause(lab, false, done(`paused, ${one}`));
  net.run(5_000);
  networks.resume(lab, false, done(`running, 1 rules, ${one}`));
  net.run(5_000);
  networks.setControllers(lab, [other], false, done(`running, 1 rules, ${other}`));
  net.run(5_000);
  networks.remove(lab, false, done('none'));
  net.run(5_000);
  t.equal(told.length, 7);
  const { states } = store;
  for (const [i, state] of states.entries()) {
    const last = told.findLastIndex(({ from }) => from <= i);
    const may = [told[last]?.is, told[last + 1]?.is];
    const again = new FakeNetwork(text, RecordingStore.in(state), failing, { ports }).up();
    again.loaded();
    again.run(500);
    const is = stateIn(again);
    t.ok(may.includes(is), `state ${i} of ${states.length}: ${is}; may be ${may.join(' or ')}`);
    const left = [...again.hypervisor.departures.census([]).names];
    const own = left.filter((name) => name.startsWith(lab));
    t.ok(own.length === 0 || is.startsWith('paused'), `${is}, and left: ${own.join()}`);
    again.hypervisor.stop('the end');
  }
});
