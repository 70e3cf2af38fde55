/**
 * Frames that are long on their way: ways are led elsewhere, and what is on those of before arrives
 * before their entries go, however long that takes. By a drain, by a file with other cables, and
 * when a cable that had failed is used again; and by several of these, each begun before the last
 * has ended.
 */
import t from 'tap';
import type { DatapathName } from '../../slices/ids.ts';
import { configTree } from './networks.ts';
import {
  CHANGE_MS,
  cablesOf,
  configFrom,
  encodings,
  links,
  seen,
  troublesOfCables,
} from './slow-cables.ts';

for (const [what, isFlat] of Object.entries(encodings)) {
  t.test(`${what}: a datapath is drained`, async (t) => {
    let left = '';
    const { sent, lost } = seen(isFlat, ({ hypervisor, middle, world }) => {
      const before = middle();
      hypervisor.draining.lead(new Set([before]), (trouble) => {
        left = trouble ?? `${before} was left`;
      });
      world.runUntil(CHANGE_MS + 4_000);
      t.not(middle(), before, 'ways lead elsewhere');
    });
    t.match(left, /was left/);
    t.ok(sent > 1_000, `${sent} frames`);
    t.strictSame(lost, { red: 0, blue: 0 }, 'none was lost');
  });

  t.test(`${what}: a file has other cables`, async (t) => {
    let said: unknown;
    const { lost } = seen(isFlat, ({ hypervisor, network, middle, world }) => {
      const isOld = (end: string): boolean => end.startsWith(`${middle()}:`);
      const rest = links.filter((ends) => !ends.some(isOld));
      const next = configTree({ ...network, links: rest });
      const tree = { ...next, failover: { revert: '300ms' } };
      hypervisor.applying.apply('a file', configFrom(tree), (applied) => {
        said = applied;
      });
      world.runUntil(CHANGE_MS + 4_000);
    });
    t.strictSame(said, { done: [], waits: [] });
    t.strictSame(lost, { red: 0, blue: 0 }, 'none was lost');
  });

  t.test(`${what}: a cable that had failed is used again`, async (t) => {
    const { lost } = seen(
      isFlat,
      ({ join, middle, world }) => {
        t.equal(middle(), 's3', 'a detour');
        join(true);
        world.runUntil(CHANGE_MS + 2_000);
        t.equal(middle(), 's2', 'as before');
      },
      true,
    );
    t.strictSame(lost, { red: 0, blue: 0 }, 'none was lost');
  });
}

for (let seed = 1; seed <= 8; seed += 1) {
  t.test(`several changes while one another is under way: ${seed}`, async (t) => {
    t.strictSame(troublesOfCables(seed, cablesOf(seed)), []);
  });
}

/** After the cable is whole again: before it is used again, while that is led, and behind it. */
for (const laterMs of [250, 600, 800, 1_200]) {
  t.test(`ways are being led back, and ${laterMs} ms later a drain finds them there`, async (t) => {
    let left = '';
    const { lost } = seen(
      encodings.pipelines,
      ({ hypervisor, join, world }) => {
        join(true);
        world.runUntil(CHANGE_MS + laterMs);
        hypervisor.draining.lead(new Set(['s3' as DatapathName]), (trouble) => {
          left = trouble ?? 's3 was left';
        });
        world.runUntil(CHANGE_MS + 5_000);
      },
      true,
    );
    t.equal(left, 's3 was left');
    t.strictSame(lost, { red: 0, blue: 0 }, 'none was lost');
  });
}
