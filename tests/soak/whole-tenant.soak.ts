/**
 * The live proof of LIME on Open vSwitch, with default caching and 16,000 cached flows: a tenant
 * with six hosts on three vswitches moves whole to other datapaths and back, ten times (MOVES=20
 * moves), under 500 pings/s, 5,000 UDP frames/s, TCP and 100 changes of rules a second.
 *
 * A machine that cannot carry that loses frames in its own sockets while nothing moves. So first it
 * is asked what it carries: each share of these rates, from all of them down, until nothing is lost
 * in half a minute of rest. With that it moves, and the share is told. Moves take more of the
 * machine than rest does: where frames were dropped before Open vSwitch read them no more may be
 * lost than these, and the next share is tried, until nothing is dropped and nothing may be lost.
 */
import t from 'tap';
import { droppedFrames } from '../../examples/lab/dropped-frames.ts';
import { cachedFlows } from '../../examples/lab/programs.ts';
import { sleep } from '../../examples/lab/wait.ts';
import { move, mustBeWhole, under } from '../live/whole-tenant.ts';
import { fillCaches, startTenant } from '../live/whole-tenant-lab.ts';

const moves = Number(process.env['MOVES'] ?? 20);
const flows = Number(process.env['FLOWS'] ?? 16_000);
const shares = (process.env['SHARES'] ?? '1 0.5 0.25 0.1').split(' ').map(Number);
const spoken = process.env['OPENFLOW'] === '1.0' ? 'OpenFlow10' : 'OpenFlow13';
const REST_MS = 30_000;
/** A bridge alone misses 3 of 60,000 packets in 1,200 deletions; a move has some twenty. */
const MOVES_PER_MISSED = 10;

const ratesOf = (share: number) => ({
  streamMs: 0.8 / share,
  pingMs: 2 / share,
  churnMs: 10 / share,
  kbytesSec: 2_000 * share,
});

const tenant = await startTenant(spoken);
t.teardown(() => tenant.stop());
const background = await fillCaches(tenant, flows);

/** Shares that have not been tried. */
const left = [...shares];

/** The largest share of those at which nothing is lost while nothing moves. */
async function carried(): Promise<number | undefined> {
  for (let share = left.shift(); share !== undefined; share = left.shift()) {
    const found = await under(tenant, ratesOf(share), async () => {
      await sleep(REST_MS);
      return [];
    });
    const { frames, pings, cached } = found;
    t.comment(
      `at rest, ${share} of the rates, ${cached} flows: ${JSON.stringify({ frames, pings })}`,
    );
    if (frames.lost === 0 && pings.lost === 0) return share;
  }
  return undefined;
}

t.test(`${moves} moves of a whole tenant, ${flows} cached flows`, async (t) => {
  for (;;) {
    const share = await carried();
    if (share === undefined) {
      t.fail('this machine loses frames at a tenth of the rates while nothing moves');
      return;
    }
    t.comment(
      `this machine carries ${share} of the rates, ${await cachedFlows(tenant.lab)} cached flows`,
    );
    const before = await droppedFrames(tenant.lab.inside);
    const found = await under(tenant, ratesOf(share), () => move(tenant, moves));
    const dropped = (await droppedFrames(tenant.lab.inside)) - before;
    const { frames, pings } = found;
    if (dropped > 0 && left.length > 0) {
      t.comment(`it dropped ${dropped} frames while the tenant moved: ${JSON.stringify(found)}`);
      t.ok(frames.lost + pings.lost <= dropped, 'no more are lost');
      t.equal(frames.doubled + pings.duplicates, 0, 'none came twice');
      continue;
    }
    mustBeWhole(t, found, moves, {
      missed: Math.ceil(moves / MOVES_PER_MISSED),
      shares: spoken === 'OpenFlow10',
    });
    break;
  }
  await background.end('SIGINT');
});
