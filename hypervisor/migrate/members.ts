/**
 * Members of running big switches (slices/network/members.ts): a member that is away, or that has
 * no way to the primary or no room for the rules, processes nothing until that is over.
 *
 * What is decided is the placement, at once, before anybody is told that a datapath is away: so the
 * vswitch stays up, and the vports of that member go down. The wiring follows.
 */
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { isBig, isSamePlacement, type Present, placedOver } from '../../slices/network/members.ts';
import { bodyNamesOn } from '../../slices/network/places.ts';
import {
  isInfeasible,
  type Placement,
  placementOf,
  type Snapshot,
  type Vswitch,
  withPlacement,
} from '../../slices/network/snapshot.ts';
import type { StaleFlowHealing } from '../datapath/stale-flow-healing.ts';
import type { ExcludedBodies } from '../tenant/excluded-bodies.ts';
import { isEndUp, isPresent, type LinksContext } from '../tenant/links.ts';
import type { Boundary, Party } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';
import type { Rewired } from './executor-user.ts';

/** Whose members they are. */
interface Big extends Party {
  readonly excluded: Pick<ExcludedBodies, 'has' | 'forget'>;
}

interface MembersUser extends Rewired, LinksContext {
  readonly heals: Pick<StaleFlowHealing, 'heal'>;
  readonly boundary: Boundary;
  snapshot(): Snapshot;
  runtime(name: VswitchName): Big | undefined;
  /** Something to show the operator, counted. */
  alarm(what: string): void;
}

export class Members {
  readonly #user: MembersUser;
  readonly #log: Log;
  #isStopped = false;
  /** Big switches, of those vswitches: they are others only where the file is. */
  #big: { readonly of: Snapshot['vswitches'] | undefined; readonly names: readonly VswitchName[] } =
    { of: undefined, names: [] };
  /** Of those whose members become others: who processes what is looked at when they are. */
  readonly changing = new Set<VswitchName>();

  constructor(user: MembersUser, log: Log) {
    this.#user = user;
    this.#log = log;
  }

  /** A datapath went: what it had no room for is put there when it is back. */
  lost(name: DatapathName): void {
    this.#look(bodyNamesOn(this.#user.snapshot(), name), (big) => {
      if (big.excluded.has(name)) big.excluded.forget(name);
    });
  }

  /** A datapath is ready, or has no room for a member's rules. */
  datapath(name: DatapathName): void {
    this.#look(bodyNamesOn(this.#user.snapshot(), name));
  }

  /** Cables or transit datapaths have failed, or are back; or the file is another. */
  all(): void {
    const { vswitches } = this.#user.snapshot();
    if (this.#big.of !== vswitches) {
      const names = [...vswitches.values()].filter(isBig).map(({ name }) => name);
      this.#big = { of: vswitches, names };
    }
    this.#look(this.#big.names);
  }

  /** Hosts of these are plugged in elsewhere. */
  hosts(names: Iterable<VswitchName>): void {
    this.#look(names);
  }

  /** Connections end with the process now, and say nothing of datapaths. */
  stop(): void {
    this.#isStopped = true;
  }

  #look(names: Iterable<VswitchName>, first: (big: Big) => void = () => undefined): void {
    if (this.#isStopped) return;
    const { vswitches } = this.#user.snapshot();
    for (const name of names) {
      const vswitch = vswitches.get(name);
      const isLooked = vswitch !== undefined && isBig(vswitch) && !this.changing.has(name);
      const big = isLooked ? this.#user.runtime(name) : undefined;
      if (vswitch === undefined || big === undefined || big.isClosed) continue;
      const place = (): void => {
        first(big);
        this.#place(vswitch, big);
      };
      this.#user.boundary.call(big, place, undefined);
    }
  }

  #place(vswitch: Vswitch, { excluded }: Big): void {
    const snapshot = this.#user.snapshot();
    const before = placementOf(snapshot, vswitch.name);
    // It is held, and lives nowhere.
    if (before.bodies.length === 0) return;
    // After a restart those are waited for that have worked before.
    const working = new Set([before.primary, ...before.homes.values()]);
    const isThere = (name: DatapathName): boolean =>
      this.#user.datapath(name).isReady || (working.has(name) && isPresent(this.#user, name));
    const present: Present = {
      isUsable: (name) => isThere(name) && !excluded.has(name),
      isUp: (end) => isEndUp(this.#user, end),
    };
    const primaryOf = (name: VswitchName) => snapshot.placements.get(name)?.primary;
    const around = { routes: snapshot.routes, primaryOf };
    const placement = placedOver(around, vswitch, before, present);
    if (isSamePlacement(before, placement)) return;
    const next = withPlacement(snapshot, vswitch.name, placement);
    if (isInfeasible(next)) {
      this.#user.alarm(`${vswitch.name}: ports cannot be reassigned: ${next.why}`);
      return;
    }
    this.#take(vswitch, placementOf(next, vswitch.name), next);
  }

  #take(vswitch: Vswitch, placement: Placement, next: Snapshot): void {
    const { name, members, consistency } = vswitch;
    const { primary, homes } = placement;
    const processing = [...new Set([primary, ...homes.values()])];
    const about = { vswitch: name, members, consistency, primary, processing };
    this.#log.info(about, 'big switch: ports reassigned among members');
    const before = [this.#user.snapshot()];
    this.#user.swap(next, [{ type: 'placement', vswitch: name, placement }]);
    // What is away is corrected when it returns; nobody waits for it.
    const giveUp = (): string => 'a datapath is away';
    // Entrances lead elsewhere, and look at the same bits (translation/entries/cache-eviction.ts).
    const turned = (): void => {
      for (const member of members) this.#user.heals.heal(member, `members of ${name} changed`);
    };
    this.#user.rewire({ vswitch, parts: 'all', before, turned, giveUp }, () => undefined);
  }
}
