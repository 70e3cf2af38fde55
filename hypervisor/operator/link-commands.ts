/**
 * `limevisor links` and `limevisor discover`.
 */
import { type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import type { DiscoverReport } from './discover-report.ts';
import type { LinkReport } from './link-report.ts';
import { table } from './report-text.ts';

/** The file's links as they are, for stdout. */
export async function links({ socket, json }: Options): Promise<void> {
  const all = await ask<readonly LinkReport[]>(socket, 'links', {});
  say(json ? JSON.stringify(all) : linksText(all));
}

/** What is connected, as parts of a file. */
export async function discover({ socket, json }: Options): Promise<void> {
  const report = await ask<DiscoverReport>(socket, 'discover', {});
  if (json) {
    say(JSON.stringify(report));
    return;
  }
  const { discoverText } = await import('./discover-report.ts');
  say(discoverText(report));
}

function linksText(all: readonly LinkReport[]): string {
  if (all.length === 0) return 'the file has no links';
  const rows = all.map(({ ends, text, latencyMs }) => {
    return [ends.join(' - '), text, latencyMs === undefined ? '' : `${latencyMs.toFixed(1)} ms`];
  });
  return table([['LINK', 'STATE', 'LATENCY'], ...rows]);
}
