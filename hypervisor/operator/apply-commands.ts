/**
 * `limevisor apply FILE`: the running limevisor reads the file, so its name is given as that
 * process finds it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { messageOf } from '../world/error-text.ts';
import { Ending, exitCodes, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import { isElsewhere } from './contexts.ts';
import type { ApplyResult, Differing } from './control-apply.ts';

export interface ApplyOptions extends Options {
  readonly dryRun?: boolean;
}

export async function apply(file: string, { socket, json, dryRun }: ApplyOptions): Promise<void> {
  // One that runs elsewhere does not have the file.
  const what = isElsewhere(socket) ? { text: textOf(file) } : { file: path.resolve(file) };
  const params = { ...what, dryRun: dryRun === true };
  let differing: Differing | undefined;
  const result = await ask<ApplyResult>(socket, 'apply', params, (event) => {
    differing = event as Differing;
    if (!json) say(differing.text);
  });
  if (json) {
    const { changes = [], seen = {} } = differing ?? {};
    say(JSON.stringify({ ...result, changes, seen }));
  }
  if (result.type === 'refused' || result.type === 'takenBack') {
    const list = result.whyNot.map((one) => `  ${one}`).join('\n');
    const [code, what] =
      result.type === 'refused'
        ? [exitCodes.rejected, 'nothing has changed']
        : [exitCodes.undone, 'what it had added is taken back, and all is as it was'];
    throw new Ending(code, `${file} is not applied, ${what}:\n${list}`);
  }
  const waiting = result.waits.map((one) => `waiting: ${one}`);
  if (result.type === 'dryRun') {
    if (!json && waiting.length > 0) say(['', ...waiting].join('\n'));
    return;
  }
  // What a datapath refused of it: the file serves, but not as it says.
  const isWhole = result.said.length === 0;
  if (!isWhole) process.exitCode = exitCodes.failed;
  if (json) return;
  const lines = [...result.said, ...waiting];
  say(['', isWhole ? 'applied' : 'applied, but not everywhere:', ...lines].join('\n'));
}

function textOf(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new Ending(exitCodes.rejected, `${file} cannot be read: ${messageOf(error)}`);
  }
}
