/**
 * The contributions of vswitches to datapaths, as they are now: a closed vswitch contributes
 * nothing new, for its entries stay, and an excluded body is to be empty.
 */

import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { bodyNamesOn } from '../../slices/network/places.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import { type Owner, type OwnerKey, ownerKey } from '../../translation/datapath/contribution.ts';
import { FlatDatapath } from '../../translation/flat/datapath.ts';
import type { Contributors } from '../datapath/contributors.ts';
import type { Boundary, Party } from '../world/fault-boundary.ts';
import type { Overriding } from './overrides.ts';

/** A vswitch at run time, as far as it contributes. */
interface Contributor extends Party {
  readonly vswitch: Vswitch;
  readonly rulebook: Rulebook;
  readonly groups: { readonly owner: Owner };
  readonly meters: { readonly owner: Owner };
  readonly overriding: Overriding;
  readonly excluded: { has(body: DatapathName): boolean };
  livesOn(datapath: DatapathName): boolean;
}

/** What runs them. */
interface ContributorsContext {
  readonly boundary: Boundary;
  readonly identity: { readonly owner: Owner };
  snapshot(): Snapshot;
  runtime(name: VswitchName): Contributor | undefined;
  runtimes(): readonly Contributor[];
}

export class Contributions implements Contributors {
  readonly #context: ContributorsContext;

  #touched = new Set<VswitchName>();

  constructor(context: ContributorsContext) {
    this.#context = context;
  }

  /** The snapshot is another, which concerns these. */
  changed(touched: readonly Vswitch[]): void {
    for (const { name } of touched) this.#touched.add(name);
  }

  collectTouched(): ReadonlySet<VswitchName> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  get common(): readonly Owner[] {
    return [{ type: 'constants' }, { type: 'probe' }, this.#context.identity.owner];
  }

  of(vswitch: Vswitch, on: DatapathName): readonly Owner[] {
    const wiring: Owner = { type: 'wiring', vswitch };
    const runtime = this.#context.runtime(vswitch.name);
    if (runtime === undefined || runtime.isClosed || !runtime.livesOn(on)) return [wiring];
    return [wiring, runtime.overriding.ownerOn(on)];
  }

  tables(on: DatapathName): readonly Owner[] {
    return this.#openOn(on).flatMap(({ groups, meters }) => [groups.owner, meters.owner]);
  }

  left(on: DatapathName): ReadonlySet<OwnerKey> {
    const closed = this.#context.runtimes().filter((one) => one.isClosed);
    return new Set(closed.map((one) => ownerKey(one.overriding.ownerOn(on))));
  }

  flat(on: DatapathName): FlatDatapath {
    const flat = new FlatDatapath(this.#context.snapshot(), on);
    for (const runtime of this.#openOn(on)) {
      const before = this.#context.boundary.enter(runtime);
      const body = flat.bodyOf(runtime.vswitch);
      body.restore(runtime.rulebook.rules());
      this.#context.boundary.leave(before);
      body.override(runtime.overriding.on(on));
    }
    return flat;
  }

  #openOn(on: DatapathName): readonly Contributor[] {
    return [...bodyNamesOn(this.#context.snapshot(), on)].flatMap((name) => {
      const runtime = this.#context.runtime(name);
      const isOpen = runtime !== undefined && !runtime.isClosed && !runtime.excluded.has(on);
      return isOpen ? [runtime] : [];
    });
  }
}
