/**
 * Changes of several datapaths that are carried out side by side: each waits for what earlier ones
 * make and change, none for later ones, and nobody for one that was closed.
 */
import t from 'tap';
import { Changeovers } from '../../hypervisor/datapath/changeovers.ts';
import { Boundary, Chore } from '../../hypervisor/world/fault-boundary.ts';
import { exampleText, snapshotOf } from '../slices/networks.ts';

function changeovers() {
  const boundary = new Boundary(() => undefined);
  const all = new Changeovers(boundary);
  const ran: string[] = [];
  return { boundary, all, ran, run: (what: string) => () => void ran.push(what) };
}

t.test('what an earlier one makes is there before a later one leads to it', async (t) => {
  const { all, ran, run } = changeovers();
  const [one, other] = [all.begin(), all.begin()];
  all.whenOthers('made', one, run('one changes'));
  t.strictSame(ran, ['one changes'], 'it waits for none that began later');
  all.reach(other, 'made');
  all.whenOthers('made', other, run('other changes'));
  t.equal(ran.length, 1);
  all.reach(one, 'made');
  t.strictSame(ran.splice(0), ['one changes', 'other changes']);
});

t.test('what an earlier one still uses is not broken by a later one', async (t) => {
  const { all, ran, run } = changeovers();
  const [one, other] = [all.begin(), all.begin()];
  all.reach(other, 'changed');
  all.whenOthers('changed', other, run('other breaks'));
  all.whenOthers('changed', undefined, run('nobody changes'));
  all.reach(one, 'made');
  t.strictSame(ran, []);
  all.reach(one, 'changed');
  t.strictSame(ran, ['other breaks', 'nobody changes']);
  all.reach(one, 'begun');
  t.equal(one.stage, 'changed', 'none goes back');
});

t.test('nobody waits for one whose party is closed', async (t) => {
  const { boundary, all, ran, run } = changeovers();
  const party = new Chore('one that fails');
  const left = snapshotOf(exampleText());
  boundary.run(party, () => {
    all.begin();
    all.leave([left]);
  });
  const broken = all.leave([left]);
  all.whenOthers('changed', undefined, run('goes on'));
  t.strictSame([ran, all.left], [[], [left]], 'a snapshot that two have left is there once');
  party.close({ why: 'a test', stack: '', message: '' });
  all.closed();
  t.strictSame(ran, ['goes on']);
  broken();
  t.strictSame(all.left, []);
});
