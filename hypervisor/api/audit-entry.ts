/**
 * One requested change, as it is written to the audit log.
 */
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { type Changed, changesBetween } from './audit-log.ts';
import type { Caller } from './requests.ts';
import type { ApiContext } from './route.ts';

export class Auditing {
  readonly #context: Pick<ApiContext, 'audit' | 'operated'>;
  readonly #caller: Caller;
  readonly #did: string;
  readonly #asked: unknown;
  #before: Snapshot | undefined;

  constructor(
    context: Pick<ApiContext, 'audit' | 'operated'>,
    caller: Caller,
    did: string,
    asked: unknown,
  ) {
    this.#context = context;
    this.#caller = caller;
    this.#did = did;
    this.#asked = asked;
  }

  /** What is now is what was before. */
  begin(): void {
    this.#before = this.#context.operated.snapshot();
  }

  /** It is over; with why it was refused. `also`: what is another besides. */
  end(why?: string, also: readonly Changed[] = []): void {
    const before = this.#before;
    const changed = before ? changesBetween(before, this.#context.operated.snapshot()) : [];
    this.#note(why, [...changed, ...also]);
  }

  /** A fault of ours: nothing is looked at any more. */
  failed(why: string): void {
    this.#note(why, []);
  }

  #note(why: string | undefined, changed: readonly Changed[]): void {
    const { audit, operated } = this.#context;
    const { name: by, role } = this.#caller;
    audit.note({
      ...{ atMs: operated.world.wallClockMs(), by, role, did: this.#did, asked: this.#asked },
      outcome: why === undefined ? 'done' : 'refused',
      ...(why !== undefined && { why }),
      changed,
    });
  }
}
