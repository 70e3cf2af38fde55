/**
 * A monitor of QEMU (QMP: one JSON object a line, over a Unix socket): commands, each answered
 * before the next, and events, which come whenever they like.
 */
import net from 'node:net';
import { limits } from '../../slices/limits.ts';
import { messageOf } from '../world/error-text.ts';
import type { World } from '../world/world.ts';

export type Returned = Readonly<Record<string, unknown>>;

/** What QEMU answered with an error, or did not answer. */
export class QmpError extends Error {}

interface Waiting {
  readonly what: string;
  resolve(returned: unknown): void;
  reject(error: QmpError): void;
}

export class Qmp {
  readonly #world: Pick<World, 'after'>;
  readonly #socket: net.Socket;
  readonly #path: string;
  #text = '';
  #waiting: Waiting | undefined;
  #ended: string | undefined;
  /** Told of each event, and when QEMU says that it was, in ms since 1970. */
  happened: (event: string, atMs: number) => void = () => undefined;

  private constructor(world: Pick<World, 'after'>, path: string) {
    this.#world = world;
    this.#path = path;
    this.#socket = net.connect(path);
    this.#socket.setEncoding('utf8');
    this.#socket.on('data', (chunk) => this.#take(String(chunk)));
    this.#socket.on('error', (error) => this.#end(messageOf(error)));
    this.#socket.on('close', () => this.#end('it closed the connection'));
  }

  /** Connects, and leaves the mode in which nothing else is taken. */
  static async open(world: Pick<World, 'after'>, path: string): Promise<Qmp> {
    const qmp = new Qmp(world, path);
    try {
      await qmp.#wait('its greeting');
      await qmp.ask('qmp_capabilities');
    } catch (error) {
      qmp.close();
      throw error;
    }
    return qmp;
  }

  /** Rejects with what QEMU says of it. */
  async ask(execute: string, more?: Returned): Promise<Returned> {
    const returned = await this.askValue(execute, more);
    return isRecord(returned) ? returned : {};
  }

  /** As `ask`, where the answer may be a word or a list. */
  askValue(execute: string, more?: Returned): Promise<unknown> {
    const asked = this.#wait(execute);
    const command = more === undefined ? { execute } : { execute, arguments: more };
    this.#socket.write(`${JSON.stringify(command)}\n`);
    return asked;
  }

  close(): void {
    this.#socket.destroy();
  }

  #wait(what: string): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#trouble(what, this.#ended));
    return new Promise((resolve, reject) => {
      const cancel = this.#world.after(limits.qmpAnswerMs, () => {
        this.#end(`there is no answer within ${limits.qmpAnswerMs / 1000} s`);
        this.close();
      });
      this.#waiting = {
        what,
        resolve: (returned) => {
          cancel();
          resolve(returned);
        },
        reject: (error) => {
          cancel();
          reject(error);
        },
      };
    });
  }

  #take(chunk: string): void {
    const lines = (this.#text + chunk).split('\n');
    this.#text = lines.pop() ?? '';
    if (this.#text.length > limits.qmpLineCharactersMax) {
      this.#end('it sent a line that does not end');
      this.close();
      return;
    }
    for (const line of lines) if (line.trim() !== '') this.#line(line);
  }

  #line(line: string): void {
    const message = objectIn(line);
    const waiting = this.#waiting;
    if (message === undefined) {
      this.#end(`it sent what is no JSON: ${line.slice(0, 40)}`);
      this.close();
    } else if ('event' in message) this.happened(String(message['event']), timeOf(message));
    else if (waiting !== undefined) {
      this.#waiting = undefined;
      const { error, QMP, return: returned } = message;
      if (isRecord(error)) {
        const desc = String(error['desc'] ?? 'an error without a word');
        waiting.reject(this.#trouble(waiting.what, desc));
      } else if (QMP === undefined && returned === undefined) {
        waiting.reject(this.#trouble(waiting.what, `${line.slice(0, 40)} is no answer`));
      } else waiting.resolve(returned);
    }
  }

  #end(why: string): void {
    this.#ended ??= why;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(this.#trouble(waiting.what, why));
  }

  #trouble(what: string, why: string): QmpError {
    return new QmpError(`QEMU at ${this.#path}, ${what}: ${why}`);
  }
}

function objectIn(line: string): Returned | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // The caller says so.
  }
}

function timeOf({ timestamp }: Returned): number {
  const { seconds, microseconds } = isRecord(timestamp) ? timestamp : {};
  return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
}

function isRecord(value: unknown): value is Returned {
  return typeof value === 'object' && value !== null;
}
