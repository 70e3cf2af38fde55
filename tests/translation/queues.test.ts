/**
 * What a queue becomes on datapaths: of the pipeline encoding see tests/golden/translation/.
 */

import t from 'tap';
import { printActions } from '../../openflow/print/print.ts';
import { isError, queueAll, type Version, version } from '../../openflow/values/constants.ts';
import type { Action } from '../../openflow/values/values.ts';
import { isInfeasible, withEncoding } from '../../slices/network/snapshot.ts';
import { flatActions } from '../../translation/flat/actions.ts';
import { encodeAction } from '../../translation/pipeline/encoding.ts';
import { datapath, snapshotOf, vport, vswitchOf } from '../slices/networks.ts';
import { output } from '../slices/rules.ts';

const snapshot = snapshotOf(`
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: ['s1:9 - s2:9']
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts:
      h1: { port: 'v1:1', at: 's1:1' }
      h2: { port: 'v1:2', at: 's1:2', queues: { 1: 5 } }
      h3: { port: 'v1:3', at: 's2:3', queues: { 1: 6 } }
`);
const vswitch = vswitchOf(snapshot, 'red/v1');
const want = (queueId: number): Action => ({ type: 'setQueue', queueId });

t.test('a rule only says what it wants: one more than the number, 0 is for none', async (t) => {
  const said = (queueId: number) => printActions(encodeAction(want(queueId)));
  t.strictSame([0, 7, 0xffff_fffe, queueAll].map(said), [
    'set_field:0x1->reg3',
    'set_field:0x8->reg3',
    'set_field:0xffffffff->reg3',
    'set_field:0x0->reg3',
  ]);
});

function flat(speaks: Version, ...actions: readonly Action[]): string {
  const encoding = speaks === version.of10 ? 'flat of 1.0' : 'flat of 1.3';
  const flattened = withEncoding(snapshot, datapath('s1'), encoding);
  if (isInfeasible(flattened)) throw new Error(flattened.why);
  const scene = {
    snapshot: flattened,
    datapath: datapath('s1'),
    vswitch,
    vport: vport(1),
    inPort: 1 as never,
  };
  const theirs = { least: 0, isAll: true };
  const made = flatActions({ ...scene, speaks, tag: undefined, theirs, areMixed: true }, actions);
  if (isError(made)) throw new Error(made.why);
  return printActions(made.actions);
}

t.test('flat: at the host’s own datapath, in its version’s words', async (t) => {
  const rule = [want(1), output(2), output(3), want(9), output(2)];
  t.equal(flat(version.of10, ...rule), 'enqueue:2:5,mod_vlan_vid:1,output:9,strip_vlan,output:2');
  t.match(flat(version.of13, ...rule), /^set_queue:5,output:2,experimenter\S+,push_vlan/);
  const enqueue: Action = { type: 'enqueue', port: 2, queueId: 1 };
  t.equal(flat(version.of10, enqueue, output(2)), 'enqueue:2:5,output:2');
});
