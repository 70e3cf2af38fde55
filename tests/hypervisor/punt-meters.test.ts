/**
 * Packet-ins beyond a tenant's limit end in the datapath: what its meters dropped is counted as
 * shed while it is at its limit, and rules follow a limit that comes and goes while they stand.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { port as ofpp } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { vswitchName } from '../slices/networks.ts';
import { applying, flowMod, outputs, toController } from '../slices/rules.ts';
import { textOf } from './apply-texts.ts';
import { FakeNetwork } from './fake-switches.ts';

const red = (given: string) => `
  red:
    limits: ${given}
    vswitches: { v1: { dpid: 1, on: s1, controllers: [tcp:127.0.0.1:7001] } }
    hosts: { h1: { port: v1:1, at: s1:1 } }`;
const limited = textOf(red('{ packet-ins: 100/s }'));
const unlimited = textOf(red('{ rules: 100 }'));

/** Its switches have meters, as Open vSwitch's have. */
function metered(text: string): FakeNetwork {
  const network = new FakeNetwork(text);
  for (const { features } of network.switches.values()) {
    const can = { maxMeter: 262_144, bandTypes: 2, capabilities: 15, maxBands: 8, maxColor: 0 };
    features['meterFeatures'] = { kind: 'meterFeatures', ...can };
  }
  return network.up();
}

/** Changes that concern the meter, and rules that send up, in order. */
function changesOf(messages: readonly Message[]): readonly string[] {
  return messages.flatMap((one) => {
    if (one.type === 'meterMod') return [`meter ${['add', 'modify', 'delete'][one.command]}`];
    if (one.type !== 'flowMod') return [];
    const actions = one.instructions.flatMap((own) => ('actions' in own ? own.actions : []));
    const isRule = one.priority === 101 && one.command === 2;
    if (!isRule) return [];
    return [actions.some(({ type }) => type === 'controller2') ? 'rule by meter' : 'rule'];
  });
}

t.test('a limit comes and goes while rules stand', async (t) => {
  const network = metered(unlimited);
  const controller = network.controller(7001);
  controller.says(flowMod({ instructions: outputs(ofpp.controller) }));
  controller.says(flowMod({ priority: 7, instructions: outputs(1) }));
  network.run();
  const s1 = network.switch('s1');
  s1.changes();
  t.strictSame(network.apply(limited), { done: [], waits: [] });
  t.strictSame(changesOf(s1.changes()), ['meter add', 'rule by meter']);
  t.strictSame(network.apply(textOf(red('{ packet-ins: 200/s }'))), { done: [], waits: [] });
  t.strictSame(changesOf(s1.changes()), ['meter modify'], 'another rate is no rule’s affair');
  t.strictSame(network.apply(unlimited), { done: [], waits: [] });
  t.strictSame(changesOf(s1.changes()), ['rule', 'meter delete'], 'nothing refers to it any more');
});

t.test('rules that come later are of the limit of then, in whatever form', async (t) => {
  const network = metered(unlimited);
  const controller = network.controller(7001);
  const s1 = network.switch('s1');
  let next = 0;
  const upward = (): readonly boolean[] => {
    s1.changes();
    for (let i = 0; i < 4; i++) {
      const match = matchOf(oxm('eth_dst', ++next));
      const rewrite = { type: 'setField', oxm: oxm('eth_src', next) } as const;
      controller.says(flowMod({ match, instructions: applying(rewrite, toController) }));
    }
    network.run();
    return s1.changes().flatMap((one) => {
      const [first] = one.type === 'flowMod' ? one.instructions : [];
      const actions = first?.type === 'applyActions' ? first.actions : [];
      if (actions[0]?.type !== 'setField') return [];
      return [actions.some(({ type }) => type === 'controller2')];
    });
  };
  t.strictSame(upward(), Array(4).fill(false));
  network.apply(limited);
  t.strictSame(upward(), Array(4).fill(true));
  network.apply(unlimited);
  t.strictSame(upward(), Array(4).fill(false));
});

t.test('an apply that is refused leaves rules as they were', async (t) => {
  const network = metered(unlimited);
  network.controller(7001).says(flowMod({ instructions: outputs(ofpp.controller) }));
  network.run();
  const s1 = network.switch('s1');
  s1.changes();
  s1.refuse = (one) =>
    changesOf([one]).includes('rule by meter') ? { errorType: 5, errorCode: 0 } : undefined;
  const applied = network.apply(limited, 20_000);
  t.match(applied, { whyNot: [/1 rules? that send packets up/], isTakenBack: true });
  t.strictSame(changesOf(s1.changes()), ['meter add', 'rule by meter', 'rule', 'meter delete']);
});

t.test('what meters dropped is shed, from the first answer of a connection on', async (t) => {
  const network = metered(limited);
  const { hypervisor } = network;
  const [s1, { traffic }] = [network.switch('s1'), hypervisor.tenants.of('red')];
  const meterId = hypervisor.snapshot().vswitches.get(vswitchName('red/v1'))?.puntMeter?.id ?? 0;
  const dropped = (packets: number): void => {
    const bands = [{ packetCount: BigInt(packets), byteCount: 0n }];
    const counts = { flowCount: 0, packetCount: 0n, byteCount: 0n };
    const meters = [{ meterId, ...counts, durationSec: 0, durationNsec: 0, bands }];
    s1.features['meterStats'] = { kind: 'meterStats', meters };
  };
  const asks = (): number => s1.asked.filter((one) => one === 'meterStats').length;
  dropped(40);
  network.run(limits.puntCountsMs + 100);
  t.equal(asks(), 1, 'once, whatever is shed');
  t.equal(traffic.shed.packetIns, 0, 'that was before');
  network.run(3 * limits.puntCountsMs);
  t.equal(asks(), 1, 'nobody asks while nothing is shed');
  dropped(1_040);
  for (let i = 0; i < 200; i++) {
    if (traffic.letsUp(network.world.now)) traffic.sent('packetIns', 1, network.world.now);
  }
  const own = traffic.shed.packetIns;
  t.ok(own > 0);
  while (asks() < 2) network.run(10);
  t.equal(traffic.shed.packetIns, own + 1_000);
  dropped(1_050);
  network.run(limits.puntCountsMs + 100);
  t.equal(traffic.shed.packetIns, own + 1_010, 'once more, when it is over');
  network.run(3 * limits.puntCountsMs);
  const asked = asks();
  network.run(3 * limits.puntCountsMs);
  t.equal(asks(), asked, 'and then nobody asks');
  dropped(3);
  for (let i = 0; i < 500; i++)
    traffic.letsUp(network.world.now) && traffic.sent('packetIns', 1, network.world.now);
  const before = traffic.shed.packetIns;
  network.run(limits.puntCountsMs + 100);
  t.equal(traffic.shed.packetIns, before + 3, 'a meter that was made anew begins with nothing');
});

t.test('a datapath without meters sends everything up, and is told of none', async (t) => {
  const network = new FakeNetwork(limited);
  const { hypervisor } = network;
  const s1 = network.switch('s1');
  let meters = 0;
  s1.refuse = ({ type }) => {
    if (type !== 'meterMod') return undefined;
    meters += 1;
    return { errorType: 12, errorCode: 3 };
  };
  network.up();
  const runtime = hypervisor.runtime(vswitchName('red/v1'));
  t.equal(runtime?.whyDown(), undefined, 'it serves');
  t.strictSame(network.apply(unlimited), { done: [], waits: [] });
  t.strictSame(network.apply(limited), { done: [], waits: [] });
  t.equal(runtime?.whyDown(), undefined);
  t.equal(meters, 0);
});
