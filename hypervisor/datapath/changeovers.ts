/**
 * The changeovers that are under way on several datapaths (rewiring.ts), and how far each is.
 *
 * A plan takes for granted what was planned before it: what an earlier one makes, it does not make
 * again; what an earlier one stops using, it may break. Plans are carried out side by side, so each
 * waits before a part of its own until all earlier ones are past the parts that it builds upon:
 *
 *   change   waits until all earlier ones have made
 *   break    waits until all earlier ones have changed
 *
 * An earlier one never waits for a later one, so each gets its turn. And whichever breaks what is
 * left of ways, those who left them may still wait for what is on them: so it is known of all.
 */
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Boundary, Party } from '../world/fault-boundary.ts';

/** What has been acknowledged of one: nothing, all that it makes, all that it changes. */
export type Stage = 'begun' | 'made' | 'changed';

const stages: readonly Stage[] = ['begun', 'made', 'changed'];

export interface Changeover {
  readonly number: number;
  stage: Stage;
  /** For whom it is; with a party that is closed it ended. */
  readonly party: Party | undefined;
}

interface Waiting {
  readonly earlier: readonly Changeover[];
  readonly stage: Stage;
  readonly run: () => void;
}

interface Left {
  readonly snapshots: readonly Snapshot[];
  readonly party: Party | undefined;
}

export class Changeovers {
  readonly #boundary: Boundary;
  readonly #underWay = new Set<Changeover>();
  #last = 0;
  #waiting: Waiting[] = [];
  /** Snapshots whose ways are left, by those who are to break them. */
  readonly #left = new Map<object, Left>();

  constructor(boundary: Boundary) {
    this.#boundary = boundary;
  }

  /** One whose plan has just been made. */
  begin(): Changeover {
    this.#last += 1;
    const one: Changeover = { number: this.#last, stage: 'begun', party: this.#boundary.serving };
    this.#underWay.add(one);
    return one;
  }

  /** It has come so far; with the last stage others wait for it no more. */
  reach(one: Changeover, stage: Stage): void {
    if (stages.indexOf(stage) <= stages.indexOf(one.stage)) return;
    one.stage = stage;
    if (stage === 'changed') this.#underWay.delete(one);
    this.#look();
  }

  /**
   * Runs when all that began before `own`, or by now, have reached the stage: at once, or in the
   * turn of the last of them.
   */
  whenOthers(stage: Stage, own: Changeover | undefined, run: () => void): void {
    const { number } = own ?? { number: Number.POSITIVE_INFINITY };
    const earlier = [...this.#underWay].filter((one) => one.number < number);
    const one = { earlier, stage, run: this.#boundary.bind(run) };
    if (isOver(one)) run();
    else this.#waiting.push(one);
  }

  /**
   * Others serve in the place of these, and what only they have is to be broken; what is answered
   * says that it was.
   */
  leave(snapshots: readonly Snapshot[]): () => void {
    const key = {};
    if (snapshots.length > 0) this.#left.set(key, { snapshots, party: this.#boundary.serving });
    return () => void this.#left.delete(key);
  }

  /** Snapshots whose ways are not used any more, or will not be, and may still have entries. */
  get left(): readonly Snapshot[] {
    for (const [key, { party }] of this.#left) if (party?.isClosed) this.#left.delete(key);
    return [...new Set([...this.#left.values()].flatMap(({ snapshots }) => snapshots))];
  }

  /** A party is closed. */
  readonly closed = (): void => this.#look();

  #look(): void {
    const over = this.#waiting.filter(isOver);
    if (over.length === 0) return;
    this.#waiting = this.#waiting.filter((one) => !over.includes(one));
    for (const { run } of over) run();
  }
}

function isOver({ earlier, stage }: Waiting): boolean {
  const due = stages.indexOf(stage);
  return earlier.every((one) => one.party?.isClosed || stages.indexOf(one.stage) >= due);
}
