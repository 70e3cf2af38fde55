/**
 * Where hosts are to be plugged in that migrate with their vswitches: what was said, or a port that
 * is free.
 */
import t from 'tap';
import type { PhysicalEnd } from '../../slices/config/config.ts';
import { type DatapathName, endText } from '../../slices/ids.ts';
import { movesOf, type Wanted } from '../../translation/migration/wanted-moves.ts';
import { snapshotOf } from '../slices/networks.ts';

const snapshot = snapshotOf(`
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
zones: { far: [s2, s3] }
links: [s1:9 - s2:9, s2:8 - s3:8]
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1 }, v2: { dpid: 2, on: s1 } }
    hosts:
      h1: { port: v1:1, at: s1:1 }
      h2: { port: v2:1, at: s1:2 }
      h3: { port: v2:2, at: [s1:3, s2:6] }
    links: [v1:9 - v2:9]
  blue:
    vswitches: { v: { dpid: 9, on: s2 } }
    hosts: { h1: { port: v:1, at: s2:1 }, h2: { port: v:2, at: s1:7 } }
`);

/** s2 has ports that the file does not name. */
const hasPort = ({ device, port }: PhysicalEnd): boolean => device === 's2' && port <= 3;
const isReady = (name: DatapathName): boolean => name !== 's9';

function found(wanted: Wanted) {
  const all = movesOf(snapshot, wanted, { isReady, hasPort });
  if ('problems' in all) return all.problems;
  const vswitches = all.moves.map(({ vswitch, to }) => `${vswitch.name} ${to}`);
  const hosts = all.hosts.map(({ host, to, driver }) => `${host} ${endText(to)} ${driver}`);
  return [...vswitches, ...hosts, ...all.stays];
}

t.test('a host that is named gets the port that is said', async (t) => {
  const names = ['red/v1', 'red/h1'];
  const to = ['s3', 'red/h1=s3:5'];
  const drivers = ['exec', 'red/h1=qemu'];
  t.strictSame(found({ names, to, drivers }), ['red/v1 s3', 'red/h1 s3:5 qemu']);
});

t.test('else one that neither the file nor the switch has', async (t) => {
  t.strictSame(found({ names: ['red/h1'], to: ['s2'], drivers: ['netns'] }), ['red/h1 s2:4 netns']);
  t.strictSame(
    found({ names: ['red/h1', 'red/h2'], to: ['s2'] }),
    ['red/h1 s2:4 manual', 'red/h2 s2:5 manual'],
    'each another',
  );
  t.strictSame(found({ names: ['red/h3'], to: ['far'] }), ['red/h3 s2:6 manual'], 'as offered');
});

t.test('with a tenant its hosts, each near to where its vswitch will live', async (t) => {
  const to = ['red/v1=s2', 'red/v2=s3'];
  t.strictSame(found({ names: ['red'], to, withHosts: true }), [
    'no place for red/h3: of s3, none will do; write --to red/h3=DATAPATH:PORT',
  ]);
  t.strictSame(found({ names: ['red'], to: [...to, 'red/h3=s2'], withHosts: true }), [
    'red/v1 s2',
    'red/v2 s3',
    'red/h1 s2:4 manual',
    'red/h2 s3:1 manual',
    'red/h3 s2:6 manual',
  ]);
  t.strictSame(
    found({ names: ['red'], to }),
    ['red/v1 s2', 'red/v2 s3'],
    'not without being asked',
  );
});

t.test('what lives at a datapath that is left, and what is plugged in there', async (t) => {
  const drained = found({ names: [], to: [], leaves: ['s2' as DatapathName], withHosts: true });
  t.equal(drained.length, 2);
  t.match(drained[0], /^blue\/v s[13]$/);
  t.match(drained[1], /^blue\/h1 s[13]:\d+ manual$/);
  t.equal(drained[0]?.slice(-2), drained[1]?.slice(8, 10), 'where its vswitch goes');
});

t.test('what is there already stays, and what makes no sense is said', async (t) => {
  t.strictSame(found({ names: ['blue'], to: ['far'], withHosts: true }), [
    'blue/h2 s2:4 manual',
    'blue/v lives on s2 already',
    'blue/h1 is at s2:1 already',
  ]);
  t.match(found({ names: ['red/h1'], to: ['red/h1=s2'], drivers: ['exec', 'netns'] }), [
    /two drivers for all: exec, netns/,
  ]);
  t.match(found({ names: ['red/h1'], to: ['s2'], drivers: ['red/h2=exec'] }), [
    /"--driver red\/h2=exec" is for none of the hosts that move/,
  ]);
  t.match(found({ names: ['red/h1'], to: ['red/h1=s2:0'] }), [/"red\/h1=s2:0"/]);
  t.match(found({ names: ['red/h9'], to: ['s2'] }), [/red\/h9/]);
});

t.test(
  'targets and drivers that nobody can mean: nothing goes where it was not told to',
  async (t) => {
    const refused = (names: string[], to: string[], drivers: string[] = []) =>
      found({ names, to, drivers });
    t.strictSame(refused(['red/v1'], ['red/v2=s3']), [
      '"--to red/v2=s3": red/v2 is not among what moves',
    ]);
    t.strictSame(refused(['red'], ['s3', 'red/h1=s3:5']), [
      '"--to red/h1=s3:5": red/h1 is not among what moves',
    ]);
    t.strictSame(refused(['red/v1'], ['red/v1=s2', 'red/v1=s3']), [
      '"--to red/v1=s3": there is a target for red/v1 already',
    ]);
    t.strictSame(refused(['red/h1'], ['red/h1=s2', 'red/h1=s3:5']), [
      '"--to red/h1=s3:5": there is a target for red/h1 already',
    ]);
    t.strictSame(refused(['red/h1'], ['s2:4']), [
      '"s2:4" is a port, where one host goes: write --to red/h1=s2:4',
    ]);
    t.strictSame(refused(['red/v1'], ['s2:4']), [
      '"s2:4" is a port, where one host goes: write --to s2',
    ]);
    t.strictSame(refused(['red/h1'], ['s2'], ['red/h1=exec', 'red/h1=netns']), [
      'two drivers for red/h1: write one "--driver red/h1=DRIVER"',
    ]);
    t.strictSame(refused(['red/v1'], ['red=s3']), ['red/v1 s3'], 'a tenant for its own');
  },
);
