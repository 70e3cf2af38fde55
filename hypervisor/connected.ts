/**
 * The handling of a datapath that has connected and identified itself: its OpenFlow version decides
 * the encoding, then its tables are corrected.
 */

import { touchedBy } from '../slices/network/affected.ts';
import { bodiesOn, encodingFor, isInfeasible, withEncoding } from '../slices/network/snapshot.ts';
import { atOnce } from '../slices/steps.ts';
import { misfit, unlimitedAt } from '../translation/datapath/flat-fit.ts';
import { losing, lostNow } from '../translation/datapath/tag-ways.ts';
import { Acceptor, type AcceptorUser } from './datapath/acceptor.ts';
import type { Datapath } from './datapath/datapath.ts';
import { type ReconcileResult, reconcile, whyUnfit } from './datapath/reconcile.ts';
import type { Hypervisor } from './hypervisor.ts';
import { textEntry } from './store/journal-entries.ts';
import { kept, perform } from './store/ready.ts';
import { toldBy } from './store/starting.ts';
import { Listeners } from './world/listeners.ts';
import type { Log } from './world/log.ts';
import type { World } from './world/world.ts';

/** Where switches connect, from the moment that somebody says at which addresses. */
export function switchListeners(
  hypervisor: Hypervisor,
  log: Log,
  world: World,
  lost: (datapath: Datapath, why: string) => void,
): Listeners {
  const { strangers } = hypervisor.probing;
  const user: AcceptorUser = {
    datapathOf(dpid) {
      const known = hypervisor.datapaths().find((one) => one.config.dpid === dpid);
      return known ?? strangers.guestOf(dpid);
    },
    onUnknown: (...who) => strangers.note(...who),
    onRefused: (...who) => strangers.refused.note(...who),
    onConnected(datapath) {
      if (strangers.has(datapath)) strangers.welcome(datapath);
      else connected(hypervisor, log, datapath);
    },
    onLost(datapath, why) {
      if (!strangers.has(datapath)) lost(datapath, why);
    },
    onStranger: (why) => hypervisor.alarm(`switch refused: ${why}`),
  };
  const acceptor = new Acceptor(world, log, user, hypervisor.boundary);
  return new Listeners((at, failed) =>
    hypervisor.world.listen(at, {
      accept: (connection) => acceptor.accept(connection),
      refused: (peer, why) => acceptor.refused(peer, why),
      failed,
    }),
  );
}

/** Corrects its tables when the rules of all that live there are known; then it serves. */
function connected(hypervisor: Hypervisor, log: Log, datapath: Datapath): void {
  const { channel } = datapath;
  if (channel !== undefined) channel.tap = hypervisor.taps.ofDatapath(datapath.name);
  const bodies = bodiesOn(hypervisor.snapshot(), datapath.name).map(({ name }) => name);
  const claimed = hypervisor.boundary.bind(() => {
    // It may have gone meanwhile, and come back.
    if (datapath.channel === channel) claim(hypervisor, log, datapath);
  });
  const there = (): void => {
    if (!datapath.makeIntent()) claimed();
    else hypervisor.scheduler.run({ step: () => datapath.makeIntent() }, claimed);
  };
  hypervisor.loading.whenThere(bodies, there);
}

function claim(hypervisor: Hypervisor, log: Log, datapath: Datapath): void {
  const whyNot = encodeFor(hypervisor, datapath);
  if (whyNot !== undefined) {
    log.error({ datapath: datapath.name, why: whyNot }, 'datapath unsuitable');
    datapath.channel?.close(whyNot);
    return;
  }
  const { channel } = datapath;
  hypervisor.identity.claim(hypervisor, datapath, log, (whyRefused) => {
    if (datapath.channel !== channel) return;
    if (whyRefused === undefined) makeRight(hypervisor, log, datapath);
    else {
      datapath.state = { type: 'refused', why: whyRefused };
      log.error(
        { datapath: datapath.name, why: whyRefused },
        'datapath refused and left unchanged',
      );
      hypervisor.refreshing.datapath(datapath.name);
    }
  });
}

function makeRight(hypervisor: Hypervisor, log: Log, datapath: Datapath): void {
  const { channel } = datapath;
  hypervisor.departures.touches(datapath.config.dpid);
  reconcile(hypervisor, datapath, (result) => {
    // It may have gone meanwhile, and come back.
    if (datapath.channel !== channel) return;
    if (result.type === 'lost') channel?.close('its tables could not be read');
    else if (result.type === 'refused' || result.type === 'unfit') {
      const why = result.type === 'unfit' ? result.why : whyUnfit(result.refusals);
      log.error({ datapath: datapath.name, why }, 'datapath unsuitable');
      channel?.close(why);
    } else serves(hypervisor, log, datapath, result);
  });
}

function serves(
  hypervisor: Hypervisor,
  log: Log,
  datapath: Datapath,
  { what, refused }: ReconcileResult & { readonly type: 'right' },
): void {
  datapath.state = { type: 'ready' };
  datapath.wasReady = true;
  hypervisor.departures.cleaned(datapath.config.dpid);
  keepTold(hypervisor, datapath);
  const { foreign } = what;
  log.info({ datapath: datapath.name, ...what }, 'datapath ready');
  if (foreign > 0) {
    log.warn({ datapath: datapath.name, foreign }, 'foreign entries were removed');
  }
  hypervisor.inBand.begin(datapath);
  hypervisor.audit?.begin(datapath);
  hypervisor.heals.begin(datapath, what.changed + what.removed);
  for (const [{ vswitch }, parts] of refused) {
    const found = { datapath: datapath.name, vswitch: vswitch.name, refused: parts.length };
    log.error(found, 'a datapath has no room for all its entries');
  }
  const snapshot = hypervisor.snapshot();
  for (const { name } of bodiesOn(snapshot, datapath.name)) {
    const runtime = hypervisor.runtime(name);
    const lacks = (runtime && refused.get(runtime)) ?? [];
    hypervisor.boundary.run(runtime, () => runtime?.missing.returned(datapath.name, lacks));
  }
  hypervisor.failures.look(() => {
    hypervisor.members.datapath(datapath.name);
    hypervisor.remaps.replacements.look();
    hypervisor.refreshing.datapath(datapath.name, (runtime) => {
      const now = hypervisor.snapshot();
      const lost = lostNow(now, runtime.vswitch, runtime);
      if (lost !== undefined) hypervisor.alarm(lost);
      const unlimited = unlimitedAt(now, datapath.name, runtime.vswitch);
      if (unlimited !== undefined) hypervisor.alarm(unlimited);
    });
  });
  hypervisor.refreshing.eachAt(datapath.name, ({ portCounters }) => {
    portCounters.begin(datapath.name);
  });
}

/** What it says that it has room for counts at the next start, too. */
function keepTold(hypervisor: Hypervisor, { told }: Datapath): void {
  if (Object.keys(told).length === 0) return;
  const all = toldBy(hypervisor.snapshot().config, hypervisor.datapaths());
  perform(hypervisor.journal, kept([textEntry('told', Object.fromEntries(all))]));
}

/** Changes the snapshot if need be. Why the datapath cannot serve so, when it cannot. */
function encodeFor(hypervisor: Hypervisor, datapath: Datapath): string | undefined {
  const { name, config, version } = datapath;
  const before = hypervisor.snapshot();
  const encoding = encodingFor(config.encoding, version);
  if (before.encodings.get(name) !== encoding) {
    const next = withEncoding(before, name, encoding);
    if (isInfeasible(next)) return next.why;
    const touched = touchedBy(before, next);
    const lead = (): void => hypervisor.reconfigure(next, touched, () => undefined);
    const lost = atOnce(losing(before, next, touched, (vswitch) => hypervisor.runtime(vswitch)));
    perform(hypervisor.journal, {
      entries: [
        { type: 'text', key: 'encodings', value: [...next.encodings] },
        { type: 'ways', after: next, before },
      ],
      messages: [lead],
      answers: lost.map((why) => () => hypervisor.alarm(why)),
    });
  }
  const snapshot = hypervisor.snapshot();
  for (const vswitch of bodiesOn(snapshot, name)) {
    const runtime = hypervisor.runtime(vswitch.name);
    if (runtime === undefined || runtime.isClosed) continue;
    const before = hypervisor.boundary.enter(runtime);
    const whyNot = misfit(snapshot, name, vswitch, runtime);
    hypervisor.boundary.leave(before);
    if (whyNot !== undefined) return whyNot;
  }
  return undefined;
}
