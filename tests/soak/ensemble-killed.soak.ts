/**
 * A tenant moves whole with its hosts, and Limevisor, or a switch that it moves to, is killed at
 * every kind of moment: all of it is there in the end, or nothing, and hosts are where the report
 * says. tests/live/ensemble-killed.test.ts is the short form.
 */
import t from 'tap';
import {
  far,
  killedInMove,
  type Moment,
  mustReach,
  near,
  startHostsLab,
  type Victim,
  whereIs,
} from '../live/ensemble-hosts-lab.ts';

const moments: readonly Moment[] = [
  ...['clone', 'ready', 'move', 'arrived', 'retire'].map(
    (state) => ({ of: 'vswitch', state }) as const,
  ),
  ...['open', 'run', 'close'].map((state) => ({ of: 'host', state }) as const),
];
const victims: readonly Victim[] = ['Limevisor', 's4'];

for (const victim of victims) {
  for (const moment of moments) {
    t.test(`${victim}, when a ${moment.of} is in "${moment.state}"`, async (t) => {
      const lab = await startHostsLab(t, { apart: ['s4'] });
      await mustReach(lab);
      const { end } = await killedInMove(lab, victim, moment);
      t.equal(await whereIs(lab), end === 'done' ? far : near, end);
      // What is on a switch that is dead reaches nobody.
      if (victim === 'Limevisor' || end === 'undone') await mustReach(lab);
    });
  }
}
