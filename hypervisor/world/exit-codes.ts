/**
 * The ends of commands: exit codes, answers on stdout, everything else on stderr.
 */

import fs from 'node:fs';

export const exitCodes = {
  failed: 1,
  usage: 2,
  /** Of `diff`, whose other usage errors say so. */
  differs: 2,
  unreachable: 3,
  rejected: 4,
  undone: 5,
  brokenPipe: 141,
} as const;

/** Ends the command with a message on stderr and an exit code of its own. */
export class Ending extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

export interface Options {
  readonly socket: string;
  readonly json?: boolean;
}

export function say(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}

export function note(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/**
 * A name in the file, a switch's description or an argument may have bytes that command a
 * terminal. They are shown as JSON writes them, so that an answer in JSON stays what it is.
 */
export function printable(text: string): string {
  const hex = (character: string) => character.charCodeAt(0).toString(16).padStart(4, '0');
  return text.replace(control, (character) => `\\u${hex(character)}`);
}

/** All but tab and newline: C0, DEL and C1 (ECMA-48). */
const control = /[^\P{Cc}\t\n]/gu;

/** What `--version` prints. */
export function productVersion(): string {
  const text = fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
