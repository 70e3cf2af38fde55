/**
 * Table features promise what is kept: each field named there may be matched and set.
 *
 * What the bytes say is read by ovs-ofctl (tests/live/mirror/ofctl.test.ts).
 */

import t from 'tap';
import { oxm } from '../../openflow/match/match.ts';
import { encodeMultipartReply } from '../../openflow/messages/codec.ts';
import { multipartType, version } from '../../openflow/values/constants.ts';
import { fields } from '../../openflow/values/fields.ts';
import {
  matchable,
  settable,
  tableFeatures,
} from '../../translation/controllers/table-features.ts';
import { TENANT_TABLES } from '../../translation/entries/pipeline.ts';
import { refuseActions, refuseMatch } from '../../translation/requests/flow-mod.ts';
import { viewOf } from '../openflow/hex.ts';

t.test('each field may be matched, each that may be set may be set, and no other', async (t) => {
  for (const name of matchable) t.equal(refuseMatch([oxm(name, 1)]), undefined, `match ${name}`);
  for (const name of settable) {
    const action = { type: 'setField', oxm: oxm(name, 1) } as const;
    t.equal(refuseActions([action], 'flowMod'), undefined, `set ${name}`);
  }
  t.ok(matchable.length > 30 && settable.length > 25);
  // Taken as a bridge takes it, and not promised: no frame of a vswitch comes from a tunnel.
  t.notOk(matchable.includes('tunnel_id') || settable.includes('tunnel_id'));
  t.equal(refuseMatch([oxm('tunnel_id', 1)]), undefined);
  for (const name of ['in_phy_port', 'reg4'] as const) {
    t.notOk(matchable.includes(name), name);
    t.match(refuseMatch([oxm(name, 1)]), { type: 'ofError' }, name);
  }
});

t.test('every table once, whole in its frame', async (t) => {
  const reply = {
    kind: 'other',
    mpType: multipartType.tableFeatures,
    body: tableFeatures,
  } as const;
  const frames = encodeMultipartReply(version.of13, 7, reply);
  t.ok(frames.length > 1, 'more than a frame holds');
  const tables: number[] = [];
  for (const frame of frames) {
    const dv = viewOf(frame);
    for (let at = 16; at < frame.length; at += dv.getUint16(at)) tables.push(dv.getUint8(at + 2));
  }
  t.strictSame(
    tables,
    Array.from({ length: TENANT_TABLES }, (_, i) => i),
  );
});

t.test('a masked field has room for its mask in its header', async (t) => {
  const { field, size } = fields.eth_dst;
  const header = [0x80, 0x00, (field << 1) | 1, size * 2];
  const text = Buffer.from(tableFeatures).toString('latin1');
  t.ok(text.includes(String.fromCharCode(...header)));
});
