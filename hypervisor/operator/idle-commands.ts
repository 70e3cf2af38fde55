/**
 * `limevisor idle`: datapaths and cables that carry nothing.
 */
import type { IdleState } from '../migrate/idle-watch.ts';
import { type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import { table } from './report-text.ts';

export async function idle({ socket, json }: Options): Promise<void> {
  const all = await ask<readonly IdleState[]>(socket, 'idle', {});
  say(json ? JSON.stringify(all) : idleText(all));
}

function idleText(all: readonly IdleState[]): string {
  if (all.length === 0) return 'every datapath and every cable is in use';
  const rows = all.map((one) => {
    const since = one.sinceMs === undefined ? '' : new Date(one.sinceMs).toISOString();
    return [one.object, one.kind, stateText(one), since.slice(0, 19)];
  });
  return table([['CARRIES NOTHING', 'KIND', 'STATE', 'SINCE (UTC)'], ...rows]);
}

const states: Readonly<Record<IdleState['state'], string>> = {
  idle: 'on; may be switched off',
  telling: 'the command is being told that it is idle',
  off: 'told idle',
  waking: 'needed again; the command is being told',
};

function stateText({ state, stays, why }: IdleState): string {
  if (state === 'idle' && stays !== undefined) return `on: ${stays}`;
  return why === undefined ? states[state] : `${states[state]} (it failed: ${why})`;
}
