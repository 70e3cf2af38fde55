/**
 * Second bodies of ensembles whose hosts move to a clone of a part (translation/migration/): they
 * join before the first host moves, and leave again when all are taken back. Each is the move of a
 * member (control-members.ts), with a number of its own; after a restart it is asked for again, and
 * one that is there, or gone, by then is no trouble.
 */
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { placementOf } from '../../slices/network/snapshot.ts';
import type { JoinedBody } from '../../translation/migration/ensemble.ts';
import { type MemberMove, moveOf } from '../../translation/migration/member-move.ts';
import { partOf } from '../../translation/migration/partial-move.ts';
import type { Problems } from '../../translation/migration/plan.ts';
import { whenReady } from '../migrate/after-restart.ts';
import type { Loading } from '../store/recovery.ts';
import { type MemberSources, memberCircumstances } from './control-members.ts';
import { moveOne } from './drained-members.ts';

export interface PartialBodySources extends MemberSources {
  readonly loading: Pick<Loading, 'whenThere'>;
}

type Done = (trouble?: string) => void;

export class PartialBodies {
  readonly #context: PartialBodySources;

  constructor(context: PartialBodySources) {
    this.#context = context;
  }

  join({ vswitch, on }: JoinedBody, done: Done): void {
    const moves = (): readonly MemberMove[] | Problems => {
      const now = memberCircumstances(this.#context);
      const part = partOf(this.#context.snapshot(), { name: vswitch, to: on }, now);
      return 'type' in part ? part : [part];
    };
    this.#whenBack(vswitch, [on], () => {
      if (this.#isThere(vswitch, on)) done();
      else moveOne(this.#context, vswitch, moves, ({ why }) => done(why));
    });
  }

  leave({ vswitch, on }: JoinedBody, done: Done): void {
    const moves = (): readonly MemberMove[] => {
      const snapshot = this.#context.snapshot();
      const own = snapshot.vswitches.get(vswitch);
      const isPlain = memberCircumstances(this.#context).isPlainInFile?.(vswitch) === true;
      return own === undefined ? [] : [moveOf(snapshot, own, { from: on }, isPlain)];
    };
    this.#whenBack(vswitch, [], () => {
      if (!this.#isThere(vswitch, on)) done();
      else moveOne(this.#context, vswitch, moves, ({ why }) => done(why));
    });
  }

  #isThere(vswitch: VswitchName, on: DatapathName): boolean {
    return this.#context.snapshot().vswitches.get(vswitch)?.members.includes(on) === true;
  }

  /** After a start rules are loaded first, and datapaths have the time to connect. */
  #whenBack(vswitch: VswitchName, more: readonly DatapathName[], run: () => void): void {
    const { loading, world } = this.#context;
    const needed = () => {
      const snapshot = this.#context.snapshot();
      if (!snapshot.vswitches.has(vswitch)) return [];
      const names = [...placementOf(snapshot, vswitch).bodies, ...more];
      return names.flatMap((name) =>
        snapshot.datapaths.has(name) ? [this.#context.datapath(name)] : [],
      );
    };
    loading.whenThere([vswitch], () => whenReady(world, needed, run));
  }
}
