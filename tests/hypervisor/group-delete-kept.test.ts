/**
 * What a tenant deletes that rules use (a group, a meter) goes after the rules, in the store too:
 * a process that dies in between leaves a state that starts (DESIGN 8).
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { groupCommand, meterCommand } from '../../openflow/values/constants.ts';
import type { Instruction, Message } from '../../openflow/values/values.ts';
import { datapath } from '../slices/networks.ts';
import { applying, flowMod, output } from '../slices/rules.ts';
import { RecordingStore } from '../support/recording-store.ts';
import { FakeNetwork } from './fake-switches.ts';

const NOBODY = 0xffffffff;
const RULES = 6_000;
const text = `
datapaths: { s1: { dpid: 1 } }
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s1:2 } }
`;

const bucket = { weight: 0, watchPort: NOBODY, watchGroup: NOBODY, actions: [output(2)] };
const group = { type: 'groupMod', xid: 1, groupType: 0, groupId: 7 } as const;
const bands = [{ type: 'drop', rate: 5, burstSize: 1 } as const];
const meter = { type: 'meterMod', xid: 1, flags: 1, meterId: 7 } as const;

const kinds: Readonly<
  Record<string, { make: Message; use: readonly Instruction[]; end: Message }>
> = {
  group: {
    make: { ...group, command: groupCommand.add, buckets: [bucket] },
    use: applying({ type: 'group', groupId: 7 }),
    end: { ...group, command: groupCommand.delete, buckets: [] },
  },
  meter: {
    make: { ...meter, command: meterCommand.add, bands },
    use: [{ type: 'meter', meterId: 7 }],
    end: { ...meter, command: meterCommand.delete, bands: [] },
  },
};

for (const [name, { make, use, end }] of Object.entries(kinds)) {
  t.test(
    `a ${name} that ${RULES} rules use is deleted: every commit meanwhile starts`,
    async (t) => {
      const store = new RecordingStore();
      const net = FakeNetwork.started(text, store);
      const can = { maxMeter: 64, bandTypes: 2, capabilities: 0xf, maxBands: 8, maxColor: 0 };
      net.hypervisor.datapath(datapath('s1')).meterFeatures = can;
      const red = net.controller(7001);
      red.says(make);
      for (let i = 0; i < RULES; i++) {
        red.says(flowMod({ match: matchOf(oxm('eth_dst', i)), instructions: use }));
      }
      net.run(300);
      const before = store.states.length;
      const { soon } = net.world;
      // Each turn's changes are kept before the next turn.
      net.world.soon = (run) =>
        soon.call(net.world, () => {
          run();
          net.hypervisor.journal.flush();
        });
      red.says(end);
      net.run(300);
      t.equal(net.hypervisor.runtimes()[0]?.rulebook.size, 0, 'all rules are gone');
      const states = store.states.slice(before);
      t.ok(states.length >= 2, `it took ${states.length} commits`);
      for (const [i, state] of states.entries()) {
        const { hypervisor } = new FakeNetwork(text, RecordingStore.in(state));
        t.strictSame([...hypervisor.alarms.keys()], [], `nothing is left out after commit ${i}`);
      }
    },
  );
}

t.test('a rule that does not bind is left out, told, and gone from the store', async (t) => {
  const store = new RecordingStore();
  const net = FakeNetwork.started(text, store);
  const red = net.controller(7001);
  red.says({ ...group, command: groupCommand.add, buckets: [bucket] });
  red.says(flowMod({ priority: 1, instructions: applying({ type: 'group', groupId: 7 }) }));
  red.says(flowMod({ priority: 2, instructions: applying(output(1)) }));
  net.run(100);
  const { journal } = net.hypervisor;
  journal.put({
    type: 'noGroup',
    vswitch: net.hypervisor.runtimes()[0]?.vswitch.name ?? ('' as never),
    groupId: 7,
  });
  journal.flush();
  for (const [i, left] of [1, 0].entries()) {
    const { hypervisor } = new FakeNetwork(text, store);
    const rules = hypervisor.runtimes()[0]?.rulebook.rules() ?? [];
    t.strictSame(
      rules.map(({ priority }) => priority),
      [2],
    );
    const told = 'red/v1: 1 record of the store left out: group 7 does not exist';
    t.strictSame([...hypervisor.alarms.keys()], left === 1 ? [told] : [], `start ${i + 1}`);
    hypervisor.journal.flush();
  }
});
