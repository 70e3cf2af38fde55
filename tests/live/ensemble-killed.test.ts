/**
 * A tenant moves whole, its hosts with it, on real switches, and something is killed when the first
 * host is about to run at its new place: Limevisor, which goes on when it starts again, or one of
 * the switches that it moves to. All of it is there in the end, or nothing, hosts are where the
 * report says, and reach each other. tests/soak/ensemble-killed.soak.ts kills at other moments.
 */
import t from 'tap';
import { attempt } from '../../examples/lab/programs.ts';
import {
  far,
  home,
  killedInMove,
  mustReach,
  near,
  startHostsLab,
  whereIs,
} from './ensemble-hosts-lab.ts';

const lab = await startHostsLab(t, { apart: ['s4'] });
const moment = { of: 'host', state: 'run' } as const;

t.test('Limevisor is killed: the next one has all of it there, or nothing', async (t) => {
  await mustReach(lab);
  const { end } = await killedInMove(lab, 'Limevisor', moment);
  t.equal(await whereIs(lab), end === 'done' ? far : near, end);
  await mustReach(lab);
  if (end === 'undone') return;
  const back = home.flatMap((one) => ['--to', one]);
  const asked = ['migrate', 'red', '--hosts', ...back, '--driver', 'netns', '--no-watch'];
  const { code, stderr } = await attempt(lab, asked);
  t.equal(code, 0, stderr);
});

t.test('a switch that it moves to is killed: nothing has moved', async (t) => {
  await mustReach(lab);
  const { end, id } = await killedInMove(lab, 's4', moment);
  t.equal(end, 'undone');
  t.equal(await whereIs(lab), near);
  await mustReach(lab);
  const { stdout } = await attempt(lab, ['migrations', 'show', String(id)]);
  t.match(stdout, new RegExp(`migration ${id}: .*undone.*s4`), 'it says why');
});
