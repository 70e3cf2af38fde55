/**
 * What a rule or a bucket counts for on a datapath is never less than what is there.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { replySizeOf, sizeOf } from '../../openflow/messages/codec.ts';
import {
  groupType,
  group as ofpg,
  port as ofpp,
  version,
} from '../../openflow/values/constants.ts';
import type { Action, Instruction, Match } from '../../openflow/values/values.ts';
import { bucketBytes } from '../../slices/bytes-below.ts';
import { limits } from '../../slices/limits.ts';
import { belowOf, contentOf } from '../../slices/rules/rule-record.ts';
import { addGroup } from '../../translation/entries/physical-tables.ts';
import { encodeSetAction, pipelineEncoding } from '../../translation/pipeline/encoding.ts';
import { exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { ruleOf } from '../slices/rules.ts';

const v3 = vswitchOf(snapshotOf(exampleText()), 'red/v3');
const address = Uint8Array.of(10, 0, 0, 1);

const actions: readonly Action[] = [
  { type: 'output', port: 1, maxLen: 0 },
  ...[ofpp.controller, ofpp.flood, ofpp.inPort, ofpp.table].map((port) => {
    return { type: 'output', port, maxLen: 0 } as const;
  }),
  { type: 'enqueue', port: 1, queueId: 1 },
  { type: 'setVlanVid', vid: 1 },
  { type: 'setVlanPcp', pcp: 1 },
  { type: 'stripVlan' },
  { type: 'setNwSrc', address },
  { type: 'setNwDst', address },
  { type: 'setNwTos', tos: 4 },
  { type: 'setTpSrc', port: 5 },
  { type: 'setTpDst', port: 5 },
  { type: 'setQueue', queueId: 1 },
  { type: 'group', groupId: 1, below: 0xff00_0000 },
  { type: 'setField', oxm: oxm('ipv6_src', 1n) },
  { type: 'setField', oxm: oxm('vlan_vid', 0x1001) },
  { type: 'pushVlan', ethertype: 0x8100 },
  { type: 'popVlan' },
  { type: 'pushMpls', ethertype: 0x8847 },
  { type: 'popMpls', ethertype: 0x0800 },
  { type: 'setNwTtl', ttl: 1 },
  { type: 'decNwTtl' },
];

const matches: readonly Match[] = [
  [],
  matchOf(oxm('in_port', 1)),
  matchOf(oxm('in_port', 1), oxm('eth_dst', 2), oxm('eth_type', 0x0800), oxm('ipv4_src', 1)),
];

/** Of the row in which a datapath says that it has the rule's entries. */
function rowBytes(match: Match, instructions: readonly Instruction[]): number {
  const flows = pipelineEncoding.encode(v3, ruleOf({ match, instructions }));
  const counts = { durationSec: 0, durationNsec: 0, packetCount: 0n, byteCount: 0n };
  const rows = flows.map((flow) => {
    return { ...flow, ...counts, idleTimeoutSec: 0, hardTimeoutSec: 0, flags: 0 };
  });
  return replySizeOf(version.of13, { kind: 'flow', flows: rows }) - emptyReplyBytes;
}

const emptyReplyBytes = replySizeOf(version.of13, { kind: 'flow', flows: [] });

t.test('a rule of each action, applied and written', async (t) => {
  const all = actions.flatMap((action) =>
    (['applyActions', 'writeActions'] as const).map((type) => [{ type, actions: [action] }]),
  );
  for (const instructions of [[], ...all, [{ type: 'meter', meterId: 1, below: 2 } as const]]) {
    for (const match of matches) {
      const bytes = rowBytes(match, instructions);
      const counted = belowOf(contentOf(match, instructions));
      t.ok(counted >= bytes, `${JSON.stringify(instructions)}: ${counted} for ${bytes}`);
      t.ok(counted <= 2 * bytes, 'and not much more');
    }
  }
});

t.test('a bucket of each action', async (t) => {
  const group = { groupId: 1, groupType: groupType.all };
  const none = sizeOf(version.of13, addGroup({ ...group, buckets: [] }));
  for (const action of actions) {
    const bucket = { weight: 0, watchPort: ofpp.any, watchGroup: ofpg.any, actions: [action] };
    const below = { ...bucket, actions: encodeSetAction(action) };
    const bytes = sizeOf(version.of13, addGroup({ ...group, buckets: [below] })) - none;
    t.ok(bucketBytes([bucket]) >= bytes, `${action.type}: ${bytes}`);
  }
});

t.test('a vswitch has room for as many rules as controllers install', async (t) => {
  const tuple = matchOf(
    ...[oxm('in_port', 1), oxm('eth_dst', 2), oxm('eth_src', 3), oxm('vlan_vid', 0x1001)],
    ...[oxm('vlan_pcp', 1), oxm('eth_type', 0x0800), oxm('ip_dscp', 1), oxm('ip_proto', 6)],
    ...[oxm('ipv4_src', 1), oxm('ipv4_dst', 2), oxm('tcp_src', 3), oxm('tcp_dst', 4)],
  );
  const apply = { type: 'applyActions', actions: actions.slice(0, 2) } as const;
  const bytes = belowOf(contentOf(tuple, [apply]));
  t.ok(bytes * limits.rulesPerVswitchMax <= limits.ruleBytesBelowPerVswitchMax, `${bytes} bytes`);
});
