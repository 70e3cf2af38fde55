/**
 * Messages about flow monitors, of both versions: what Open vSwitch's own tool reads in them, and
 * values back.
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import {
  abbreviatedRow,
  type FlowUpdate,
  monitorRequestOf,
  readMonitorRequests,
  readUpdates,
  updateReplies,
  updateRow,
} from '../../openflow/messages/flow-monitors.ts';
import {
  monitorCancelOf,
  pausedOf,
  readMonitorCancel,
  resumedOf,
} from '../../openflow/messages/monitor-messages.ts';
import {
  errorName,
  isError,
  monitorEvent,
  multipartMore,
  port as ofpp,
  type Version,
  version,
} from '../../openflow/values/constants.ts';
import type { Message, OfError } from '../../openflow/values/values.ts';
import { outputs } from '../slices/rules.ts';
import { viewOf } from './hex.ts';
import { monitor, monitoring } from './monitored.ts';
import { ovsPrint } from './ovs.ts';

const both = [version.of10, version.of13] as const;
const tcp = matchOf(oxm('eth_type', 0x0800), oxm('ip_proto', 6));
const update = (more: Partial<FlowUpdate> = {}): FlowUpdate => ({
  ...{ event: monitorEvent.add, reason: 0, tableId: 3, priority: 9, cookie: 5n },
  ...{ idleTimeoutSec: 10, hardTimeoutSec: 20, match: tcp, instructions: outputs(2), ...more },
});

function printed(spoken: Version, ...messages: readonly Message[]): readonly string[] {
  return ovsPrint(messages.map((one) => encode(spoken, one))).map((text) =>
    text.trim().replaceAll(/\s+/g, ' '),
  );
}

t.test('what Open vSwitch reads in requests', async (t) => {
  for (const spoken of both) {
    const filter = { tableId: 3, outPort: 2, match: tcp };
    const few = monitor(7, ['add', 'delete', 'own'], filter);
    const said = printed(
      spoken,
      monitoring(1, [few], spoken),
      monitorCancelOf(spoken, 2, 77),
      pausedOf(spoken),
      resumedOf(spoken),
    );
    t.match(said[0], /id=7 flags=add,delete,own out_port=2 table=3 tcp/);
    t.match(said[1], /CANCEL.* id=77/);
    t.match(said[2], /PAUSED/);
    t.match(said[3], /RESUMED/);
  }
});

t.test('what Open vSwitch reads in updates', async (t) => {
  for (const spoken of both) {
    const rows = [
      updateRow(spoken, update()),
      updateRow(spoken, update({ event: monitorEvent.modify, match: [], instructions: [] })),
      updateRow(spoken, update({ event: monitorEvent.delete, reason: 3 })),
      abbreviatedRow(0x1234),
    ];
    const [reply] = updateReplies(spoken, rows);
    if (reply === undefined) throw new Error('no reply');
    const [said] = printed(spoken, { type: 'multipartReply', xid: 0, flags: 0, reply });
    const times = 'idle_timeout=10 hard_timeout=20 cookie=0x5';
    t.match(said, `event=ADDED table=3 ${times} tcp actions=output:2`);
    t.match(said, `event=MODIFIED table=3 ${times}`);
    t.match(said, `event=DELETED reason=group_delete table=3 ${times} tcp`);
    t.match(said, 'event=ABBREV xid=0x1234');
    const body = reply.kind === 'other' ? reply.body : new Uint8Array(0);
    const back = readUpdates(spoken, body);
    t.match(back, [
      update(),
      {},
      update({ event: monitorEvent.delete, reason: 3 }),
      { xid: 0x1234 },
    ]);
  }
});

t.test('many rows are several parts, whole rows each', async (t) => {
  for (const spoken of both) {
    const rows = Array.from({ length: 3_000 }, (_, i) =>
      updateRow(spoken, update({ priority: i })),
    );
    const parts = updateReplies(spoken, rows);
    t.ok(parts.length > 2);
    const all = parts.flatMap((reply) => {
      const message = { type: 'multipartReply', xid: 0, flags: multipartMore, reply } as const;
      t.ok(encode(spoken, message).length <= 0xffff);
      const found = reply.kind === 'other' ? readUpdates(spoken, reply.body) : undefined;
      return found === undefined || isError(found) ? [] : found;
    });
    t.equal(all.length, 3_000);
  }
});

/** As it comes off the wire. */
function asked(spoken: Version, body: Uint8Array) {
  return readMonitorRequests(spoken, body);
}

function nameOf(error: OfError | undefined): string {
  return error === undefined ? '' : errorName(error.errorType, error.errorCode);
}

t.test('requests and back; what is wrong with one ends them', async (t) => {
  for (const spoken of both) {
    const monitors = [monitor(1), monitor(2, ['modify'], { match: tcp, outPort: ofpp.any })];
    const request = monitorRequestOf(spoken, monitors);
    const body = request.kind === 'other' ? request.body : new Uint8Array(0);
    t.strictSame(asked(spoken, body), { monitors, wrong: undefined });
    t.equal(asked(spoken, Uint8Array.of(1, 2, 3, 4, 0, 0, 0, 9)), undefined);
    const head = spoken === version.of10 ? 12 : 8;
    const bent = (at: number, byte: number): string => {
      const other = body.slice();
      other[head + at] = byte;
      const found = asked(spoken, other);
      return isError(found) || found === undefined ? '' : nameOf(found.wrong);
    };
    t.equal(bent(5, 0x40), 'niciraError/monitorBadFlags');
    t.equal(bent(5, 1), 'niciraError/monitorBadFlags');
    t.equal(bent(15, 1), 'niciraError/mustBeZero');
    const cut = asked(spoken, body.subarray(0, body.length - 4));
    t.match(cut, { monitors: { length: 1 }, wrong: { type: 'ofError' } });
    const short = asked(spoken, body.subarray(0, head + 5));
    t.match(short, { monitors: { length: 0 }, wrong: { type: 'ofError' } });
  }
});

t.test('which one is cancelled', async (t) => {
  for (const spoken of both) {
    const frame = encode(spoken, monitorCancelOf(spoken, 2, 0xdead_beef));
    const message = decode(spoken, viewOf(frame), 0, frame.length);
    if (isError(message) || message.type !== 'experimenter') throw new Error('another message');
    t.equal(readMonitorCancel(message), 0xdead_beef);
    const wrong = readMonitorCancel({ ...message, data: new Uint8Array(5) });
    t.equal(isError(wrong) && nameOf(wrong), 'badRequest/badLen');
  }
});
