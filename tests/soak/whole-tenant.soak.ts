/**
 * The live proof of LIME on Open vSwitch, with default caching and 16,000 cached flows: a tenant
 * with six hosts on three vswitches moves whole to other datapaths and back, ten times (MOVES=20
 * moves), under 500 pings/s, 5,000 UDP frames/s, TCP and 100 changes of rules a second.
 *
 * A machine that cannot carry that loses frames in its own sockets while nothing moves. So first it
 * is asked what it carries: each share of these rates, from all of them down, until nothing is lost
 * in half a minute of rest. With that it moves, and the share is told. On a machine on which others
 * are busy that says little: a move that takes a minute there meets more of their stalls.
 */
import t from 'tap';
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

/** The largest share at which nothing is lost while nothing moves. */
async function carried(): Promise<number | undefined> {
  for (const share of shares) {
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
  const share = await carried();
  if (share === undefined) {
    t.fail('this machine loses frames at a tenth of the rates while nothing moves');
    return;
  }
  t.comment(
    `this machine carries ${share} of the rates, ${await cachedFlows(tenant.lab)} cached flows`,
  );
  const found = await under(tenant, ratesOf(share), () => move(tenant, moves));
  mustBeWhole(t, found, moves, {
    missed: Math.ceil(moves / MOVES_PER_MISSED),
    shares: spoken === 'OpenFlow10',
  });
  await background.end('SIGINT');
});
