/**
 * Reads a configuration file in a thread of its own, for one that serves meanwhile: a file of
 * thousands of vswitches takes seconds, most of it YAML, which is parsed as a whole.
 *
 *   thread: readFile (file.ts) --parts, some things of the file in each--> here, one in each step
 *
 * Here is no more to do than to receive the parts: values come as they are, whatever they are made
 * of.
 */
import { MessageChannel, receiveMessageOnPort, Worker, workerData } from 'node:worker_threads';
import type { Config } from '../../slices/config/config.ts';
import { limits } from '../../slices/limits.ts';
import { chunks, type Steps } from '../../slices/steps.ts';
import { messageOf } from '../world/error-text.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Scheduler } from '../world/scheduler.ts';
import { readFile } from './file.ts';
import type { FileProblem } from './file-places.ts';

/** As `readFile` has it, where nobody asks for places in it afterwards. */
export type ReadApart = { readonly config: Config } | { readonly problems: readonly FileProblem[] };

/** For whom it is read, and in whose turns it is received. */
export interface ReadingContext {
  readonly boundary: Boundary;
  readonly scheduler: Scheduler;
}

type Key = keyof Config | 'problems';

/** Some of what stands under a key. */
type Part =
  | { readonly key: Key; readonly value: unknown }
  | { readonly key: Key; readonly members: readonly unknown[] }
  | { readonly key: Key; readonly entries: readonly (readonly [unknown, unknown])[] };

/** What a thread is started with. */
interface Order {
  readonly configurationFile: string;
  readonly port: Pick<Worker, 'postMessage'>;
}

/** As `readFile`; what a person wrote never throws. */
export function readFileApart(
  { boundary, scheduler }: ReadingContext,
  file: string,
  done: (read: ReadApart) => void,
): void {
  const { port1: parts, port2: port } = new MessageChannel();
  const order: Order = { configurationFile: file, port };
  const thread = new Worker(new URL(import.meta.url), { workerData: order, transferList: [port] });
  let why = 'the thread that read it ended';
  thread.once('error', (error) => {
    why = messageOf(error);
  });
  const ended = boundary.bind(() => {
    scheduler.follow(received(parts), (read) => {
      parts.close();
      done(read ?? { problems: [{ path: file, why: `cannot be read: ${why}` }] });
    });
  });
  thread.once('exit', ended);
}

/** Undefined when the thread did not come to an end. */
function* received(port: Parameters<typeof receiveMessageOnPort>[0]): Steps<ReadApart | undefined> {
  const whole: Record<string, unknown> = {};
  for (;;) {
    const next: { message: Part | 'whole' } | undefined = receiveMessageOnPort(port);
    if (next === undefined) return undefined;
    if (next.message === 'whole') break;
    put(whole, next.message);
    yield;
  }
  // The thread has checked it; this is what it was.
  if ('problems' in whole) return { problems: whole['problems'] as readonly FileProblem[] };
  return { config: whole as unknown as Config };
}

function put(whole: Record<string, unknown>, part: Part): void {
  const { key } = part;
  if ('value' in part) whole[key] = part.value;
  else if ('members' in part) {
    const list = (whole[key] ?? []) as unknown[];
    whole[key] = list;
    list.push(...part.members);
  } else {
    const map = (whole[key] ?? new Map()) as Map<unknown, unknown>;
    whole[key] = map;
    for (const [name, value] of part.entries) map.set(name, value);
  }
}

function* partsOf(key: Key, value: unknown): Generator<Part, void> {
  const count = limits.fileThingsAtOnce;
  if (Array.isArray(value)) {
    for (const members of chunks(value, count)) yield { key, members };
    if (value.length === 0) yield { key, value };
  } else if (value instanceof Map && value.size > 0) {
    for (const entries of chunks(value, count)) yield { key, entries };
  } else yield { key, value };
}

function serve({ configurationFile, port }: Order): void {
  const read = readFile(configurationFile);
  const whole = 'config' in read ? read.config : { problems: read.problems };
  for (const [key, value] of Object.entries(whole)) {
    for (const part of partsOf(key as Key, value)) port.postMessage(part);
  }
  port.postMessage('whole');
}

/** Whether this is such a thread. */
function isOrder(data: unknown): data is Order {
  return typeof data === 'object' && data !== null && 'configurationFile' in data;
}

if (isOrder(workerData)) serve(workerData);
