/**
 * Carries out what the handlers of a vswitch have decided (store/ready.ts): keeps it, then sends
 * it, then answers.
 */
import type { Message } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import type { RoundChange } from '../../translation/changes/round-change.ts';
import type { ErrorNumbers, Origin } from '../../translation/controllers/verdict.ts';
import type { Controller } from '../controller/controller.ts';
import type { DatapathWriter, Told } from '../datapath/writer.ts';
import { execute, type Keeper, nothingBut, type Ready, type Shell } from '../store/ready.ts';

type Notice = Parameters<Controller['announce']>[0];

/** What leads to messages to datapaths. */
export type Send =
  /** Into the order of requests, and down to all bodies in a round. */
  | { readonly type: 'round'; readonly changes: readonly RoundChange[] }
  /** Leads a body back to what stands. */
  | {
      readonly type: 'repair';
      readonly on: DatapathName;
      readonly messages: readonly Message[];
      readonly acked: Told;
    }
  /** Leads datapaths to the wiring of a snapshot; `done` when all have it. */
  | {
      readonly type: 'wiring';
      readonly next: Snapshot;
      readonly touched: readonly Vswitch[];
      readonly done: () => void;
    };

export type Answer =
  /** The error that a request gets, with its own transaction id. */
  | { readonly type: 'error'; readonly to: Origin; readonly error: ErrorNumbers }
  /** Every controller is told. */
  | { readonly type: 'notice'; readonly message: Notice }
  /** Controllers are told what a PORT_MOD of one of them has changed. */
  | { readonly type: 'ports'; readonly from: Controller | undefined }
  /** Nobody is told; behind what waited for the disk. */
  | { readonly type: 'onDisk' };

export type TenantReady = Ready<Send, Answer>;

/** What it keeps and sends with. */
interface ShellContext {
  readonly journal: Keeper;
  datapath(name: DatapathName): { readonly writer: Pick<DatapathWriter, 'send'> };
  reconfigure(next: Snapshot, touched: readonly Vswitch[], done: () => void): void;
}

/** Whom it answers. */
interface ShellOwner {
  readonly controllers: readonly Pick<Controller, 'announce'>[];
  readonly ports: { refresh(asker?: Controller): void };
  /** Puts changes into the order of requests. */
  order(changes: readonly RoundChange[]): void;
}

export class TenantShell implements Shell<Send, Answer> {
  readonly journal: Keeper;
  readonly #context: ShellContext;
  readonly #owner: ShellOwner;
  #unanswered = 0;

  constructor(context: ShellContext, owner: ShellOwner) {
    this.journal = context.journal;
    this.#context = context;
    this.#owner = owner;
  }

  /** Whether answers wait for the disk: a barrier's reply comes behind them. */
  get isAnswering(): boolean {
    return this.#unanswered > 0;
  }

  /** Nothing decided asks nothing of the disk: a round whose changes were all taken, say. */
  execute(ready: TenantReady): void {
    const { entries, messages, answers } = ready;
    if (entries.length === 0 && messages.length === 0 && answers.length === 0) return;
    if (ready.onDisk === undefined) execute(this, ready);
    else {
      this.#unanswered += 1;
      execute(this, { ...ready, answers: [...answers, { type: 'onDisk' }] });
    }
  }

  /** Refuses a request of which nothing was kept. */
  refuse(to: Origin, error: ErrorNumbers): void {
    execute(this, nothingBut([{ type: 'error', to, error }]));
  }

  send(message: Send): void {
    if (message.type === 'round') this.#owner.order(message.changes);
    else if (message.type === 'repair')
      this.#context
        .datapath(message.on)
        .writer.send('tables', message.messages, 'later', message.acked);
    else this.#context.reconfigure(message.next, message.touched, message.done);
  }

  answer(answer: Answer): void {
    switch (answer.type) {
      case 'error':
        answer.to.refuse(answer.error);
        break;
      case 'notice':
        for (const one of this.#owner.controllers) one.announce(answer.message);
        break;
      case 'ports':
        this.#owner.ports.refresh(answer.from);
        break;
      case 'onDisk':
        this.#unanswered -= 1;
        break;
    }
  }
}
