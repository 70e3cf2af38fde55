/**
 * Watches the ways that a migration has left: for some seconds the ends of their cables count
 * frames that match no entry. Such frames follow cached flows that Open vSwitch failed to update
 * (translation/datapath/stale-flows.ts); these are healed as soon as they are seen.
 */

import type { FlowStats } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Hop } from '../../slices/network/routes.ts';
import { plural } from '../../slices/plural.ts';
import { everyFlow } from '../../translation/entries/physical-tables.ts';
import { cookieOf, VSWITCH_COOKIE_MASK } from '../../translation/entries/pipeline.ts';
import type { Watched } from '../../translation/migration/migration.ts';
import type { Log } from '../world/log.ts';
import { whenAll } from '../world/when-all.ts';
import type { DatapathContext } from './contributors.ts';
import { leadOwner } from './converge.ts';
import { flowsIn } from './entry-reader.ts';
import type { Path } from './markers.ts';

type Heal = (name: DatapathName, why: string) => boolean;

export class StaleFlowWatch {
  readonly #context: DatapathContext;
  readonly #log: Log;
  readonly #heal: Heal;
  /** Ends of cables that are watched, and by how many. */
  readonly #users = new Map<string, number>();

  constructor(context: DatapathContext, log: Log, heal: Heal) {
    this.#context = context;
    this.#log = log;
    this.#heal = heal;
  }

  /** `note` is told what was seen until now, at once and whenever that changes. */
  watch(paths: readonly Path[], note: (watched: Watched) => void): void {
    const hops = new Map<string, Hop>();
    for (const hop of paths.flatMap((path) => path.hops)) hops.set(`${hop.to}:${hop.toPort}`, hop);
    for (const [key, hop] of hops) {
      this.#users.set(key, (this.#users.get(key) ?? 0) + 1);
      this.#counting(hop, true);
    }
    const names = paths.flatMap(({ from, hops }) => [from, ...hops.map((hop) => hop.to)]);
    new Watch(this.#context, [...hops.values()], {
      note,
      heal: (more) => this.#healAll(names, more),
      release: () => this.#release([...hops.values()]),
    }).begin();
  }

  #healAll(names: readonly DatapathName[], more: number): boolean {
    const why = `${plural(more, 'packet')} still came an old way`;
    const healed = [...new Set(names)].filter((name) => this.#heal(name, why)).length;
    if (healed === 0)
      this.#log.warn({ why }, 'no datapath there is known to keep outdated cached flows');
    return healed > 0;
  }

  #release(hops: readonly Hop[]): void {
    for (const { to, toPort } of hops) {
      const key = `${to}:${toPort}`;
      const left = (this.#users.get(key) ?? 1) - 1;
      if (left > 0) this.#users.set(key, left);
      else {
        this.#users.delete(key);
        this.#counting({ to, toPort }, false);
      }
    }
  }

  #counting({ to, toPort: port }: Pick<Hop, 'to' | 'toPort'>, isThere: boolean): void {
    const datapath = this.#context.datapath(to);
    leadOwner(this.#context.snapshot(), datapath, { type: 'stray', port, isThere }, 'later');
  }
}

interface WatchUser {
  readonly note: (watched: Watched) => void;
  /** False when nothing there can be healed. */
  readonly heal: (more: number) => boolean;
  readonly release: () => void;
}

/** Of one migration. */
class Watch {
  readonly #context: DatapathContext;
  readonly #hops: readonly Hop[];
  readonly #user: WatchUser;
  /** By end of a cable: others may watch there, too, and from an earlier time on. */
  readonly #counted = new Map<string, bigint>();
  #seen: Watched = { stale: 0, heals: 0 };
  /** Nothing is to be healed before: the last heal may not be over. */
  #healedMs = 0;
  #endMs = 0;

  constructor(context: DatapathContext, hops: readonly Hop[], user: WatchUser) {
    this.#context = context;
    this.#hops = hops;
    this.#user = user;
  }

  /** Says so before anything is asked: who waits for the end must know that there is one. */
  begin(): void {
    this.#seeMore(0, limits.watchMs);
    this.#count(() => this.#wait());
  }

  /** Looks for so long from now on. */
  #seeMore(more: number, forMs: number): void {
    const { world } = this.#context;
    this.#endMs = world.nowMs() + forMs;
    const { stale, heals } = this.#seen;
    this.#seen = { stale: stale + more, heals, untilMs: world.wallClockMs() + forMs };
    this.#user.note(this.#seen);
  }

  #wait(): void {
    this.#context.world.after(limits.watchPollMs, () => this.#count((more) => this.#look(more)));
  }

  #look(more: number): void {
    const now = this.#context.world.nowMs();
    if (more > 0 && now >= this.#healedMs) {
      const isHealed = this.#seen.heals < limits.healsMax && this.#user.heal(more);
      if (!isHealed) {
        this.#end(more, true);
        return;
      }
      this.#healedMs = now + limits.healMs;
      this.#seen = { ...this.#seen, heals: this.#seen.heals + 1 };
      this.#seeMore(more, limits.watchMs);
      this.#wait();
    } else if (now >= this.#endMs) this.#end(more, false);
    else {
      if (more > 0) this.#seeMore(more, this.#endMs - now);
      this.#wait();
    }
  }

  #end(more: number, goesOn: boolean): void {
    this.#user.release();
    const { stale, heals } = this.#seen;
    this.#user.note({ stale: stale + more, heals, ...(goesOn && { goesOn: true as const }) });
  }

  /** What has come by these cables and no way is for, since this was asked last. */
  #count(done: (more: number) => void): void {
    const names = [...new Set(this.#hops.map((hop) => hop.to))];
    const filter = {
      ...everyFlow,
      cookie: cookieOf('stray', 0, 0),
      cookieMask: VSWITCH_COOKIE_MASK,
    };
    let more = 0n;
    const read = (name: DatapathName, next: () => void): void => {
      this.#context.datapath(name).query({ kind: 'flow', filter }, (parts) => {
        more += this.#moreIn(name, flowsIn(parts));
        next();
      });
    };
    if (names.length === 0) this.#context.world.soon(() => done(0));
    else whenAll(names, read, () => done(Number(more)));
  }

  #moreIn(name: DatapathName, rows: readonly FlowStats[]): bigint {
    let more = 0n;
    for (const { to, toPort } of this.#hops) {
      const cookie = cookieOf('stray', 0, toPort);
      const row = to === name ? rows.find((one) => one.cookie === cookie) : undefined;
      if (row === undefined) continue;
      const key = `${to}:${toPort}`;
      const before = this.#counted.get(key) ?? 0n;
      // Less than before: the datapath came back, and its entry with it.
      more += row.packetCount < before ? row.packetCount : row.packetCount - before;
      this.#counted.set(key, row.packetCount);
    }
    return more;
  }
}
