/**
 * A vswitch that is to be on so many datapaths: which are chosen, that they stay, and what there is
 * to say where there is no room.
 */
import t from 'tap';
import type { Config } from '../../slices/config/config.ts';
import { admitBeside } from '../../slices/placement/admission.ts';
import { configOf, problemsOf } from './networks.ts';

const row = (hot: string, more = ''): string => `
datapaths:
  s1: { dpid: 1, capacity: { rules: 100 } }
  s2: { dpid: 2, capacity: { rules: 10 } }
  s3: { dpid: 3, capacity: { rules: 100 } }
  s4: { dpid: 4, capacity: { rules: 100 } }
  s5: { dpid: 5, capacity: { rules: 100 } }
links: [s1:3 - s2:3, s2:4 - s3:3, s3:4 - s4:3, s4:4 - s5:4]
tenants:
  red:
    vswitches: { hot: { dpid: 1, ${hot} }, w: { dpid: 2, place: auto } }
    hosts:
      h1: { port: hot:1, at: s1:1 }
      h2: { port: hot:2, at: s4:1 }
      h3: { port: hot:3, at: s4:2 }
    links: [hot:9 - w:9]
${more}`;

const hotOf = ({ vswitches }: Config) => vswitches.find(({ name }) => name === 'red/hot');
const membersOf = (text: string, running?: Config): string => {
  const { config, unplaced, overbooked } = admitBeside(running, configOf(text));
  const why = [...unplaced.values(), ...overbooked.map((one) => one.why)].join('; ');
  return `${hotOf(config)?.members?.join(' ') ?? '-'}${why === '' ? '' : `: ${why}`}`;
};

t.test('where its hosts are, then the nearest with room', async (t) => {
  t.equal(membersOf(row('bodies: 2')), 's4 s1');
  t.equal(membersOf(row('bodies: 3')), 's4 s1 s2');
  t.equal(membersOf(row('bodies: 3, reserve: { rules: 20 }')), 's4 s1 s3');
  t.equal(membersOf(row('bodies: 3, on: [s5, s3]')), 's5 s3 s4', 'the file names some');
  t.equal(membersOf(row('bodies: 2, on: s5')), 's5 s4');
  const { consistency, on } =
    hotOf(admitBeside(undefined, configOf(row('bodies: 2'))).config) ?? {};
  t.strictSame([consistency, on], ['eventual', 's4']);
  t.equal(hotOf(configOf(row('bodies: 2, consistency: strict')))?.consistency, undefined);
});

t.test('what it has stays; more come, and those with fewest hosts go', async (t) => {
  const running = admitBeside(undefined, configOf(row('bodies: 3, on: [s5, s3]'))).config;
  t.equal(membersOf(row('bodies: 3'), running), 's5 s3 s4');
  t.equal(membersOf(row('bodies: 4'), running), 's5 s3 s4 s1');
  t.equal(membersOf(row('bodies: 2'), running), 's4 s5');
  const less = row('bodies: 3')
    .replace(/ {2}s5: .*\n/, '')
    .replace(', s4:4 - s5:4', '');
  t.equal(membersOf(less, running), 's3 s4 s1', 'one whose datapath has gone is replaced');
});

t.test('where there is no room', async (t) => {
  const none = /^-: red\/hot is to have 6 bodies, and there are 5 datapaths with room for one$/;
  t.match(membersOf(row('bodies: 6')), none);
  const running = admitBeside(undefined, configOf(row('bodies: 3'))).config;
  t.match(membersOf(row('bodies: 6'), running), /^s4 s1 s2 s3 s5: red\/hot is to have 6 bodies/);
  const wrong = (hot: string) => problemsOf(row(hot)).map(({ why }) => why);
  t.match(wrong('bodies: 1'), [/"1" is not how many bodies it has; write 2 to 64/]);
  t.match(wrong('bodies: x'), [/"x" is not how many bodies it has/]);
  t.match(wrong('bodies: 2, place: auto'), [/has "bodies" and "place"/]);
});
