/**
 * Links that are tunnels, which are laid by what OVSDBs are told, while vswitches migrate, files
 * come in which they are not, and processes are killed; now and then an OVSDB does not answer.
 * Frames come to whom they are for and to nobody else, none is lost where nobody is killed, and in
 * the end each bridge has the tunnels of the file, and other people's ports as they were.
 */
import t from 'tap';
import { run } from './scenario.ts';
import { troublesOfTunnels, tunnelsOf } from './tunnels-runs.ts';

let moved = 0;
for (const seed of [1, 2, 3]) {
  const options = tunnelsOf(seed);
  t.test(JSON.stringify(options), async (t) => {
    const result = run(options);
    moved += result.migrations.filter(({ state }) => state.type === 'done').length;
    t.strictSame(troublesOfTunnels(options, result).slice(0, 5), []);
  });
}

t.test('there was something to see', async (t) => t.ok(moved > 2, `${moved} vswitches moved`));
