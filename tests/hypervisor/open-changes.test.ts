/**
 * What no datapath had acknowledged when a process ended, and is refused after the next start:
 * nobody was promised it, so what stood before stands again, and the vswitch serves. The same of
 * rules, groups and meters; and what was acknowledged is never given up.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import {
  flowCommand,
  groupCommand,
  meterCommand,
  port as ofpp,
} from '../../openflow/values/constants.ts';
import type { Action, Message } from '../../openflow/values/values.ts';
import { GROUP_IDS_FROM } from '../../slices/groups-meters/groups.ts';
import { limits } from '../../slices/limits.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { datapath, oneDatapath } from '../slices/networks.ts';
import { applying, flowMod, output, outputs } from '../slices/rules.ts';
import type { memoryStore } from '../support/memory-store.ts';
import { RecordingStore } from '../support/recording-store.ts';
import { FakeNetwork } from './fake-switches.ts';

const NOBODY = 0xffffffff;
const can = { maxMeter: 64, bandTypes: 2, capabilities: 0xf, maxBands: 8, maxColor: 0 };
const FULL = { errorType: 5, errorCode: 1 };

const group = (command: number, groupId: number, port: number): Message => {
  const actions: Action[] = [output(port)];
  const buckets = [{ weight: 0, watchPort: NOBODY, watchGroup: NOBODY, actions }];
  return { type: 'groupMod', xid: 1, command, groupType: 0, groupId, buckets };
};
const meter = (command: number, meterId: number, rate: number): Message => {
  const bands = [{ type: 'drop', rate, burstSize: 1 } as const];
  return { type: 'meterMod', xid: 1, command, flags: 1, meterId, bands };
};
const match = matchOf(oxm('eth_dst', 1));
const rule = { match, instructions: outputs(2) };
const useOf = (groupId: number) => applying({ type: 'group', groupId });

/** Whether a message is about what a tenant made, and takes nothing away. */
function isMade(message: Message): boolean {
  if (message.type === 'groupMod') return message.groupId >= GROUP_IDS_FROM && message.command < 2;
  if (message.type === 'meterMod') return message.command < 2;
  if (message.type !== 'flowMod') return false;
  return readCookie(message.cookie)?.kind === 'rule' && message.command < flowCommand.delete;
}

/** What a tenant has; counters and times aside. */
function madeIn({ hypervisor }: FakeNetwork) {
  const [runtime] = hypervisor.runtimes();
  if (runtime === undefined) throw new Error('no vswitch');
  return {
    why: runtime.whyDown(),
    rules: runtime.rulebook.rules().map((one) => [one.cookie, one.instructions] as const),
    groups: runtime.groups.table.groups().map((one) => [one.groupId, one.buckets] as const),
    meters: runtime.meters.table.meters().map((one) => [one.meterId, one.bands] as const),
  };
}

/**
 * Some requests are acknowledged; others are sent and kept, and then the process dies. The switch
 * refuses `refused` when it is back.
 */
function killed(before: readonly Message[], open: readonly Message[], isCompacted = false) {
  const store = new RecordingStore();
  const net = FakeNetwork.started(oneDatapath, store);
  net.hypervisor.datapath(datapath('s1')).meterFeatures = can;
  const red = net.controller(7001);
  red.says(...before);
  net.run(50);
  const had = madeIn(net);
  red.says(...open);
  net.world.turn();
  net.hypervisor.journal.flush();
  const last = store.states.at(-1);
  if (last === undefined) throw new Error('nothing was ever kept');
  const kept = isCompacted ? twice(last) : RecordingStore.in(last);
  return { had, kept, wanted: madeIn(net) };
}

/** As a start leaves it that ended before its switch connected. */
function twice(state: RecordingStore['states'][number]) {
  const store = RecordingStore.in(state);
  new FakeNetwork(oneDatapath, store).loaded().hypervisor.journal.flush();
  return store;
}

function started(store: ReturnType<typeof memoryStore>, refuses: (one: Message) => boolean) {
  const again = new FakeNetwork(oneDatapath, store).loaded();
  again.hypervisor.datapath(datapath('s1')).meterFeatures = can;
  again.switch('s1').refuse = (one) => (isMade(one) && refuses(one) ? FULL : undefined);
  again.connect('s1');
  again.run(50);
  return again;
}

/** Each thing once: what is sent first is what was never acknowledged. */
function refusesTheFirst(): (one: Message) => boolean {
  const seen = new Set<string>();
  return (one) => {
    const what = one.type === 'flowMod' ? JSON.stringify(one.match) : one.type;
    const isFirst = !seen.has(what);
    seen.add(what);
    return isFirst;
  };
}

const { add, modify } = groupCommand;
const cases: readonly (readonly [string, readonly Message[], readonly Message[]])[] = [
  ['a rule', [], [flowMod(rule)]],
  [
    'a rule of another’s place',
    [flowMod({ ...rule, cookie: 7n, flags: 1 })],
    [flowMod({ ...rule, cookie: 8n, flags: 1 })],
  ],
  [
    'what a rule does',
    [flowMod(rule)],
    [flowMod({ ...rule, command: flowCommand.modify, instructions: outputs(1) })],
  ],
  ['a group', [], [group(add, 1, 2)]],
  ['what a group does', [group(add, 1, 2)], [group(modify, 1, 1)]],
  [
    'what a group does, twice',
    [group(add, 1, 2)],
    [group(modify, 1, 1), group(modify, 1, ofpp.flood)],
  ],
  [
    'a group and its rule',
    [],
    [group(add, 1, 2), flowMod({ match: matchOf(oxm('eth_dst', 2)), instructions: useOf(1) })],
  ],
  ['a meter', [], [meter(meterCommand.add, 1, 5)]],
  ['what a meter does', [meter(meterCommand.add, 1, 5)], [meter(meterCommand.modify, 1, 6)]],
];

for (const [what, before, open] of cases) {
  t.test(`${what}, refused after a kill: what was before is there`, async (t) => {
    for (const isCompacted of [false, true]) {
      const { had, kept, wanted } = killed(before, open, isCompacted);
      t.notSame(had, wanted, 'something was asked for');
      const again = started(kept, refusesTheFirst());
      t.strictSame(madeIn(again), had);
      again.hypervisor.journal.flush();
      t.strictSame(madeIn(started(kept, () => false)), had, 'and after the next start');
    }
  });

  t.test(`${what}, and the switch has no room for anything`, async (t) => {
    const { had, kept } = killed(before, open);
    const again = started(kept, () => true);
    if (before.length === 0) t.strictSame(madeIn(again), had, 'nobody was promised anything');
    else t.match(madeIn(again), { ...had, why: /no room for/ }, 'what was promised stays');
    again.switch('s1').refuse = () => undefined;
    again.run(limits.missingRetryMs + 50);
    t.strictSame(madeIn(again), had, 'and is there when there is room');
  });

  t.test(`${what}, taken after a kill: it is there, and promised from then on`, async (t) => {
    const { kept, wanted } = killed(before, open);
    const again = started(kept, () => false);
    t.strictSame(madeIn(again), wanted);
    again.hypervisor.journal.flush();
    const third = started(kept, () => true);
    t.match(madeIn(third), { ...wanted, why: /no room for/ });
  });
}
