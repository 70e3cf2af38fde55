/**
 * For whom everything runs that is called later. Each place in hypervisor/ that registers a timer
 * or a later turn has a line here: a new one without a line fails, so nobody forgets to ask what an
 * exception there would do. And what is nobody's in particular, and may be given up, is.
 */
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { statusReport } from '../../hypervisor/operator/report.ts';
import { Compaction } from '../../hypervisor/store/compaction.ts';
import type { Entry } from '../../hypervisor/store/journal-entries.ts';
import { Boundary } from '../../hypervisor/world/fault-boundary.ts';
import { RecordingStore } from '../support/recording-store.ts';
import { FakeWorld } from './fake-world.ts';
import { boom, patched, started } from './faults.ts';

/**
 * `bound`: by hypervisor.world, for whom it was registered. `own`: the file binds it itself, to a
 * connection or a chore. `nobody`: what throws there ends the process.
 */
type For = 'bound' | 'own' | 'nobody';

/** How many places a file has, and for whom they are. */
const places: Readonly<Record<string, readonly [count: number, who: For]>> = {
  'api/event-feed.ts': [2, 'bound'],
  'api/open-requests.ts': [1, 'nobody'],
  'api/operation-responses.ts': [1, 'bound'],
  'api/listeners.ts': [1, 'bound'],
  'api/server.ts': [1, 'bound'],
  'channel/channel.ts': [1, 'own'],
  'channel/connection-watch.ts': [2, 'own'],
  'channel/inbox.ts': [2, 'own'],
  'channel/reply-timeouts.ts': [1, 'own'],
  'controller/controller.ts': [1, 'bound'],
  'controller/guests.ts': [1, 'bound'],
  'controller/multipart-requests.ts': [1, 'own'],
  'controller/unfinished.ts': [1, 'own'],
  'datapath/acceptor.ts': [3, 'own'],
  'datapath/acknowledgements.ts': [3, 'own'],
  'datapath/audit.ts': [1, 'bound'],
  'datapath/canary.ts': [2, 'own'],
  'datapath/in-force.ts': [4, 'bound'],
  'datapath/way-counters.ts': [1, 'bound'],
  'datapath/dpid-claims.ts': [3, 'own'],
  'datapath/datapath.ts': [1, 'own'],
  'datapath/writer.ts': [1, 'own'],
  'datapath/failure-watch.ts': [1, 'bound'],
  'datapath/fresh-counters.ts': [1, 'bound'],
  'datapath/stale-flow-healing.ts': [1, 'bound'],
  'datapath/identity.ts': [1, 'own'],
  'datapath/in-band.ts': [2, 'bound'],
  'datapath/discovery.ts': [3, 'own'],
  'datapath/link-watch.ts': [1, 'own'],
  'datapath/markers.ts': [3, 'bound'],
  'datapath/paced-plans.ts': [1, 'nobody'],
  'datapath/punt-counts.ts': [1, 'own'],
  'datapath/queries.ts': [3, 'own'],
  'datapath/stale-flow-watch.ts': [2, 'bound'],
  'datapath/rewiring.ts': [1, 'bound'],
  'datapath/start-order.ts': [1, 'bound'],
  'hypervisor.ts': [1, 'nobody'],
  'datapath/tunnels.ts': [1, 'own'],
  'drivers/asked-driver.ts': [1, 'own'],
  'drivers/node-drivers.ts': [2, 'nobody'],
  'drivers/older-program.ts': [2, 'nobody'],
  'drivers/program.ts': [1, 'nobody'],
  'drivers/qemu.ts': [1, 'nobody'],
  'drivers/qmp.ts': [1, 'nobody'],
  'datapath/host-ports.ts': [1, 'own'],
  'migrate/boundary-meter.ts': [1, 'bound'],
  'migrate/host-places.ts': [3, 'bound'],
  'migrate/member-orders.ts': [1, 'own'],
  'migrate/traffic-meter.ts': [2, 'bound'],
  'migrate/draining.ts': [1, 'bound'],
  'migrate/executor.ts': [1, 'bound'],
  'migrate/after-restart.ts': [1, 'bound'],
  'store/compaction.ts': [2, 'own'],
  'store/commit-delay.ts': [1, 'nobody'],
  'store/waiting.ts': [1, 'nobody'],
  'tenant/hand-over-end.ts': [1, 'nobody'],
  'tenant/drain.ts': [1, 'bound'],
  'tenant/flow-removed.ts': [1, 'bound'],
  'tenant/loss-probes.ts': [2, 'bound'],
  'tenant/missing-entries.ts': [1, 'bound'],
  'tenant/rule-counters.ts': [2, 'bound'],
  'tenant/traffic.ts': [4, 'own'],
  'networks/network-changes.ts': [1, 'own'],
  'networks/network-expiry.ts': [2, 'own'],
  'operator/network-commands.ts': [1, 'nobody'],
  'operator/schedules.ts': [1, 'own'],
  'operator/optimizing.ts': [2, 'own'],
  'operator/sign-watch.ts': [1, 'own'],
  'operator/body-replacements.ts': [1, 'own'],
  'operator/drained-members.ts': [1, 'bound'],
  'operator/evacuations.ts': [1, 'bound'],
  'migrate/idle-watch.ts': [2, 'own'],
  'operator/trace-report.ts': [1, 'bound'],
  'world/fault-boundary.ts': [2, 'own'],
  'world/service-watch.ts': [1, 'nobody'],
  'world/scheduler.ts': [2, 'nobody'],
  'operator/top-commands.ts': [1, 'nobody'],
  'operator/wait-commands.ts': [1, 'nobody'],
  'world/turn-share.ts': [2, 'own'],
};

const folder = new URL('../../hypervisor/', import.meta.url);
/** `after` of the machine itself, where the world is made. */
const machines = new Set(['world/node-world.ts', 'world/world.ts']);
const later = /(?:world|#world)\s*\.\s*(?:after|soon)\(/g;

t.test('every place that has something called later is known', async (t) => {
  const found: Record<string, number> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || machines.has(name)) continue;
    const count = readFileSync(new URL(name, folder), 'utf8').match(later)?.length ?? 0;
    if (count > 0) found[name] = count;
  }
  const known = Object.fromEntries(Object.entries(places).map(([name, [count]]) => [name, count]));
  t.strictSame(found, known);
});

t.test('what was registered by hypervisor.world runs for whom it was registered', async (t) => {
  const scene = started();
  const { hypervisor, world } = scene.network;
  hypervisor.boundary.run(scene.runtime, () => {
    hypervisor.world.after(5, boom);
  });
  hypervisor.boundary.run(scene.runtimes[0], () => hypervisor.world.soon(() => undefined));
  world.pass(10);
  scene.network.run();
  t.ok(scene.runtime.isClosed);
  t.equal(scene.runtimes.filter((one) => one.isClosed).length, 1);
});

t.test('a new log that cannot be made for a fault of ours is given up', async (t) => {
  const world = new FakeWorld();
  const faults: string[] = [];
  const boundary = new Boundary(({ title }) => void faults.push(title));
  const store = new RecordingStore();
  store.isLarge = true;
  let isBroken = true;
  const matters = {
    texts: new Map<string, string>(),
    textBytes: () => 0,
    rulebooks: () => [],
    flush: () => (isBroken ? boom() : undefined),
    epochMs: 0,
  };
  const compaction = new Compaction(world, store, matters, boundary);
  compaction.look();
  t.strictSame(faults, ['making the store anew']);
  t.notOk(compaction.isUnderWay);
  t.match([...boundary.givenUp], [['making the store anew', 'boom']]);
  isBroken = false;
  compaction.look();
  t.notOk(compaction.isUnderWay, 'not at once');
  world.pass(600_000);
  compaction.look();
  t.ok(compaction.isUnderWay, 'it is tried again later');
});

t.test('the generation that cannot grow is given up, and named in status', async (t) => {
  const { network, faults, runtimes } = started();
  const { journal } = network.hypervisor;
  const { put } = journal;
  const isIts = (entry: Entry): boolean => entry.type === 'text' && entry.key === 'identity';
  patched(t, journal, 'put', (entry) => (isIts(entry) ? boom() : put(entry)));
  journal.put({ type: 'text', key: 'something', value: 1 });
  network.run(60_000);
  t.match(faults, [['the generation of the store', { why: 'boom' }]]);
  t.match(statusReport(network.hypervisor).givenUp, { 'the generation of the store': 'boom' });
  t.strictSame(
    runtimes.filter((one) => one.whyDown() !== undefined),
    [],
    'everybody is served',
  );
});
