/**
 * Test files that run some at a time, and what they have asserted altogether.
 */
import type { Ended, How } from './test-file.ts';

export interface Manner {
  /** Behind others (nice(1)). */
  readonly niceness?: number;
  /** So many more while the processors have time to spare. */
  readonly more?: number;
  /** What fails is no failure yet, but comes to these. */
  readonly again?: string[];
}

export interface TestRunsUser {
  runFile(file: string, how: Pick<How, 'niceness'>): Promise<Ended>;
  /** Ends when there is time to spare, or that is so. */
  spareTime(isOver: () => boolean): Promise<void>;
  tell(line: string): void;
}

/** More than these fail for another reason than having been beside others. */
export const AGAIN_MAX = 8;

export class TestRuns {
  readonly #user: TestRunsUser;
  passed = 0;
  failed = 0;

  constructor(user: TestRunsUser) {
    this.#user = user;
  }

  add({ passed, failed }: Pick<Ended, 'passed' | 'failed'>): void {
    this.passed += passed;
    this.failed += failed;
  }

  /** Takes files from those that wait, one after the other, so many at a time. */
  async run(waiting: string[], jobs: number, manner: Manner = {}): Promise<void> {
    const { more = 0 } = manner;
    const take = async (isMore: boolean): Promise<void> => {
      for (;;) {
        if (isMore) await this.#user.spareTime(() => waiting.length === 0);
        const file = waiting.shift();
        if (file === undefined) return;
        await this.#runOne(file, manner);
      }
    };
    await Promise.all(Array.from({ length: jobs + more }, (_, i) => take(i >= jobs)));
  }

  async #runOne(file: string, { niceness = 0, again }: Manner): Promise<void> {
    const ended = await this.#user.runFile(file, { niceness });
    const isTriedAgain = ended.failed > 0 && again !== undefined;
    if (isTriedAgain) again.push(file);
    else this.add(ended);
    const verdict = ended.failed === 0 ? 'ok' : `not ok, ${ended.failed} failed`;
    const later = isTriedAgain ? '; once more, alone, at the end' : '';
    const { passed, sec } = ended;
    this.#user.tell(`${verdict}: ${file} (${passed} passed, ${sec.toFixed(1)} s)${later}`);
  }

  /** One at a time, with nothing beside them: what comes of that counts. Many have failed. */
  async runAgain(files: string[]): Promise<void> {
    if (files.length > AGAIN_MAX) this.add({ passed: 0, failed: files.length });
    else await this.run(files, 1);
  }
}
