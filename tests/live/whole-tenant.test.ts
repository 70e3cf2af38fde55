/**
 * A tenant with six hosts on three vswitches moves whole while flows are cached, rules change, and
 * packets of every kind pass: nothing is lost, comes twice or is told, and packets are counted.
 *
 * Slow enough for a busy machine, and one move; tests/soak/whole-tenant.soak.ts has all of it.
 */
import t from 'tap';
import { cachedFlows, revalidated } from '../../examples/lab/programs.ts';
import { startSender } from '../../examples/lab/streams.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import { applying, bytesOf, flowMod, output } from './mirror/conversation.ts';
import { move, mustBeWhole, under } from './whole-tenant.ts';
import { churned, counted, fillCaches, startTenant, streamTo } from './whole-tenant-lab.ts';

const CACHED = 1_000;
const CHANGES = 5;
/**
 * Of each rule. Packets that Open vSwitch has in hand when it deletes the cached flow of them
 * are in
 * no counter of any bridge: where others are busy it stands still with a batch of them in hand.
 */
const MISSED_MAX = 3;

const tenant = await startTenant();
t.teardown(() => tenant.stop());
const background = await fillCaches(tenant, CACHED);

t.test('it moves whole, and nobody notices', async (t) => {
  const rates = { streamMs: 20, pingMs: 20, churnMs: 20, kbytesSec: 20 };
  const found = await under(tenant, rates, () => move(tenant, 1));
  mustBeWhole(t, found, 1, { missed: MISSED_MAX });
  t.ok((await cachedFlows(tenant.lab)) > CACHED / 2, 'while flows were cached');
  await background.end('SIGINT');
});

t.test('a change of a rule leaves what is cached for frames on their way', async (t) => {
  const { lab, controllers } = tenant;
  const sender = startSender(lab, 'h1', '02:00:00:00:00:06', 10, counted);
  /** By cached flow of a frame that is wrapped, how many packets it has had since it was made. */
  const wrapped = async (): Promise<ReadonlyMap<string, number>> => {
    const all = await lab.appctl('dpctl/dump-flows', '-m');
    const found = [
      ...all.matchAll(/^ufid:(\S+),.*10\.9\.9\.9.*packets:(\d+),.*push_nsh.*push_eth/gm),
    ];
    return new Map(found.map(([, id = '', packets]) => [id, Number(packets)]));
  };
  const used = async (): Promise<ReadonlyMap<string, number>> => {
    const first = await wrapped();
    await sleep(500);
    return new Map(
      [...(await wrapped())].filter(([id, packets]) => packets > (first.get(id) ?? packets)),
    );
  };
  const before = await until('cached flows that have packets', 20_000, async () => {
    const found = await used();
    return found.size >= 2 ? found : undefined;
  });
  const v2 = controllers.get('v2');
  for (let i = 0; i < CHANGES; i += 1) {
    const command = i % 2 === 0 ? 'add' : 'deleteStrict';
    const instructions = applying(output(4));
    v2?.send(bytesOf(flowMod(command, { priority: 20, match: streamTo(churned), instructions })));
    await v2?.barrier();
    await revalidated(lab);
  }
  const after = await wrapped();
  const anew = [...before].filter(([id, packets]) => (after.get(id) ?? 0) < packets);
  t.strictSame(anew, [], `none of ${before.size} was made anew`);
  await sender.stop();
});
