/**
 * Ids of groups and meters on datapaths are given to others only when no body has the old ones any
 * more: else two tenants would meet on one id, or the new one's would go with the old one's.
 */
import t from 'tap';
import { groupCommand, meterCommand } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { datapath, twoDatapaths } from '../slices/networks.ts';
import { output } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';

const NOBODY = 0xffffffff;
const bucket = { weight: 0, watchPort: NOBODY, watchGroup: NOBODY, actions: [output(2)] };
const group = { type: 'groupMod', xid: 1, groupType: 0, groupId: 7 } as const;
const meter = { type: 'meterMod', xid: 1, flags: 1, meterId: 7 } as const;
const bands = [{ type: 'drop', rate: 5, burstSize: 1 } as const];
const made: readonly Message[] = [
  { ...group, command: groupCommand.add, buckets: [bucket] },
  { ...meter, command: meterCommand.add, bands },
];
const deleted: readonly Message[] = [
  { ...group, command: groupCommand.delete, buckets: [] },
  { ...meter, command: meterCommand.delete, bands: [] },
];

/** Red's vswitch on s1, with a group and a meter. */
function started() {
  const net = FakeNetwork.started(twoDatapaths(), memoryStore());
  for (const name of ['s1', 's2']) {
    const can = { maxMeter: 64, bandTypes: 2, capabilities: 0xf, maxBands: 8, maxColor: 0 };
    net.hypervisor.datapath(datapath(name)).meterFeatures = can;
  }
  const red = net.controller(7001);
  for (const one of made) red.says(one);
  net.run(300);
  const [runtime] = net.hypervisor.runtimes();
  if (runtime === undefined) throw new Error('no vswitch');
  const { table: groups } = runtime.groups;
  const { table: meters } = runtime.meters;
  const [[groupBelow = 0], [meterBelow = 0]] = [groups.idsBelow(), meters.idsBelow()];
  const taken = () => [
    groups.idsBelow().includes(groupBelow),
    meters.idsBelow().includes(meterBelow),
  ];
  const isDeletion = (one: Message): boolean =>
    (one.type === 'groupMod' && one.command === 2 && one.groupId === groupBelow) ||
    (one.type === 'meterMod' && one.command === 2 && one.meterId === meterBelow);
  return { net, red, runtime, taken, isDeletion };
}

t.test("deleted when a body is about to be left: nobody's before that has let go", async (t) => {
  const { net, red, runtime, taken, isDeletion } = started();
  t.strictSame(taken(), [true, true]);
  const whenTold: boolean[] = [];
  let isAsked = false;
  const look = (change: Message): undefined => {
    if (isAsked && isDeletion(change)) whenTold.push(...taken());
    const { bodies } = runtime.placement;
    if (isAsked || bodies.length > 1 || bodies[0] !== 's2') return;
    isAsked = true;
    net.world.soon(() => {
      for (const one of deleted) red.says(one);
    });
  };
  for (const one of net.switches.values()) one.refuse = look;
  // The new body is quick to say that it is deleted, and the old one slow to say anything.
  const s1 = net.switch('s1');
  const answer = s1.answer.bind(s1);
  let untilMs = 0;
  s1.answer = () => {
    if (whenTold.length > 0 && untilMs === 0) untilMs = net.world.now + 500;
    return net.world.now < untilMs ? false : answer();
  };
  net.hypervisor.executor.start(runtime.vswitch, datapath('s1'), datapath('s2'), 'lime');
  net.run(12_000);
  t.equal(net.hypervisor.executor.all()[0]?.state.type, 'done');
  t.ok(isAsked && whenTold.length > 2, 'both switches are told');
  t.ok(
    whenTold.every((one) => one),
    'taken whenever one is told',
  );
  t.strictSame(taken(), [false, false], 'then free');
});

t.test("deleted as a body goes away: nobody's before that is corrected", async (t) => {
  const { net, red, runtime, taken } = started();
  const { bodies } = runtime.placement;
  net.hypervisor.executor.start(runtime.vswitch, datapath('s1'), datapath('s2'), 'lime');
  for (let i = 0; i < 60 && runtime.singleBody.isOn === false; i += 1) net.run(20);
  for (const one of deleted) red.says(one);
  net.world.pass(0);
  net.switch('s1').peer.user?.onClose('cut');
  net.run(300);
  t.equal(runtime.groups.table.groups().length, 0, 'it is deleted');
  t.strictSame(taken(), [true, true]);
  net.connect('s1');
  net.run(20_000);
  t.strictSame(taken(), [false, false]);
  t.equal(bodies[0], 's1');
});
