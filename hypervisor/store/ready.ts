/**
 * A Ready is the decision of a handler, as one value (etcd/raft has the name and the idea).
 *
 *   decide, on the tables  -->  { entries, messages, answers }  -->  keep  -->  send  -->  answer
 *
 * A handler changes nothing but the tables in memory, and returns this. Only `execute` carries it
 * out, and always in this order:
 *
 *   1. It keeps the entries, all in one commit: a crash leaves all of them or none. What takes many
 *      turns is a sequence of these, such that after each the store is a state that starts.
 *   2. It sends the messages, so that no datapath can hold what no store has heard of.
 *   3. It answers. Who is told something that is still so after a restart (`onDisk`) is told when
 *      the disk has it: a crash takes back nothing that was said.
 *
 * To be kept is to be in the commit that is written next. Nobody is told that a flow-mod was
 * accepted but by a barrier's reply, which waits for the disk by itself (tenant/vswitch.ts).
 */
import type { Journal } from './journal.ts';
import type { Entry } from './journal-entries.ts';
import type { RuleValues } from './rule-source.ts';

/** `M` are messages to datapaths, or what leads to some; `A` are answers to whoever asked. */
export interface Ready<M = never, A = never> {
  /** Whatever their order, they are one commit. */
  readonly entries: readonly Entry[];
  readonly messages: readonly M[];
  readonly answers: readonly A[];
  /** What waits until the disk has the entries, and all that was kept before them. */
  readonly onDisk?: 'messages' | 'answers';
}

/** What a store is told by; the journal is one. */
export interface Keeper {
  put(entry: Entry): void;
  /** Runs `done` when everything put so far is durable; the disk is asked at once. */
  sync(done: () => void): void;
}

/** Where messages and answers go. */
export interface Shell<M, A> {
  readonly journal: Keeper;
  send(message: M): void;
  answer(answer: A): void;
}

/** Carries it out: keeps, then sends, then answers. */
export function execute<M, A>(shell: Shell<M, A>, ready: Ready<M, A>): void {
  const { entries, messages, answers, onDisk } = ready;
  for (const entry of entries) shell.journal.put(entry);
  const send = (): void => {
    for (const message of messages) shell.send(message);
  };
  const answer = (): void => {
    for (const one of answers) shell.answer(one);
  };
  if (onDisk === 'messages') {
    shell.journal.sync(() => {
      send();
      answer();
    });
    return;
  }
  send();
  if (answers.length > 0 && onDisk === 'answers') shell.journal.sync(answer);
  else answer();
}

/** Of what nobody is sent and nobody is told. */
export function kept(entries: readonly Entry[]): Ready {
  return { entries, messages: [], answers: [] };
}

/** What is sent when the disk has these entries, and not before. */
export function sentOnDisk<M>(entries: readonly Entry[], messages: readonly M[]): Ready<M> {
  return { entries, messages, answers: [], onDisk: 'messages' };
}

/** Of what changes nothing: somebody is told, and with `onDisk` when the disk has all before it. */
export function nothingBut<A>(answers: readonly A[], onDisk?: 'onDisk'): Ready<never, A> {
  const ready = { entries: [], messages: [], answers };
  return onDisk === undefined ? ready : { ...ready, onDisk: 'answers' };
}

/** What is done at once when entries are kept, and who is told when the disk has them. */
export function told(
  entries: readonly Entry[],
  then: () => void,
  onDisk?: () => void,
): Ready<() => void, () => void> {
  const answers = onDisk === undefined ? [] : [onDisk];
  return { entries, messages: [then], answers, onDisk: 'answers' };
}

/** Where messages and answers are functions that send and answer. */
export function perform(journal: Keeper, ready: Ready<() => void, () => void>): void {
  const run = (one: () => void): void => one();
  execute({ journal, send: run, answer: run }, ready);
}

/**
 * The same of flow-mods that stay bytes (kept-flow-mods.ts): their memory is the caller's, and used
 * again. Hot.
 */
export function keepFlowMods(
  journal: Journal,
  storedRules: RuleValues,
  kept: Uint8Array,
  lastSerial: number,
): void {
  journal.putFlowMods(storedRules, kept, lastSerial);
}
