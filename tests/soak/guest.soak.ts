/**
 * A guest under QEMU, with an operating system, moves together with its switch while it serves TCP,
 * there and back: its connection stays, nothing comes in another order or twice, and what is added
 * to the time in which it answers nothing is no more than where nothing of ours is in between: a
 * bridge that floods, between two ports of which another such guest goes. `MOVES` of each.
 */
import t, { type Test } from 'tap';
import { monitorAt } from '../../examples/lab/guest.ts';
import { startLab } from '../../examples/lab/lab.ts';
import { hostAt } from '../../examples/lab/topologies.ts';
import {
  addedMs,
  imageOf,
  isGuestWhole,
  lostBetween,
  type MovedGuest,
  MovingGuest,
  moveAlone,
  moveWithVswitch,
  places,
  unanswered,
} from '../../examples/moving-hosts/moving-guest.ts';
import { startMovingLab } from '../../examples/moving-hosts/moving-hosts.ts';
import { nodeDrivers } from '../../hypervisor/drivers/node-drivers.ts';
import { driven, task, world } from '../hypervisor/driven.ts';

const MOVES = Number(process.env['MOVES'] ?? 10);

/** In the middle of all; in one, a switch may have waited for a processor. */
const ADDED_MAX_MS = 5;

const sorted = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b);

/** The least, the one in the middle, and the most. */
function spread(values: readonly number[]): string {
  const all = sorted(values);
  return [0, 0.5, 1].map((at) => all[Math.floor(at * (all.length - 1))]?.toFixed(1)).join(' / ');
}

function report(kind: string, all: readonly MovedGuest[]): string {
  const of = (value: (one: MovedGuest) => number): string => spread(all.map(value));
  return [
    `${kind}: ran nowhere ${of((one) => one.pauseMs)} ms`,
    `silent at its taps ${of((one) => one.atTaps.gapMs)} ms`,
    `added ${of(addedMs)} ms`,
    `TCP silent ${of((one) => one.talk.numbers.gapMs)} ms`,
    `unanswered ${of(unanswered)}`,
    `lost between ${of(lostBetween)}`,
  ].join('; ');
}

function mustBeMost(t: Pick<Test, 'ok' | 'comment'>, kind: string, all: readonly MovedGuest[]) {
  t.comment(report(kind, all));
  t.ok(all.length > MOVES / 2, `${kind}: ${all.length} of ${MOVES} guests lived`);
  const added = sorted(all.map(addedMs))[Math.floor((all.length - 1) / 2)] ?? Number.NaN;
  t.ok(added <= ADDED_MAX_MS, `${kind}: ${added} ms added in the middle`);
}

/** Kept, unless the guest's own kernel has failed: that is said, and says nothing of us. */
async function judge(
  t: Pick<Test, 'ok' | 'comment'>,
  guest: MovingGuest,
  moved: MovedGuest,
  all: MovedGuest[] | undefined,
): Promise<void> {
  if (moved.failure === undefined) {
    t.ok(isGuestWhole(moved), JSON.stringify(moved));
    all?.push(moved);
  } else {
    t.comment(`${moved.what}: its own kernel has failed: ${moved.failure}`);
    await guest.serves();
  }
}

t.test('with its vswitch, and alone', async (t) => {
  const lab = await startMovingLab();
  t.teardown(() => lab.stop());
  const image = imageOf(lab, (line) => t.comment(line));
  const guest = await MovingGuest.boot(lab, image, 'h3', Object.values(places));
  const kinds = { 'with its vswitch': moveWithVswitch, alone: moveAlone };
  const all: Record<string, MovedGuest[]> = { 'with its vswitch': [], alone: [] };
  for (let i = 0; i < MOVES; i += 2) {
    for (const [kind, move] of Object.entries(kinds)) {
      for (const to of ['s3', 's1'] as const) {
        const moved = await move(lab, guest, to);
        await judge(t, guest, moved, all[kind]);
      }
    }
  }
  for (const [kind, some] of Object.entries(all)) mustBeMost(t, kind, some);
});

/** Frames go to where the guest is, and while it moves to both places. */
const PORTS = ['plain:9', 'plain:10'] as const;

t.test('on a bridge that knows nothing of it', async (t) => {
  const lab = await startLab({
    switches: ['plain'],
    links: [],
    hosts: [hostAt(4, 'plain:1')],
    // Nobody is there.
    controller: 'tcp:127.0.0.1:9',
  });
  t.teardown(() => lab.stop());
  const lead = (...to: readonly string[]): Promise<string> => {
    const outputs = ['1', ...to.map((end) => end.split(':')[1])].map((port) => `output:${port}`);
    return lab.ofctl('add-flow', 'plain', `actions=${outputs.join()}`);
  };
  await lead(PORTS[0]);
  const image = imageOf(lab, (line) => t.comment(line));
  const guest = await MovingGuest.boot(lab, image, 'h4', PORTS);
  const all: MovedGuest[] = [];
  for (let i = 0; i < MOVES; i += 1) {
    const [from, to] = i % 2 === 0 ? PORTS : ([PORTS[1], PORTS[0]] as const);
    const monitors = { source: monitorAt(lab, from), target: monitorAt(lab, to) };
    const config = { qemu: { ...monitors, uri: `unix:${lab.dir}/guest` }, limitMs: 120_000 };
    const carry = async () => {
      const startedMs = Date.now();
      const { arrival } = await driven('qemu', config);
      await lead(to);
      const state = arrival.type === 'arrived' ? 'done' : arrival.why;
      return { state, tookMs: Date.now() - startedMs };
    };
    const prepare = async () => {
      const why = await new Promise((resolve) => {
        nodeDrivers(world).prepare?.({ ...task, driver: 'qemu' }, config, resolve);
      });
      t.equal(why, undefined);
      await lead(...PORTS);
    };
    const moved = await guest.move(`to ${to}`, to, carry, prepare);
    await judge(t, guest, moved, all);
  }
  mustBeMost(t, 'on a bridge', all);
});
