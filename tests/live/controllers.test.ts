/**
 * The matrix of docs/CONTROLLERS.md (`make controllers`), very short: one cell shows that both
 * sides come up and are compared.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { root } from '../../examples/lab/programs.ts';
import { applications, cells } from '../controllers/cells.ts';
import { isSame, tryCell } from '../controllers/matrix.ts';

const version = '1.3';

t.test('a virtual switch does what a bridge does, under ovs-testcontroller', async (t) => {
  const cell = { application: applications.ovs, topology: 'linear,2', version, below: version };
  const { seen } = await tryCell({ ...cell, version, below: version }, ['up', 'pingall']);
  for (const [step, both] of seen) {
    t.comment(`${step}: ${both.bridges.shown} | ${both.virtual.shown}`);
    t.ok(isSame(both), step);
  }
  t.equal(seen.get('pingall')?.virtual.shown, '2 of 2');
});

t.test('the document has each controller and each topology', async (t) => {
  const text = fs.readFileSync(path.join(root, 'docs/CONTROLLERS.md'), 'utf8');
  for (const { application, topology } of cells) {
    t.ok(
      text.includes(`| ${application.name} | ${topology} |`),
      `${application.name}, ${topology}`,
    );
  }
});
