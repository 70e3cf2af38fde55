/**
 * Goldens of this folder: what a frame is for, its bytes, the line we print for it.
 *
 *     # why this frame is here
 *     < 040e0048 00000001 ...     bytes, as many lines as it takes
 *     > flowMod xid=0x1 ...       or `! badMatch/badPrereq` where it is refused
 *
 * A person adds the comment and the bytes; `UPDATE_GOLDEN=1` writes the last line.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { decode } from '../../openflow/messages/codec.ts';
import { printMessage } from '../../openflow/print/print.ts';
import { errorName, type Version, version } from '../../openflow/values/constants.ts';
import { fromHex, toHex, viewOf } from './hex.ts';

const folder = new URL('../golden/openflow/', import.meta.url);

export interface Golden {
  readonly why: string;
  readonly frame: Uint8Array;
  readonly line: string;
}

export function goldenFiles(): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.txt'));
}

export function readGoldens(file: string): Golden[] {
  const blocks = readFileSync(new URL(file, folder), 'utf8').split(/\n\n+/);
  const part = (block: string, sign: string): string[] =>
    block.split('\n').filter((line) => line.startsWith(sign));
  return blocks
    .filter((block) => part(block, '<').length > 0)
    .map((block) => ({
      why: part(block, '#')
        .map((line) => line.slice(2))
        .join('\n'),
      frame: fromHex(
        part(block, '<')
          .map((line) => line.slice(2))
          .join(''),
      ),
      line: [...part(block, '>'), ...part(block, '!')].join('\n'),
    }));
}

export function writeGoldens(file: string, goldens: readonly Golden[]): void {
  const blocks = goldens.map(({ why, frame, line }) => {
    const rows = toHex(frame).match(/.{1,64}/g) ?? [];
    const bytes = rows.map((row) => `< ${(row.match(/.{1,8}/g) ?? []).join(' ')}`);
    return [...why.split('\n').map((text) => `# ${text}`), ...bytes, line].join('\n');
  });
  writeFileSync(new URL(file, folder), `${blocks.join('\n\n')}\n`);
}

/** Files of OpenFlow 1.0's frames begin with its name. */
export function versionOf(file: string): Version {
  return file.startsWith('of10-') ? version.of10 : version.of13;
}

/** What we say of a frame: the last line of its golden. */
export function lineOf(spoken: Version, frame: Uint8Array): string {
  const message = decode(spoken, viewOf(frame), 0, frame.length);
  if (message.type !== 'ofError') return `> ${printMessage(message)}`;
  return `! ${errorName(message.errorType, message.errorCode)}: ${message.why}`;
}
