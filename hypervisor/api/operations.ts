/**
 * Long-running operations, each with a number, a state and its progress so far. An operation goes
 * on whether anybody listens or not, and a late listener gets everything from the position that it
 * names.
 */
import { limits } from '../../slices/limits.ts';
import type { ControlCode } from '../operator/control.ts';
import { problemsIn } from './problems.ts';

/** What each kind says is in operation-values.ts. */
export interface OperationReport {
  readonly id: number;
  /** As the command line calls it: migrate, apply, ... */
  readonly method: string;
  /** Who asked for it. */
  readonly by: string;
  readonly state: (typeof operationStates)[number];
  readonly startedMs: number;
  readonly endedMs?: number;
  /** The last that was heard of it. */
  readonly progress?: unknown;
  readonly result?: unknown;
  /** Of one that was refused, or failed. */
  readonly why?: string;
}

export const operationStates = ['running', 'done', 'refused'] as const;

/** What an operation says, in order. */
export type Word =
  | { readonly type: 'progress'; readonly value: unknown }
  | { readonly type: 'result'; readonly value: unknown }
  | { readonly type: 'error'; readonly code: ControlCode; readonly message: string };

type Listener = (word: Word, number: number) => void;

/** Answers as methods of the control want it; what is said last ends it. */
export class Running {
  readonly id: number;
  readonly #about: Pick<OperationReport, 'method' | 'by' | 'startedMs'>;
  readonly #clock: () => number;
  readonly #listeners = new Set<Listener>();
  /** The last of them; the first has the number `#from`. */
  readonly #words: Word[] = [];
  readonly #gone: (() => void)[] = [];
  #from = 1;
  #endedMs: number | undefined;

  constructor(id: number, about: Pick<OperationReport, 'method' | 'by'>, clock: () => number) {
    this.id = id;
    this.#clock = clock;
    this.#about = { ...about, startedMs: clock() };
  }

  get method(): string {
    return this.#about.method;
  }

  get isOver(): boolean {
    return this.#endedMs !== undefined;
  }

  /** The last that was said. */
  get last(): Word | undefined {
    return this.#words.at(-1);
  }

  result(value: unknown): void {
    this.#say({ type: 'result', value });
  }

  error(code: ControlCode, message: string): void {
    this.#say({ type: 'error', code, message });
  }

  event(value: unknown): void {
    this.#say({ type: 'progress', value });
  }

  pieces(result: Iterable<string>): void {
    this.result(JSON.parse([...result].join('')));
  }

  /** Called if it is given up: nobody will ask for it any more. */
  onGone(run: () => void): void {
    this.#gone.push(run);
  }

  pendingBytes(): number {
    return 0;
  }

  /** Tells what comes behind number `after`, now and as it happens, until it is over. */
  listen(after: number, listener: Listener): () => void {
    this.#words.forEach((word, i) => {
      if (this.#from + i > after) listener(word, this.#from + i);
    });
    if (!this.isOver) this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  giveUp(): void {
    for (const run of this.#gone.splice(0)) run();
    this.#listeners.clear();
  }

  report(): OperationReport {
    const { last } = this;
    const progress = this.#words.findLast(({ type }) => type === 'progress');
    const problems = last?.type === 'result' ? problemsIn(last.value) : undefined;
    const isRefused = last?.type === 'error' || problems !== undefined;
    return {
      ...{ id: this.id, ...this.#about },
      state: !this.isOver ? 'running' : isRefused ? 'refused' : 'done',
      ...(this.#endedMs !== undefined && { endedMs: this.#endedMs }),
      ...(progress?.type === 'progress' && { progress: progress.value }),
      ...(last?.type === 'result' && { result: last.value }),
      ...(problems !== undefined && { why: problems.join('\n') }),
      ...(last?.type === 'error' && { why: last.message }),
    };
  }

  #say(word: Word): void {
    if (this.isOver) return;
    this.#words.push(word);
    if (this.#words.length > limits.operationWordsKept) {
      this.#words.shift();
      this.#from += 1;
    }
    if (word.type !== 'progress') this.#endedMs = this.#clock();
    const number = this.#from + this.#words.length - 1;
    for (const listener of this.#listeners) listener(word, number);
    if (this.isOver) this.giveUp();
  }
}

export class Operations {
  readonly #clock: () => number;
  readonly #all = new Map<number, Running>();
  #last = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  begin(method: string, by: string): Running {
    this.#last += 1;
    const made = new Running(this.#last, { method, by }, this.#clock);
    this.#all.set(made.id, made);
    if (this.#all.size > limits.operationsKept) {
      const [first] = this.#all.values();
      const oldest = [...this.#all.values()].find(({ isOver }) => isOver) ?? first;
      oldest?.giveUp();
      if (oldest !== undefined) this.#all.delete(oldest.id);
    }
    return made;
  }

  get(id: number): Running | undefined {
    return this.#all.get(id);
  }

  all(): readonly Running[] {
    return [...this.#all.values()];
  }
}
