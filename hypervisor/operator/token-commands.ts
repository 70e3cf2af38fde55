/**
 * `limevisor token create | list | revoke`.
 */
import { msOf } from '../../slices/traffic/traffic-text.ts';
import { Ending, exitCodes, note, type Options, say } from '../world/exit-codes.ts';
import { nodeWorld } from '../world/node-world.ts';
import { ask } from './client.ts';
import { table } from './report-text.ts';
import type { MadeToken, TokenReport } from './token-values.ts';

export interface CreateOptions extends Options {
  readonly role: string;
  readonly tenant?: string;
  readonly quota?: string;
  readonly expires?: string;
  readonly handOver?: boolean;
}

export async function create(name: string, options: CreateOptions): Promise<void> {
  const { socket, json, role, tenant, quota, expires, handOver } = options;
  const params = {
    ...{ name, role },
    ...(tenant !== undefined && { tenant }),
    ...(quota !== undefined && { quota }),
    ...(expires !== undefined && { expiresMs: endOf(expires) }),
    ...(handOver === true && { handOver }),
  };
  const made = await ask<MadeToken>(socket, 'makeToken', params);
  say(json ? JSON.stringify(made) : made.token);
  if (!json) note(`${wordsOf(made.made)}; keep it, it is not shown again`);
}

function endOf(text: string): number {
  const ms = msOf(text);
  if (ms !== undefined) return Math.round(nodeWorld().wallClockMs() + ms);
  throw new Ending(exitCodes.usage, `"${text}" is not a time; write 12h, 30d, ...`);
}

function wordsOf({ name, role, tenant, quota }: TokenReport): string {
  const whose = tenant === undefined ? '' : ` of ${tenant}`;
  return `token ${name}, ${role}${whose}${quota === undefined ? '' : ` with the quota ${quota}`}`;
}

export async function list({ socket, json }: Options): Promise<void> {
  const all = await ask<readonly TokenReport[]>(socket, 'tokens', {});
  const date = (ms: number | undefined) =>
    ms === undefined ? 'never' : new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
  const rows = all.map((one) => [
    ...[one.id, one.name, one.role, one.tenant ?? '', one.quota ?? ''],
    ...[date(one.madeMs), date(one.expiresMs)],
  ]);
  if (json) say(JSON.stringify(all));
  else if (all.length === 0) say('no token; "limevisor token create NAME" makes one');
  else say(table([['ID', 'NAME', 'ROLE', 'TENANT', 'QUOTA', 'MADE (UTC)', 'EXPIRES'], ...rows]));
}

export async function revoke(token: string, { socket, json }: Options): Promise<void> {
  const revoked = await ask<TokenReport>(socket, 'revokeToken', { token });
  say(json ? JSON.stringify(revoked) : `${wordsOf(revoked)} is revoked`);
}
