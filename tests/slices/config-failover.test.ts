/**
 * What the file says of paths: costs, wishes, failover; and what paths are made of it.
 */
import t from 'tap';
import { readConfig } from '../../slices/config/config.ts';
import { fileTree } from '../../slices/config/config-print.ts';
import type { Vport } from '../../slices/ids.ts';
import type { Failures } from '../../slices/network/failures.ts';
import { requiredPortsOf } from '../../slices/network/required-ports.ts';
import { isInfeasible, type Snapshot, withFailures } from '../../slices/network/snapshot.ts';
import { wiresOf } from '../../slices/network/wires.ts';
import { configOf, datapath, problemsOf, snapshotOf, vswitchOf } from './networks.ts';

/** s1 and s2, joined directly and by s3 and s4; v and w have a cable. */
const file = (cable: string, more = '', cost = '') => `
${more}
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links:
  - ${cost === '' ? 's1:2 - s2:1' : `{ ends: s1:2 - s2:1, cost: ${cost} }`}
  - s1:3 - s3:1
  - s3:2 - s2:3
  - s1:4 - s4:1
  - s4:2 - s2:4
tenants:
  red:
    vswitches: { v: { dpid: 1, on: s1 }, w: { dpid: 2, on: s2 } }
    links: [${cable}]
`;

/** The datapaths on the ways of each kind between v and w, there and back. */
function ways(snapshot: Snapshot, role = 'used'): readonly string[] {
  return wiresOf(snapshot)
    .filter((wire) => wire.role === role && wire.of.port === (1 as Vport))
    .map(({ from, hops = [] }) => [from, ...hops.map(({ to }) => to)].join(' '));
}

const plain = 'v:1 - w:1';
const wishing = (wish: string) => `{ ends: ${plain}, ${wish} }`;

t.test('costs, explicit hops, and datapaths that are avoided', async (t) => {
  t.same(ways(snapshotOf(file(plain))), ['s2 s1', 's1 s2']);
  t.same(ways(snapshotOf(file(plain, '', '3'))), ['s2 s3 s1', 's1 s3 s2']);
  t.same(ways(snapshotOf(file(wishing('via: [s4]')))), ['s2 s4 s1', 's1 s4 s2']);
  const both = file(wishing('avoid: [s3]'), '', '3');
  t.same(ways(snapshotOf(both)), ['s2 s4 s1', 's1 s4 s2']);
});

t.test('parallel virtual cables do not share a physical one while another is idle', async (t) => {
  const text = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [s1:2 - s2:2, s1:3 - s2:3]
tenants:
  red:
    vswitches: { v: { dpid: 1, on: s1 }, w: { dpid: 2, on: s2 }, x: { dpid: 3, on: s2 } }
    links: [v:1 - w:1, v:2 - x:1, v:3 - w:2]
`;
  const by = (snapshot: Snapshot, vswitch: string, vport: number) =>
    requiredPortsOf(snapshot, vswitchOf(snapshot, vswitch), vport as Vport)
      .map(({ device, port }) => `${device}:${port}`)
      .filter((end) => end.startsWith('s1'))
      .join();
  const snapshot = snapshotOf(text);
  const [first, second] = [by(snapshot, 'red/w', 1), by(snapshot, 'red/w', 2)];
  t.same([first, second].sort(), ['s1:2,s1:2', 's1:3,s1:3'], 'each its own, both ways');
  const down = new Set(['s1:2', 's2:2']);
  const cut = withFailures(snapshot, { ...snapshot.failures, down });
  if (isInfeasible(cut)) throw new Error(cut.why);
  t.same([by(cut, 'red/w', 1), by(cut, 'red/w', 2)], ['s1:3,s1:3', 's1:3,s1:3']);
});

t.test('what is wished while something fails', async (t) => {
  const cut = (text: string, ...ends: readonly string[]) => {
    const before = snapshotOf(text);
    const failures: Failures = { ...before.failures, down: new Set(ends) };
    const after = withFailures(before, failures);
    if (isInfeasible(after)) throw new Error(after.why);
    return ways(after);
  };
  t.same(cut(file(wishing('via: [s4]')), 's1:4', 's4:1'), ['s2 s1', 's1 s2'], 'led otherwise');
  const avoiding = file(wishing('avoid: [s3, s4]'));
  t.same(cut(avoiding, 's1:2', 's2:1'), ['s2 s1', 's1 s2'], 'nothing is left that it may take');
});

t.test('paths beside those in use have no cable in common', async (t) => {
  const snapshot = snapshotOf(file(plain, 'failover: { backups: 2 }'));
  t.same(ways(snapshot, 'backup'), ['s2 s3 s1', 's2 s4 s1', 's1 s3 s2', 's1 s4 s2']);
  t.equal(new Set(snapshot.labels.byKey.values()).size, 6, 'each has its label');
  t.ok(snapshot.datapaths.has(datapath('s4')));
});

t.test('what is read is printed, and reads the same again', async (t) => {
  const text = file(
    wishing('via: [s4], avoid: [s3]'),
    'failover: { revert: never, replace: 2m }',
    '7',
  );
  const config = configOf(text);
  t.match(config, {
    failover: { backups: 0, awayMs: 1_000, revertMs: 'never', replaceMs: 120_000 },
  });
  t.match(fileTree(config), {
    links: [{ ends: 's1:2 - s2:1', cost: '7' }],
    failover: { backups: '0', away: '1s', revert: 'never', replace: '2m' },
    tenants: { red: { links: [{ ends: plain, via: ['s4'], avoid: ['s3'] }] } },
  });
  t.same(readConfig(fileTree(config), []), { config });
});

t.test('mistakes are named', async (t) => {
  const why = (text: string) => problemsOf(text).map((one) => `${one.path}: ${one.why}`);
  t.match(why(file(plain, 'failover: { backups: 9, revert: soon, replace: 0s }')), [
    /failover.backups: "9" is not a number of paths; write 0 to 3/,
    /failover.revert: "soon" is not a valid delay; .* or write never/,
    /failover.replace: "0s" is not a time from 1s .* or write never/,
  ]);
  t.match(why(file(plain, '', '0')), [/links\[0\].cost: "0" is not a cost/]);
  t.match(why(file(wishing('via: [s9]'))), [/via\[0\]: names the datapath "s9"/]);
  t.match(why(file(wishing('via: [s3], avoid: [s3]'))), [/leads via s3, and avoids it/]);
  t.match(why(file(wishing('avoid: [s2]'))), [
    /^tenants.red.links\[0\].*: avoids s2, where red\/w is; remove s2 from "avoid", or place/,
  ]);
});

t.test('flows of a virtual link over all equal paths that work', async (t) => {
  const spread = configOf(file(wishing('spread: select'), 'failover: { backups: 1 }', '2'));
  const tree = JSON.stringify(fileTree(spread));
  t.match(tree, '"links":[{"ends":"v:1 - w:1","spread":"select"}]');
  const snapshot = snapshotOf(file(wishing('spread: select'), 'failover: { backups: 1 }', '2'));
  // By s3, by s4, and by the cable, which costs as much as two.
  const all = [...ways(snapshot), ...ways(snapshot, 'shared')].sort();
  t.same(all, ['s1 s2', 's1 s3 s2', 's1 s4 s2', 's2 s1', 's2 s3 s1', 's2 s4 s1']);
  t.same(ways(snapshot, 'backup'), [], 'they are each other’s');
  const cut: Failures = {
    down: new Set(['s1:3', 's3:1']),
    ...{ held: new Set(), lost: new Set(), away: new Set() },
  };
  const without = withFailures(snapshot, cut);
  if (isInfeasible(without)) throw new Error(without.why);
  t.same([...ways(without), ...ways(without, 'shared')].sort(), [
    's1 s2',
    's1 s4 s2',
    's2 s1',
    's2 s4 s1',
  ]);
  const back = withFailures(without, { ...cut, down: new Set() });
  if (isInfeasible(back)) throw new Error(back.why);
  t.same([...ways(back), ...ways(back, 'shared')].sort(), all, 'and again over all');
});

t.test('where flows cannot be spread', async (t) => {
  const flat = file(wishing('spread: select')).replace(
    '{ dpid: 2 }',
    '{ dpid: 2, encoding: flat }',
  );
  t.match(problemsOf(flat), [
    { path: /links\[0\]\.spread$/, why: /begins or ends on s2, whose encoding is flat/ },
  ]);
  const reserved = file(wishing('spread: select, bandwidth: 10M'));
  t.match(problemsOf(reserved), [{ why: /sets bandwidth aside, which is that of one path; rem/ }]);
  const why = /"hash" is not a way to spread flows/;
  t.match(problemsOf(file(wishing('spread: hash'))), [{ why }]);
});
