/**
 * How long the lab waits for what is on its way before it says that it is lost. On a busy machine
 * a controller answers new conversations more slowly than they begin: at 7 a second where 10 began,
 * for 86 s, 160 of 860 had not come when a limit of 15 s was over, and none of them was lost.
 */
import t from 'tap';
import { arrival, type Clock } from '../../examples/lab/wait.ts';

/** Time that passes when somebody waits. */
class Passing implements Clock {
  ms = 0;

  now(): number {
    return this.ms;
  }

  async sleep(ms: number): Promise<void> {
    this.ms += ms;
  }
}

/** Until when it waits for 600 that come at this rate, of which so many ever do; and what came. */
async function waited(perSec: number, everCome: number): Promise<readonly [number, number]> {
  const clock = new Passing();
  const count = () => Math.min(everCome, Math.floor((clock.ms * perSec) / 1000));
  await arrival(
    () => count() >= 600,
    () => String(count()),
    clock,
  );
  return [clock.ms, count()];
}

t.test('what comes slowly has not been lost, however much it is', async (t) => {
  t.strictSame((await waited(7, 600))[1], 600, 'more than a minute');
  t.strictSame((await waited(0.5, 600))[1], 600, 'one every two seconds');
});

t.test('what does not come any more is lost', async (t) => {
  const [ms, came] = await waited(100, 550);
  t.equal(came, 550);
  t.ok(ms >= 8_500 && ms < 9_000, `3 s after the last: ${ms}`);
  t.strictSame(await waited(0, 0), [3_000, 0], 'and where nothing came at all');
});
