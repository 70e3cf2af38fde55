/**
 * Where a member of a big switch goes whose datapath is left: to where hosts of it are, then to
 * what is near; and if there is no place, nowhere, as long as others are left.
 */
import t from 'tap';
import { type MemberMove, movesFor } from '../../translation/migration/member-move.ts';
import { datapath, snapshotOf, vswitchName } from '../slices/networks.ts';

const file = (on: string) => `
datapaths:
  { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 }, s5: { dpid: 5 } }
links: [s1:3 - s2:3, s2:4 - s3:3, s3:4 - s4:3, s4:4 - s5:3]
tenants:
  red:
    vswitches: { v: { dpid: 1, on: [${on}] } }
    hosts: { h1: { port: v:1, at: s1:1 }, h2: { port: v:2, at: s5:1 } }
`;

const now = {
  isReady: (name: string) => name !== 's3',
  isUp: () => true,
  tablesOf: () => undefined,
  underWay: () => undefined,
};

function placesOf(on: string, from: string, leaves: readonly string[], among: string[] = []) {
  const all = { among: among.map(datapath), leaves: leaves.map(datapath) };
  const leaving = { vswitch: vswitchName('red/v'), from: datapath(from), ...all };
  const moves = movesFor(snapshotOf(file(on)), leaving, now);
  if ('type' in moves) return moves.problems.join();
  return moves.map(({ to, members }: MemberMove) => `${to ?? '-'}: ${members.join(' ')}`);
}

t.test('hosts first, then the nearest that is connected, then none', async (t) => {
  t.strictSame(placesOf('s1, s2', 's2', ['s2']), ['s5: s1 s5', 's4: s1 s4', '-: s1']);
  t.strictSame(placesOf('s1, s2', 's2', ['s2', 's5']), ['s4: s1 s4', '-: s1']);
  t.strictSame(placesOf('s1, s2', 's2', ['s2'], ['s4', 's3']), ['s4: s1 s4', '-: s1']);
  t.strictSame(placesOf('s1, s2, s4, s5', 's1', ['s1']), ['-: s2 s4 s5'], 's3 is away');
});

t.test('all that is left of it does not leave for nowhere', async (t) => {
  const why = placesOf('s1, s2', 's2', ['s2', 's4', 's5', 's1']);
  t.strictSame(why, ['-: s1']);
  const unknown = movesFor(
    snapshotOf(file('s1, s2')),
    { vswitch: vswitchName('red/x'), from: datapath('s1'), among: [], leaves: [] },
    now,
  );
  t.match(unknown, { problems: [/red\/x has no other member than s1/] });
});
