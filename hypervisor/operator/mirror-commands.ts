/**
 * `limevisor mirror`.
 */
import { plural } from '../../slices/plural.ts';
import { Ending, exitCodes, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import type { MirrorReport, MirrorResult } from './control-mirrors.ts';
import { table } from './report-text.ts';

export interface MirrorOptions extends Options {
  readonly to?: string;
  readonly off?: boolean;
}

export async function mirror(
  names: readonly string[],
  { socket, json, to, off }: MirrorOptions,
): Promise<void> {
  const isAsked = names.length > 0;
  if (isAsked && (to === undefined) === (off !== true)) {
    throw new Ending(exitCodes.usage, 'say where to, "--to s9:4", or "--off"');
  }
  const params = { names, ...(to !== undefined && { to }), off: off === true };
  const result = isAsked
    ? await ask<MirrorResult>(socket, 'mirror', params)
    : await ask<MirrorResult>(socket, 'mirrors', {});
  if (json) say(JSON.stringify(result));
  const { outcome, mirrors } = result;
  if (outcome?.type === 'refused' || outcome?.type === 'takenBack') {
    const list = outcome.whyNot.map((one) => `  ${one}`).join('\n');
    const isRefused = outcome.type === 'refused';
    const what = isRefused ? 'nothing has changed' : 'all is as it was';
    const code = isRefused ? exitCodes.rejected : exitCodes.undone;
    throw new Ending(code, `${names.join(', ')} is not mirrored, ${what}:\n${list}`);
  }
  if (!json) say(mirrorText(mirrors));
}

export function mirrorText(mirrors: readonly MirrorReport[]): string {
  if (mirrors.length === 0) return 'nothing is mirrored';
  const rows = mirrors.map(({ vswitch, at, vlans, rules, why }) => {
    const ports = Object.entries(vlans).map(([vport, vlan]) => `port ${vport}: VLAN ${vlan}`);
    return [vswitch, at, plural(rules, 'rule'), ports.join(', '), why];
  });
  return table([['MIRROR OF', 'SENDS TO', 'HAS', 'WHAT LEFT BY', ''], ...rows]);
}
