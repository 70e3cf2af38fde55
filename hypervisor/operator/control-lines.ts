/**
 * The lines that are sent to one end of the control socket, each whole before the next begins. A
 * long one comes in pieces: some in every turn, and no faster than the other end reads.
 */
import type net from 'node:net';
import { limits } from '../../slices/limits.ts';
import type { Scheduler } from '../world/scheduler.ts';

export class Lines {
  readonly #socket: net.Socket;
  readonly #scheduler: Scheduler;
  #isWriting = false;
  /** What follows the line that is being written. */
  readonly #waiting: (() => void)[] = [];

  constructor(socket: net.Socket, scheduler: Scheduler) {
    this.#socket = socket;
    this.#scheduler = scheduler;
  }

  line(text: string): void {
    if (this.#isWriting) this.#waiting.push(() => this.line(text));
    else if (this.#socket.writable) this.#socket.write(`${text}\n`);
  }

  /**
   * A line whose pieces are made when they are to be written. If making one throws, the line ends
   * there: what is no JSON is nobody's answer (client.ts), and what comes after it is heard.
   */
  pieces(all: Iterable<string>): void {
    if (this.#isWriting) {
      this.#waiting.push(() => this.pieces(all));
      return;
    }
    this.#isWriting = true;
    const socket = this.#socket;
    const pieces = all[Symbol.iterator]();
    const step = (): boolean => {
      const value = this.#next(pieces);
      if (value !== undefined && socket.writable) socket.write(value);
      return value !== undefined && socket.writable;
    };
    const mayGo = (): boolean => !socket.writable || socket.writableLength <= limits.unreadBytesMax;
    this.#scheduler.run({ step, mayGo }, () => this.#end());
  }

  #next(pieces: Iterator<string>): string | undefined {
    try {
      const { value } = pieces.next();
      return value;
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  #end(): void {
    this.#isWriting = false;
    this.line('');
    while (!this.#isWriting && this.#waiting.length > 0) this.#waiting.shift()?.();
  }
}
