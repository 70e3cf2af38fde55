/**
 * A store with one of everything: what two processes kept, one after the other, of a network in
 * memory. tests/golden/store/ has it as files, in each format that there ever was.
 */
import type { Store } from '../../hypervisor/world/world.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import {
  flowCommand,
  flowFlag,
  groupCommand,
  meterCommand,
  portConfig,
  version,
} from '../../openflow/values/constants.ts';
import type { Action, Instruction, Message } from '../../openflow/values/values.ts';
import { datapath, vport, vswitchName } from '../slices/networks.ts';
import { applying, flowMod, output, outputs } from '../slices/rules.ts';
import { FakeNetwork } from './fake-switches.ts';
import type { Peer } from './fake-world.ts';

const NOBODY = 0xffffffff;

/** The configuration; that of the first process has a tenant more. */
export const goldenText = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3, encoding: flat } }
links: [s1:3 - s2:3, s2:4 - s3:4]
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches: { v1: { dpid: 1, on: s1 }, v2: { dpid: 2, on: s2 }, v3: { dpid: 3, on: s2 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s2:1 } }
    links: [v1:2 - v2:2, v2:3 - v3:1]
  blue:
    controllers: [tcp:127.0.0.1:7002]
    openflow: [1.0]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:2 } }
`;
const earlierText = `${goldenText}
  gone:
    controllers: [tcp:127.0.0.1:7003]
    vswitches: { v1: { dpid: 1, on: s2 } }
    hosts: { h1: { port: v1:1, at: s2:2 } }
`;

const toGroup = (groupId: number): Action => ({ type: 'group', groupId });
const toMac = (address: number) => matchOf(oxm('eth_dst', address));

function groupMod(groupId: number, actions: readonly Action[]): Message {
  const bucket = { weight: 0, watchPort: NOBODY, watchGroup: NOBODY, actions };
  const what = { command: groupCommand.add, groupType: 0, groupId, buckets: [bucket] };
  return { type: 'groupMod', xid: 1, ...what };
}

/** Lets two processes live on the store, and answers the second. */
export function keepGolden(store: Store): void {
  const first = started(earlierText, store);
  const { net } = first;
  const gone = flowMod({ match: toMac(1), instructions: outputs(1), cookie: 0x60e1n });
  controllerOf(net, 7003, 'gone/v1').says(gone);
  const red = controllerOf(net, 7001, 'red/v1');
  const { runtime } = first;
  net.hypervisor.datapath(datapath('s1')).meterFeatures = {
    ...{ maxMeter: 64, bandTypes: 2, capabilities: 0xf, maxBands: 8, maxColor: 0 },
  };
  red.says(groupMod(2, [output(2)]), groupMod(1, [toGroup(2)]), groupMod(9, [toGroup(77)]));
  red.says(groupMod(5, [output(1)]));
  const bands = [{ type: 'drop', rate: 1_000, burstSize: 10 } as const];
  red.says({ type: 'meterMod', xid: 1, command: meterCommand.add, flags: 1, meterId: 3, bands });
  for (let i = 1; i <= 6; i++) {
    red.says(flowMod({ cookie: BigInt(i), match: toMac(i), instructions: outputs(2) }));
  }
  net.run(50);
  const counted = runtime('red/v1').rulebook.rules()[0];
  counted?.counter.saw(datapath('s1'), { packets: 1n << 33n, bytes: 1n << 43n });
  counted?.counter.leave(datapath('s1'));
  if (counted !== undefined)
    net.hypervisor.journal.put({ type: 'rule', vswitch: vswitchName('red/v1'), rule: counted });
  saysValues(red);
  net.run(100);
  red.says(flowMod({ cookie: 0x11n, match: toMac(1), instructions: outputs(1) }));
  red.says(flowMod({ cookie: 0x22n, match: toMac(2), flags: flowFlag.resetCounts }));
  red.says(flowMod({ command: flowCommand.deleteStrict, match: toMac(3) }));
  const none = { command: groupCommand.delete, groupType: 0, groupId: 5, buckets: [] };
  red.says({ type: 'groupMod', xid: 1, ...none });
  const hwAddr =
    runtime('red/v1').vswitch.portIdentities.get(vport(1))?.hwAddr ?? new Uint8Array(6);
  const port = { portNo: 1, hwAddr, config: portConfig.noPacketIn, mask: portConfig.noPacketIn };
  red.says({ type: 'portMod', xid: 1, ...port, advertise: 0 });
  net.run(100);
  net.hypervisor.journal.put({
    type: 'text',
    key: 'encodings',
    value: [...net.hypervisor.snapshot().encodings],
  });
  migrate(net, 'red/v3', 's2', 's1');
  net.run(5_000);
  livesAgain(store);
}

/** Rules that are no plain flow-mods. */
function saysValues(red: Peer): void {
  const rules: readonly (readonly Instruction[])[] = [
    applying(toGroup(1), output(1)),
    [{ type: 'meter', meterId: 3 }, ...outputs(2), { type: 'gotoTable', table: 4 }],
    [{ type: 'writeActions', actions: [toGroup(9)] }],
    applying({ type: 'setField', oxm: oxm('ipv4_dst', 0x0a000001) }, output(1)),
    applying(toGroup(5)),
  ];
  for (const [i, instructions] of rules.entries()) {
    const match = matchOf(oxm('eth_type', 0x0800), oxm('ipv4_src', 0x0a000000 + i));
    const times = { idleTimeoutSec: 300 + i, hardTimeoutSec: 900, flags: flowFlag.sendFlowRem };
    red.says(flowMod({ priority: 200 + i, cookie: 0x7000n, match, instructions, ...times }));
  }
}

/** The second process, whose configuration has a tenant less, and which dies in a migration. */
function livesAgain(store: Store): void {
  const { net } = started(goldenText, store);
  const blue = controllerOf(net, 7002, 'blue/v1');
  const actions: readonly Action[] = [{ type: 'setVlanVid', vid: 7 }, output(1)];
  blue.says(flowMod({ priority: 9, match: toMac(8), instructions: applying(...actions) }));
  const red = controllerOf(net, 7001, 'red/v1');
  const mod = { command: flowCommand.modify, match: toMac(4), cookie: 4n };
  red.says(flowMod({ ...mod, instructions: applying(toGroup(2)) }));
  red.says(flowMod({ cookie: 0x55n, match: toMac(5), instructions: outputs(1) }));
  net.run(100);
  migrate(net, 'red/v2', 's2', 's1');
  for (let i = 0; i < 500; i++) {
    if (net.hypervisor.executor.all().at(-1)?.state.type === 'move') return;
    net.run(1);
  }
  throw new Error('the migration never moved a port');
}

function migrate(net: FakeNetwork, name: string, from: string, to: string): void {
  const runtime = net.hypervisor.runtime(vswitchName(name));
  if (runtime === undefined) throw new Error(`no vswitch ${name}`);
  net.hypervisor.executor.start(runtime.vswitch, datapath(from), datapath(to), 'lime');
}

/** All switches connected and all controllers greeted; blue's speak OpenFlow 1.0. */
function started(text: string, store: Store) {
  const net = new FakeNetwork(text, store);
  for (const name of net.switches.keys()) net.connect(name);
  for (const { peer } of net.world.dialled) {
    if (peer.peer.endsWith(':7002')) peer.version = version.of10;
    peer.user?.onOpen();
    peer.hello();
  }
  net.run();
  const runtime = (name: string) => {
    const found = net.hypervisor.runtime(vswitchName(name));
    if (found === undefined) throw new Error(`no vswitch ${name}`);
    return found;
  };
  return { net, runtime };
}

/** The end of a vswitch's connection to its controller; a tenant's vswitches dial the same one. */
function controllerOf(net: FakeNetwork, port: number, name: string): Peer {
  const names = net.hypervisor.runtimes().map((one) => one.vswitch.name as string);
  const tenant = name.slice(0, name.indexOf('/') + 1);
  const place = names.filter((one) => one.startsWith(tenant)).indexOf(name);
  const dialled = net.world.dialled.filter(({ peer }) => peer.peer.endsWith(`:${port}`));
  const found = dialled[place]?.peer;
  if (found === undefined) throw new Error(`nobody dialled ${port} for ${name}`);
  return found;
}
