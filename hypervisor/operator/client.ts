/**
 * The other end of the control socket: one request, its events, its answer.
 */
import net from 'node:net';
import os from 'node:os';
import { whyNoSocket } from '../../slices/config/target.ts';
import { messageOf } from '../world/error-text.ts';
import type { ControlError } from './control.ts';

/** The hypervisor could not be reached, or went away before it answered. */
export class Unreachable extends Error {}

/** The hypervisor answered with an error. */
export class Refused extends Error {
  readonly code: ControlError['code'];

  constructor({ code, message }: ControlError) {
    super(message);
    this.code = code;
  }
}

/** Of every answer to what is asked here. */
const BEGINNING = '{"id":1,';

export function ask<Result>(
  path: string,
  method: string,
  params: object,
  onEvent: (event: unknown) => void = () => undefined,
): Promise<Result> {
  const whyNot = whyNoSocket(path);
  if (whyNot !== undefined) return Promise.reject(new Refused({ code: 'usage', message: whyNot }));
  return new Promise((resolve, reject) => {
    const socket = net.connect(path);
    /** A line that is not whole: answers may be long, and are looked through once. */
    let begun: string[] = [];
    let trouble = `limevisor at ${path} went away before it answered; try "limevisor status"`;
    socket.setEncoding('utf8');
    const request = { id: 1, method, params, by: whoText() };
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('error', (error) => {
      const hint = 'start one with "limevisor run FILE", or name its socket with --socket';
      trouble = `no limevisor answers at ${path} (${messageOf(error)}); ${hint}`;
    });
    socket.on('close', () => reject(new Unreachable(trouble)));
    socket.on('data', (chunk) => {
      const lines = String(chunk).split('\n');
      const rest = lines.pop() ?? '';
      for (const line of lines) {
        const text = [...begun, line].join('');
        const answer = parse<Result>(text);
        begun = [];
        // It could not be finished: why not comes next.
        if (answer === undefined && text.startsWith(BEGINNING)) continue;
        if (answer === undefined) {
          trouble = `${path} is not the socket of a limevisor; name the right one with --socket`;
          socket.destroy();
          return;
        }
        if (answer.event !== undefined) onEvent(answer.event);
        else {
          if (answer.error === undefined) resolve(answer.result as Result);
          else reject(new Refused(answer.error));
          socket.end();
        }
      }
      begun.push(rest);
    });
  });
}

/** Who gives the command, for the log: Node cannot ask the socket who is at its other end. */
function whoText(): string {
  const { uid, username } = userOf();
  const sudo = process.env['SUDO_USER'];
  const own = username === '' ? `user ${uid}` : username;
  return `${own}${sudo === undefined ? '' : ` (sudo: ${sudo})`}, process ${process.pid}`;
}

function userOf(): { readonly uid: number; readonly username: string } {
  try {
    return os.userInfo();
  } catch {
    // There is no such user in the system's files, as in some containers.
    return { uid: process.getuid?.() ?? -1, username: '' };
  }
}

interface Answer<Result> {
  readonly event?: unknown;
  readonly result?: Result;
  readonly error?: ControlError;
}

function parse<Result>(line: string): Answer<Result> | undefined {
  try {
    return JSON.parse(line) as Answer<Result>;
  } catch {
    return undefined; // The caller says so.
  }
}
