/**
 * Heals datapaths whose Open vSwitch forgets cached flows (translation/forgetful.ts), and looks for
 * a while after a migration whether packets still come the old way.
 *
 * Our own changes leave no such flow where there are several tables (translation/looks.ts). What is
 * healed is what remains: a datapath that was made right after a connection, and one with one
 * table, when a body there is left.
 */
import { group as ofpg, port as ofpp, table } from '../openflow/constants.ts';
import type { DatapathName } from '../slices/ids.ts';
import { limits } from '../slices/limits.ts';
import type { Hop } from '../slices/routes.ts';
import { forgetfulText, healFlow, isForgetful, strayFlow } from '../translation/forgetful.ts';
import type { Watched } from '../translation/migration.ts';
import { addFlow, deleteFlow } from '../translation/physical.ts';
import { cookieOf, VSWITCH_COOKIE_MASK } from '../translation/pipeline.ts';
import type { Datapath } from './datapath.ts';
import type { Log } from './log.ts';
import type { Path } from './markers.ts';
import type { Hub } from './vswitch.ts';

/** What a datapath says that it is. */
export interface Nature {
  readonly software: string;
  /** What the operator may want to know if it may forget cached flows; else empty. */
  readonly forgets: string;
}

export class Heals {
  readonly #hub: Hub;
  readonly #log: Log;
  readonly #natures = new Map<DatapathName, Nature>();
  /** How many heals each datapath has had. */
  readonly #turns = new Map<DatapathName, number>();
  /** Ends of cables that are watched, and how often. */
  readonly #watched = new Map<string, number>();

  constructor(hub: Hub, log: Log) {
    this.#hub = hub;
    this.#log = log;
  }

  natureOf(name: DatapathName): Nature {
    return this.#natures.get(name) ?? { software: '', forgets: '' };
  }

  /** Asks what it is; heals it when its tables were changed and it may be one that forgets. */
  begin(datapath: Datapath, corrections: number): void {
    const { channel } = datapath;
    datapath.query({ kind: 'desc' }, (parts) => {
      if (datapath.channel !== channel) return;
      const found = parts?.find((one) => one.kind === 'desc');
      const description = found ?? { hardware: 'Open vSwitch', software: 'of unknown version' };
      const software = `${description.hardware} ${description.software}`;
      const forgets = isForgetful(description) ? forgetfulText(description) : '';
      this.#natures.set(datapath.name, { software, forgets });
      if (forgets === '') return;
      this.#log.info({ datapath: datapath.name, what: forgets }, 'it forgets flows');
      if (corrections > 0) this.heal(datapath.name, 'its tables were made right');
    });
  }

  /** True when it is one that needs it; the entry goes when it was looked at. */
  heal(name: DatapathName, why: string): boolean {
    const datapath = this.#hub.datapath(name);
    if (this.natureOf(name).forgets === '' || !datapath.isReady) return false;
    const turn = this.#turns.get(name) ?? 0;
    this.#turns.set(name, turn + 1);
    const flow = healFlow(datapath.version, turn);
    this.#log.info({ datapath: name, why }, 'cached flows are made anew');
    datapath.applyWhenReady([addFlow(flow)], 'full', () => {
      this.#hub.world.after(limits.healMs, () => {
        datapath.push([deleteFlow(flow)], () => undefined);
      });
    });
    return true;
  }

  /** Counts from now on what comes over cables where no way leads any more; `end` says what. */
  watch(paths: readonly Path[]): (end: (watched: Watched) => void) => void {
    const hops = new Map<string, Hop>();
    for (const hop of paths.flatMap((path) => path.hops)) hops.set(`${hop.to}:${hop.toPort}`, hop);
    for (const [key, hop] of hops) {
      this.#watched.set(key, (this.#watched.get(key) ?? 0) + 1);
      this.#hub.datapath(hop.to).push([addFlow(strayFlow(hop.toPort), false)], () => undefined);
    }
    return (end) => this.#look([...hops.values()], paths, { stale: 0, heals: 0 }, 0n, end);
  }

  #look(
    hops: readonly Hop[],
    paths: readonly Path[],
    before: Watched,
    counted: bigint,
    end: (watched: Watched) => void,
  ): void {
    this.#hub.world.after(limits.watchMs, () => {
      this.#count(hops, (packets) => {
        const more = Number(packets - counted);
        const stale = before.stale + Math.max(0, more);
        if (more <= 0 || before.heals >= limits.healsMax) {
          this.#release(hops);
          end({ ...before, stale, ...(more > 0 && { goesOn: true }) });
          return;
        }
        const names = new Set(
          paths.flatMap(({ from, hops: all }) => [from, ...all.map((h) => h.to)]),
        );
        const why = `${more} packets still came an old way`;
        const healed = [...names].filter((name) => this.heal(name, why)).length;
        if (healed === 0) this.#log.warn({ why }, 'and no datapath there is known to forget flows');
        this.#look(hops, paths, { stale, heals: before.heals + 1 }, packets, end);
      });
    });
  }

  /** What came by these cables and no way is for. */
  #count(hops: readonly Hop[], done: (packets: bigint) => void): void {
    const names = [...new Set(hops.map((hop) => hop.to))];
    const cookie = cookieOf('stray', 0, 0);
    const any = { tableId: table.all, outPort: ofpp.any, outGroup: ofpg.any, match: [] };
    const filter = { ...any, cookie, cookieMask: VSWITCH_COOKIE_MASK };
    const ours = new Set(hops.map((hop) => `${hop.to} ${cookieOf('stray', 0, hop.toPort)}`));
    let left = names.length;
    let packets = 0n;
    if (left === 0) done(packets);
    for (const name of names) {
      this.#hub.datapath(name).query({ kind: 'flow', filter }, (parts) => {
        for (const row of (parts ?? []).flatMap((one) => (one.kind === 'flow' ? one.flows : []))) {
          if (ours.has(`${name} ${row.cookie}`)) packets += row.packetCount;
        }
        left -= 1;
        if (left === 0) done(packets);
      });
    }
  }

  #release(hops: readonly Hop[]): void {
    for (const { to, toPort } of hops) {
      const key = `${to}:${toPort}`;
      const left = (this.#watched.get(key) ?? 1) - 1;
      if (left > 0) this.#watched.set(key, left);
      else {
        this.#watched.delete(key);
        this.#hub.datapath(to).push([deleteFlow(strayFlow(toPort))], () => undefined);
      }
    }
  }
}
