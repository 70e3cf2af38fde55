/**
 * docs/GUIDE.md's chapters about a network that is there, typed: each command as it stands in its
 * chapter, on one network whose names are the guide's. tests/live/guide.test.ts types the chapters
 * that make a network, and tests/hypervisor/documented.test.ts holds all of them to the command
 * line; what takes long (several that move as one) has live tests of its own.
 */
import t from 'tap';
import { type Chapters, guideLab, type } from './guide-lab.ts';

/** They change something, so each is over before the next. */
const doing: Chapters = {
  Packages: [
    ['limevisor export red > red.lime', /^$/],
    [
      'limevisor deploy red.lime --as red2 --hosts h1=s1:5,h2=s2:5 --controller tcp:192.0.2.8:6653',
      /red2\/v1[\s\S]*red2\/v3/,
    ],
  ],
  'Moving a vswitch': [['limevisor migrate red/v3 --to s4 --dry-run', /^red\/v3: s3 -> s4/]],
  'Moving a host': [
    [
      ...(['limevisor move red/h1 --to s5:4', /red\/h1[\s\S]*s5:4/, 0] as const),
      'limevisor moved red/h1',
    ],
  ],
  'Taking a switch down': [
    ['limevisor drain s3', /limevisor migrate red\/v3 --to/],
    ['limevisor undrain s3', /s3/],
  ],
  'The API': [
    ['limevisor token create ann --role owner --tenant red --expires 30d', /^limevisor_/m],
    ['limevisor token list', /ann +owner +red/],
  ],
  'As a service': [['limevisor log datapath --level warn', /datapath +warn/]],
  'Looking into a switch': [
    ['limevisor mirror red/v2 --to s9:4', /red\/v2 +s9:4 +\d+ rules? +port 1: VLAN 1, port 2/],
    ['limevisor mirror', /red\/v2 +s9:4/],
  ],
};

/** These ask only: side by side. */
const asking: Chapters = {
  'What runs, and how a file differs from it': [
    ['limevisor show', /^datapaths:[\s\S]*h1: *\{ port: v1:1, at: s5:4/m],
    ['limevisor show red blue', /^tenants:[\s\S]*blue:/m],
    ['limevisor diff new.yaml', /red-moves[\s\S]*what tenants will see/, 2],
  ],
  'Changing the network while it runs': [
    ['limevisor apply --dry-run new.yaml', /what tenants will see[\s\S]*red/],
  ],
  'Limits of a tenant': [
    ['limevisor top', /red +\d+ of 2000/],
    ['limevisor flows red/v1 --physical', /s1/],
  ],
  'What passes': [['limevisor traffic red', /TENANT +FROM +TO[\s\S]*red\/h1/]],
  'Better places': [['limevisor optimize red --for load', /^for load/]],
  'Moving targets': [
    ['limevisor schedules', /red-moves/],
    ['limevisor mtd report', /VSWITCH +MOVES[\s\S]*red\/v1/],
  ],
  'Nobody has to type the cables': [
    ['limevisor discover', /s1:11 - s3:11/],
    ['limevisor links', /s1:11 - s3:11 +up/],
  ],
  'Moving a vswitch': [['limevisor migrations', /./]],
  'Taking a switch down': [['limevisor idle', /./]],
  'Before a switch fails': [
    ['limevisor evacuations', /./],
    ['limevisor events', /move of a host/],
  ],
  'Running it': [
    ['limevisor wait red', /ready/],
    ['limevisor status red', /red\/v1/],
    ['limevisor audit', /move +/],
  ],
  'Why a packet goes where it goes': [
    ['limevisor trace red/v1 in_port=1,tcp,nw_dst=10.0.0.2,tp_dst=80', /red\/v1/],
  ],
  'As a service': [['limevisor log', /datapath +warn/]],
};

/** What lives on a switch leaves it, and comes back; each is over before the next. */
const leaving: Chapters = {
  'Taking a switch down': [
    ['limevisor drain s3 --everything', /ways lead around s3/],
    ['limevisor undrain s3 --everything', /red\/v3 on s3/],
    ['limevisor vacate zone-a', /ways lead around s3/],
    ['limevisor return zone-a', /red\/v3 on s3/],
  ],
  'Before a switch fails': [
    ['limevisor evacuate s3 --within 30s', /2 of 2 are away[\s\S]*red\/v3/],
    ['limevisor undrain s3', /s3/],
    ['limevisor evacuations', /2 of 2 are away/],
  ],
};

t.test('each command of these chapters, as it is typed there', async (t) => {
  const lab = await guideLab(t);
  for (const [chapter, all] of Object.entries(doing)) {
    for (const one of all) await type(t, lab, chapter, one);
  }
  const all = Object.entries(asking).flatMap(([chapter, typed]) => {
    return typed.map((one) => () => type(t, lab, chapter, one));
  });
  const lane = async (): Promise<void> => {
    for (let next = all.shift(); next !== undefined; next = all.shift()) await next();
  };
  await Promise.all([lane(), lane(), lane()]);
  await type(t, lab, 'Changing the network while it runs', ['limevisor apply new.yaml', /red/]);
  for (const [chapter, all] of Object.entries(leaving)) {
    for (const one of all) await type(t, lab, chapter, one);
  }
});
