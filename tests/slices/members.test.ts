/**
 * A vswitch on several datapaths: how the file says it, which member is the primary, and where each
 * vport is processed when members or cables fail.
 */
import t from 'tap';
import { fileTree } from '../../slices/config/config-print.ts';
import type { PhysicalEnd } from '../../slices/config/values.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { placedOver } from '../../slices/network/members.ts';
import { enteringAt } from '../../slices/network/partial-members.ts';
import { requiredPortsOf } from '../../slices/network/required-ports.ts';
import {
  compile,
  isInfeasible,
  nothingRemembered,
  type Placement,
  placementOf,
  withPlacement,
} from '../../slices/network/snapshot.ts';
import { configOf, datapath, problemsOf, snapshotOf, vport, vswitchOf } from './networks.ts';

/** s1 - s2 - s3 - s4 in a row; hosts on the first three and the last. */
const row = (place: string, more = ''): string => `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4${more} } }
links: [s1:9 - s2:8, s2:9 - s3:8, s3:9 - s4:8]
tenants:
  red:
    vswitches: { v1: { dpid: 1, ${place} } }
    hosts:
      h1: { port: v1:1, at: s1:1 }
      h2: { port: v1:2, at: s2:1 }
      h3: { port: v1:3, at: s3:1 }
`;

const homesIn = ({ homes }: Placement) => Object.fromEntries(homes);
const placedIn = (text: string): Placement => {
  return placementOf(snapshotOf(text), 'red/v1' as VswitchName);
};

t.test('the file: a list, or where its hosts are', async (t) => {
  const [list] = configOf(row('on: [s1, s2, s3]')).vswitches;
  t.same([list?.on, list?.members, list?.consistency], ['s1', ['s1', 's2', 's3'], undefined]);
  const [auto] = configOf(row('on: auto, consistency: eventual')).vswitches;
  t.same([auto?.members, auto?.consistency], [['s1', 's2', 's3'], 'eventual']);
  const [one] = configOf(row('on: [s3]')).vswitches;
  t.same([one?.on, one?.members], ['s3', undefined], 'a list of one is no big switch');
});

t.test('what is printed reads as it was', async (t) => {
  const part = 'on: [s2, s1], consistency: eventual, partial: [s1]';
  for (const place of ['on: [s2, s1]', part, 'on: auto, consistency: eventual', 'on: s4']) {
    const config = configOf(row(place));
    t.same(configOf(JSON.stringify(fileTree(config))), config, place);
  }
});

t.test('what the file cannot say', async (t) => {
  const whyOf = (place: string, more?: string) =>
    problemsOf(row(place, more)).map(({ path, why }) => `${path}: ${why}`);
  t.match(whyOf('on: [s1, s9]'), [/v1\.on\[1\]: names the datapath "s9"/]);
  t.match(whyOf('on: [s1, s1]'), [/v1\.on\[1\]: repeats the datapath "s1"/]);
  t.match(whyOf('on: []'), [/v1\.on: is an empty list/]);
  t.match(whyOf('on: s1, consistency: strict'), [/consistency: is for a vswitch on several/]);
  t.match(whyOf('on: [s1, s2], consistency: late'), [/"late" is not a consistency/]);
  t.strictSame(whyOf('on: [s1, s4]', ', encoding: flat'), [], 'a member may have one table');
  const part = (on: string, rest: string) => whyOf(`on: ${on}${rest}`);
  t.match(part('s1', ', partial: [s1]'), [/v1\.partial: is for a vswitch on several datapaths/]);
  t.match(part('[s1, s2]', ', partial: [s2]'), [/partial: goes with "consistency: eventual"/]);
  const eventual = ', consistency: eventual, partial: ';
  t.match(part('[s1, s2]', `${eventual}[s3]`), [/partial: names s3, which is not in "on"/]);
  t.match(part('[s1, s2]', `${eventual}[s2, s1]`), [/partial: names all of them: one has to have/]);
  t.match(whyOf('bodies: 2, partial: [s1]'), [/partial: is for members that are named/]);
  const hostless = row('on: auto').replace(/ {4}hosts:[\s\S]*$/, '');
  t.match(
    problemsOf(hostless).map(({ why }) => why),
    [/is auto, and no host has a port of it/],
  );
});

t.test('the primary is the member in the middle, and strict is all by the primary', async (t) => {
  const strict = placedIn(row('on: [s1, s2, s3, s4]'));
  t.same([strict.primary, homesIn(strict)], ['s2', { 1: 's2', 2: 's2', 3: 's2' }]);
  const eventual = placedIn(row('on: [s1, s2, s4], consistency: eventual'));
  t.same(homesIn(eventual), { 1: 's1', 2: 's2', 3: 's2' }, 'h3 is no member’s: the nearest one');
});

t.test('one with all rules is the primary, and who holds a part meets its own only', async (t) => {
  const file = row('on: [s1, s2, s4], consistency: eventual, partial: [s1, s2]');
  const placement = placedIn(file);
  t.equal(placement.primary, 's4');
  const vswitch = vswitchOf(snapshotOf(file), 'red/v1');
  t.equal(enteringAt(vswitch, datapath('s4')), undefined, 'it has all');
  const first = [...vswitch.ports].filter(
    ([, one]) => one.type === 'host' && one.at.device === 's1',
  );
  const entering = [...(enteringAt(vswitch, datapath('s1')) ?? [])];
  for (const [vport] of first) t.ok(entering.includes(vport));
  for (const [vport, one] of vswitch.ports) {
    const isThere = one.type === 'link' || !['s2', 's4'].includes(one.at.device);
    t.equal(entering.includes(vport), isThere, `port ${vport}`);
  }
});

t.test('members that are away, and cables', async (t) => {
  const snapshot = snapshotOf(row('on: auto, consistency: eventual'));
  const vswitch = vswitchOf(snapshot, 'red/v1');
  let last = placementOf(snapshot, vswitch.name);
  const now = (away: readonly string[], cut: readonly string[] = []) => {
    const isUp = ({ device, port }: PhysicalEnd) =>
      !away.includes(device) && !cut.includes(`${device}:${port}`);
    const isUsable = (name: DatapathName) => !away.includes(name);
    const around = { routes: snapshot.routes, primaryOf: () => undefined };
    last = placedOver(around, vswitch, last, { isUsable, isUp });
    const next = withPlacement(snapshot, vswitch.name, last);
    if (isInfeasible(next)) throw new Error(next.why);
    const up = [1, 2, 3].filter((one) =>
      requiredPortsOf(next, vswitch, vport(one)).every((end) => isUp(end)),
    );
    return [last.primary, up];
  };
  t.same(now([]), ['s2', [1, 2, 3]]);
  t.same(now(['s3']), ['s2', [1, 2]], 'the ports of a dead member are down');
  t.same(now([]), ['s2', [1, 2, 3]], 'and are up again');
  t.same(now([], ['s2:9']), ['s2', [1, 2]], 'a member without a way to the others, too');
  t.same(now([], ['s1:9']), ['s2', [2, 3]], 'at whichever end');
  t.same(now(['s2']), ['s1', [1]], 'the primary dies, and nobody reaches anybody');
  t.same(now([]), ['s1', [1, 2, 3]], 'who is the primary stays it');
  t.same(now([], ['s1:9']), ['s2', [2, 3]], 'unless the others are more');
  t.same(now(['s1', 's2', 's3']), ['s2', []], 'all are away: nothing changes');
});

t.test('a restart takes the members of the file, and what the store knows of them', async (t) => {
  const first = placedIn(row('on: [s1, s2, s3]'));
  const placements = new Map([['red/v1' as VswitchName, { ...first, primary: 's3' as never }]]);
  const again = (text: string) => {
    const snapshot = compile(configOf(text), { ...nothingRemembered, placements });
    if (isInfeasible(snapshot)) throw new Error(snapshot.why);
    return placementOf(snapshot, 'red/v1' as VswitchName);
  };
  t.equal(again(row('on: [s3, s1, s2]')).primary, 's3');
  const wider = again(row('on: [s1, s3, s4]'));
  t.same([wider.bodies, wider.primary], [['s1', 's3', 's4'], 's3']);
});
