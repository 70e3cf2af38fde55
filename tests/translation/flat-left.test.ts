/**
 * What a body of a one-table datapath does with a frame for a neighbour to whom no way leads from
 * there any more: one that is being left drops it; for one at work something would be amiss.
 */
import t from 'tap';
import { egressActionsOf } from '../../translation/flat/egress-actions.ts';
import { datapath, snapshotOf, vport, vswitchOf } from '../slices/networks.ts';

const snapshot = snapshotOf(`
datapaths: { s1: { dpid: 1, encoding: flat }, s2: { dpid: 2, encoding: flat } }
links: [s1:3 - s2:3]
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1 }, v2: { dpid: 2, on: s2 } }
    links: [v1:2 - v2:2]
`);
const [s1, s2] = [datapath('s1'), datapath('s2')];
const v1 = vswitchOf(snapshot, 'red/v1');

/** Where v1's body on s2 leads frames by its port 2; ways are as if it were on s1 alone. */
function leads(primary: typeof s1) {
  const placement = snapshot.placements.get(v1.name);
  if (placement === undefined) throw new Error('it has a place');
  const bodies = [primary, primary === s1 ? s2 : s1];
  const placements = new Map([
    ...snapshot.placements,
    [v1.name, { ...placement, bodies, primary }],
  ]);
  return egressActionsOf({ ...snapshot, placements }, s2, v1, vport(2));
}

t.test('where it is at work, and where it is being left', async (t) => {
  t.match(egressActionsOf(snapshot, s1, v1, vport(2)), [{ type: 'tagged', port: 3 }]);
  t.strictSame(leads(s1), [{ type: 'nowhere' }], 'being left');
  t.throws(() => leads(s2), /no tagged way from s2 to .*: the snapshot is incomplete/);
});
