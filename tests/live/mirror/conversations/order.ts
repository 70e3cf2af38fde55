/**
 * Requests in one write, and the order in which they are answered: a barrier's reply comes behind
 * the answers to what came before it, and before those to what came after (OF1.3.5 section 6.2);
 * without barriers, too, a bridge does one thing after the other.
 */

import { oxm } from '../../../../openflow/match/match.ts';
import { header } from '../../../../openflow/messages/messages.ts';
import {
  group as ofpg,
  port as ofpp,
  role as roles,
} from '../../../../openflow/values/constants.ts';
import { viewOf } from '../../../openflow/hex.ts';
import {
  ask,
  bent,
  bytesOf,
  type Conversation,
  filter,
  flowMod,
  output,
  packetOut,
  rule,
  type Sent,
  type Step,
  send,
  talk,
  toController,
} from '../conversation.ts';
import { plain } from '../frames.ts';
import { FIRST_XID } from '../run.ts';

/** In one write, as the first thing that is said; the runner gives the first frame FIRST_XID. */
function together(...sent: readonly Sent[]): Step {
  const frames = sent.map((one, i) => {
    const frame = one instanceof Uint8Array ? one.slice() : bytesOf(one);
    header.set.xid(viewOf(frame), 0, FIRST_XID + i);
    return frame;
  });
  return send(Uint8Array.from(frames.flatMap((frame) => [...frame])));
}

const barrier: Sent = { type: 'barrierRequest' };
const flows = ask({ kind: 'flow', filter: filter() });
const count = ask({ kind: 'aggregate', filter: filter() });
const desc = ask({ kind: 'desc' });
const features: Sent = { type: 'featuresRequest' };
const ports = ask({ kind: 'portStats', portNo: 9 });
const groups = ask({ kind: 'groupStats', groupId: ofpg.all });
const queues: Sent = { type: 'queueGetConfigRequest', portNo: 2 };
const role: Sent = { type: 'roleRequest', role: roles.nochange, generationId: 0n };
const wrong = bent(rule([], []), 25, 9);
const unknown = rule([], [{ type: 'group', groupId: 9 }]);
const tcps = [oxm('eth_type', 0x0800), oxm('ip_proto', 6)];
const add = rule(tcps, [output(2)]);
const table = packetOut(1, [output(ofpp.table)], plain);

const rows: readonly (readonly [string, RegExp, readonly Sent[]])[] = [
  ['a barrier, and what is wrong behind it', /barrierReply.*\n.*badCommand/, [barrier, wrong]],
  [
    'barriers among what is answered at once',
    /getAsyncReply/,
    [features, barrier, desc, barrier, role, barrier, { type: 'getAsyncRequest' }],
  ],
  ['barriers among errors', /badOutGroup/, [wrong, barrier, unknown, barrier, wrong, unknown]],
  ['barriers among counters', /aggregate/, [flows, barrier, add, count, barrier, ports, barrier]],
  ['counters, and what needs none', /portStats/, [ports, desc, groups, role, queues, features]],
  ['counters, and what is wrong', /badCommand/, [count, wrong, ports, unknown, groups, desc]],
  [
    'counters between changes',
    /flows=0/,
    [count, add, count, rule([], []), count, flowMod('delete'), count],
  ],
  ['a table between changes', /flows/, [add, flows, flowMod('delete'), flows, add]],
];

export const orders: readonly Conversation[] = [
  ...rows.map(([name, sees, sent]) => talk(`order: ${name}`, sees, together(...sent))),
  talk(
    'order: packets between changes',
    /h3 <(.|\n)*h4 </,
    send(rule([], [output(3)])),
    together(table, flowMod('delete'), table, rule([], [output(4), toController]), table),
  ),
];
