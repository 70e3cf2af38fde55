/**
 * What is too long for a message is refused, and nothing else: at the very limit of each of the
 * messages in which it would have to be said.
 */
import t from 'tap';
import { oxm } from '../../openflow/match/match.ts';
import { encode, frameBytesMax, replySizeOf, sizeOf } from '../../openflow/messages/codec.ts';
import { port as portDesc } from '../../openflow/messages/structs.ts';
import { groupType, isError, port as ofpp, version } from '../../openflow/values/constants.ts';
import type { Action, Bucket, Instruction, OfError } from '../../openflow/values/values.ts';
import type { GroupMod } from '../../slices/groups-meters/groups.ts';
import { limits } from '../../slices/limits.ts';
import { nothingRemembered } from '../../slices/network/snapshot.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';
import { featuresReply, portDescs } from '../../translation/controllers/vswitch-description.ts';
import { PipelineBody } from '../../translation/datapath/pipeline-body.ts';
import { wiringOf } from '../../translation/datapath/wiring.ts';
import { addFlow, addGroup } from '../../translation/entries/physical-tables.ts';
import { features10, fitting } from '../../translation/entries/versions.ts';
import { FlatDatapath } from '../../translation/flat/datapath.ts';
import { planMigration } from '../../translation/migration/plan.ts';
import { encodeSetAction } from '../../translation/pipeline/encoding.ts';
import { refuseFlowMod } from '../../translation/requests/flow-mod.ts';
import { refuseGroupMod } from '../../translation/requests/group-mod.ts';
import { Random } from '../openflow/random.ts';
import { datapath, exampleText, problemsOf, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { applied, flowMod, output, ruleOf } from '../slices/rules.ts';
import { flatSnapshot } from './flat-networks.ts';

const snapshot = snapshotOf(exampleText());
const v3 = vswitchOf(snapshot, 'red/v3');
const pipeline = new PipelineBody(v3, { datapath: datapath('s3'), isLive: () => true });

type Refuses = (instructions: readonly Instruction[]) => OfError | undefined;

/** Of a flow-mod, by whoever looks at it. */
const onPipeline: Refuses = (instructions) => {
  const mod = flowMod({ instructions });
  const rule = (): ReturnType<typeof ruleOf> => ruleOf({ instructions });
  return (
    refuseFlowMod(mod) ??
    pipeline.refuse({ type: 'add', rule: rule(), replaced: undefined, resets: false }, snapshot)
  );
};

/** The most of something that is not refused. */
function most(isRefused: (count: number) => boolean): number {
  let [fits, not] = [0, 70_000];
  while (not - fits > 1) {
    const middle = (fits + not) >> 1;
    if (isRefused(middle)) not = middle;
    else fits = middle;
  }
  return fits;
}

const times = (count: number, action: Action): readonly Action[] =>
  Array.from({ length: count }, () => action);

const set10: Action = { type: 'setNwTos', tos: 4 };
const kinds: Readonly<Record<string, Action>> = {
  output: output(1),
  flood: output(ofpp.flood),
  'set-field': { type: 'setField', oxm: oxm('eth_dst', 1) },
  enqueue: { type: 'enqueue', port: 1, queueId: 1 },
  'set_nw_tos of 1.0': set10,
  'set_vlan_vid of 1.0': { type: 'setVlanVid', vid: 5 },
};

for (const [name, action] of Object.entries(kinds)) {
  for (const type of ['applyActions', 'writeActions'] as const) {
    t.test(`${name}, ${type}: as many as fit below, in the store and in statistics`, async (t) => {
      const instructions = (count: number) => [{ type, actions: times(count, action) }] as const;
      const count = most((n) => onPipeline(instructions(n)) !== undefined);
      t.ok(count > 600, `${count} fit`);
      const error = onPipeline(instructions(count + 1));
      t.match(error, { errorType: 2, errorCode: 7 }, 'BAD_ACTION, TOO_MANY');
      const rule = ruleOf({ instructions: instructions(count) });
      const add = { type: 'add', rule, replaced: undefined, resets: false } as const;
      const [below] = pipeline.change(add);
      if (below?.type !== 'flowMod') return t.fail('no flow-mod');
      t.ok(encode(version.of13, below).length <= frameBytesMax, 'it goes down');
      t.ok(rowBytes(below.instructions, below.match) <= frameBytesMax, 'and is read back');
      const read = ruleOf({ instructions: rule.instructions });
      t.same(read.instructions, instructions(count), 'it is kept as it is');
    });
  }
}

function rowBytes(instructions: readonly Instruction[], match = flowMod().match): number {
  const times = { durationSec: 0, durationNsec: 0, idleTimeoutSec: 0, hardTimeoutSec: 0 };
  const counts = { cookie: 0n, packetCount: 0n, byteCount: 0n };
  const row = { tableId: 0, priority: 0, flags: 0, ...times, ...counts, match, instructions };
  return replySizeOf(version.of13, { kind: 'flow', flows: [row] });
}

const bucketOf = (actions: readonly Action[]): Bucket => ({
  weight: 0,
  watchPort: ofpp.any,
  watchGroup: 0xffff_ffff,
  actions,
});
const groupOf = (buckets: readonly Bucket[], type: number = groupType.all): GroupMod => ({
  type: 'groupMod',
  xid: 0,
  command: 0,
  groupType: type,
  groupId: 1,
  buckets,
});

t.test('groups: buckets that fit the group-mod, its description and its statistics', async (t) => {
  for (const actions of [[], [output(1)], [output(1), output(2)]]) {
    const mod = (count: number) => groupOf(Array.from({ length: count }, () => bucketOf(actions)));
    const count = most((n) => refuseGroupMod(mod(n)) !== undefined);
    t.match(refuseGroupMod(mod(count + 1)), { errorType: 6, errorCode: 4 }, 'OUT_OF_BUCKETS');
    const below = mod(count).buckets.map((bucket) => ({
      ...bucket,
      actions: bucket.actions.flatMap((action) => encodeSetAction(action)),
    }));
    const group = { groupId: 1, groupType: 0, buckets: below };
    t.ok(encode(version.of13, addGroup(group)).length <= frameBytesMax, `${count} buckets`);
    t.ok(replySizeOf(version.of13, { kind: 'groupDesc', groups: [group] }) <= frameBytesMax);
    const zero = { refCount: 0, packetCount: 0n, byteCount: 0n, durationSec: 0, durationNsec: 0 };
    const counters = below.map(() => ({ packetCount: 0n, byteCount: 0n }));
    const stats = { groupId: 1, ...zero, buckets: counters };
    t.ok(replySizeOf(version.of13, { kind: 'groupStats', groups: [stats] }) <= frameBytesMax);
  }
  const long = groupOf([bucketOf(times(2_500, output(1)))], groupType.indirect);
  t.match(refuseGroupMod(long), { errorType: 2, errorCode: 7 }, 'one bucket: TOO_MANY');
  const gone = { ...groupOf([]), command: 2 };
  t.equal(refuseGroupMod(gone), undefined, 'a deletion has nothing that could be long');
});

for (const encoding of ['flat of 1.0', 'flat of 1.3'] as const) {
  t.test(`${encoding}: no entry is ever longer than what was measured`, async (t) => {
    const random = new Random(7);
    const flat = flatSnapshot(encoding);
    let refused = 0;
    for (let i = 0; i < 60; i++) {
      const vswitch = vswitchOf(flat, random.pick(['red/v1', 'red/v3', 'blue/v2']));
      const on = [...flat.placements].find(([name]) => name === vswitch.name)?.[1].primary;
      const body = new FlatDatapath(flat, on ?? datapath('s1')).bodyOf(vswitch);
      const ports = [1, 2, ofpp.flood, ofpp.all, ofpp.inPort, ofpp.controller];
      const actions = times(random.number(6_000), output(1)).map((): Action => {
        return random.number(9) === 0 ? (kinds['set-field'] as Action) : output(random.pick(ports));
      });
      const rule = ruleOf({
        instructions: [{ type: 'applyActions', actions: actions.slice(0, 4_000) }],
      });
      const add = { type: 'add', rule, replaced: undefined, resets: false } as const;
      if (body.refuse(add, flat) !== undefined) {
        refused += 1;
        continue;
      }
      const speaks = encoding === 'flat of 1.0' ? version.of10 : version.of13;
      for (const message of body.change(add)) t.ok(sizeOf(speaks, message) <= frameBytesMax);
    }
    t.ok(refused > 5 && refused < 55, `${refused} of 60 refused`);
  });
}

t.test('as many outputs as documents say (README, GUIDE, DESIGN: Lengths)', async (t) => {
  const instructions = (count: number, to: number) =>
    [{ type: 'applyActions', actions: times(count, output(to)) }] as const;
  t.equal(
    most((n) => onPipeline(instructions(n, 1)) !== undefined),
    2_044,
  );
  const onFlat = (encoding: 'flat of 1.0' | 'flat of 1.3', to: number): number => {
    const flat = flatSnapshot(encoding);
    const body = new FlatDatapath(flat, datapath('s1')).bodyOf(vswitchOf(flat, 'red/v1'));
    return most((n) => {
      const parts = { instructions: instructions(n, to) };
      if (refuseFlowMod(flowMod(parts)) !== undefined) return true;
      const add = { type: 'add', rule: ruleOf(parts), replaced: undefined, resets: false } as const;
      return body.refuse(add, flat) !== undefined;
    });
  };
  const [host, link] = [1, 2];
  t.equal(onFlat('flat of 1.0', host), 4_089);
  t.equal(onFlat('flat of 1.0', link), 4_089);
  t.equal(onFlat('flat of 1.3', host), 2_725);
  t.equal(onFlat('flat of 1.3', link), 1_635);
});

t.test('a plan to where a rule does not fit names the rule', async (t) => {
  const encodings = new Map([[datapath('s3'), 'flat of 1.0' as const]]);
  const mixed = snapshotOf(exampleText(), { ...nothingRemembered, encodings });
  const vswitch = vswitchOf(mixed, 'red/v3');
  const rulebook = new Rulebook();
  const actions = times(2_500, output(1));
  const mod = flowMod({ priority: 7, instructions: [{ type: 'applyActions', actions }] });
  t.equal(refuseFlowMod(mod), undefined);
  const [add] = applied(rulebook, mod);
  if (add === undefined) throw new Error('no change');
  const here = new FlatDatapath(mixed, datapath('s3')).bodyOf(vswitch);
  t.equal(here.refuse(add, mixed), undefined, 'of 1.0 an output has 8 bytes');
  const tables = {
    rulebook,
    groups: { table: { groups: () => [] } },
    meters: { table: { meters: () => [] } },
  } as never;
  const plan = planMigration(mixed, vswitch.name, 's4', 'lime', {
    tables,
    tablesOf: () => undefined,
    isReady: () => true,
    isUp: () => true,
    underWay: undefined,
  });
  t.match(plan, { type: 'problems', problems: [/the rule table=0,priority=7,.*s4 cannot hold/] });
});

const hostLines = (count: number): string =>
  Array.from({ length: count }, (_, i) => {
    return `      h${i}: { port: 'v:${i + 1}', at: 's1:${i + 1}' }`;
  }).join('\n');

t.test('as many ports as a file may have fit each entry of the wiring', async (t) => {
  const text = (ports: number): string => `
datapaths: { s1: { dpid: 1 } }
tenants:
  red:
    vswitches: { v: { dpid: 1, on: s1, listen: ['ptcp:6701:127.0.0.1'] } }
    hosts:
${hostLines(ports)}
`;
  const most = limits.portsPerVswitchMax;
  t.same(problemsOf(text(most)), []);
  t.match(problemsOf(text(most + 1)), [{ why: /1601 ports; a vswitch has 1600 at most/ }]);
  const whole = snapshotOf(text(most));
  const { flows, groups } = wiringOf(whole, datapath('s1'));
  for (const flow of flows.values()) {
    const bytes = Math.max(
      sizeOf(version.of13, addFlow(flow)),
      rowBytes(flow.instructions, flow.match),
    );
    if (bytes > frameBytesMax) t.fail(`${bytes} bytes`);
  }
  t.ok(flows.size > most && groups.size >= most);
});

t.test('a features-reply of 1.0 has the ports that fit', async (t) => {
  const portIdentity = { name: 'p', hwAddr: new Uint8Array(6) };
  for (const ports of [10, 1_364, 1_365, 1_600]) {
    const portIdentities = new Map(
      Array.from({ length: ports }, (_, i) => [i + 1, portIdentity] as const),
    );
    const vswitch = { ...v3, portIdentities } as unknown as typeof v3;
    const descs = portDescs(vswitch, () => ({ config: 0, state: 0 }), version.of10);
    const reply = features10(featuresReply(vswitch, 5), descs);
    const bytes = encode(version.of10, reply);
    const shown = reply.of10?.ports.length;
    t.equal(shown, Math.min(ports, 1_364), `${ports} ports, ${bytes.length} bytes`);
    t.equal(descs.length, ports, 'port descriptions tell them all');
  }
  t.equal(portDesc.layout.size, 64);
  t.equal(
    fitting((count) => 10 + count * 65_525, 3),
    1,
  );
  t.equal(isError(fitting((count) => count, 3)), false);
});
