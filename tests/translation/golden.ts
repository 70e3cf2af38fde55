/**
 * Goldens of this folder: for one placement, what every datapath is to hold.
 *
 *     # what this file shows                kept as a person wrote it
 *     [s1]                                  a datapath
 *     cookie=0x..., table=0, ...            a flow as `ovs-ofctl --no-stats dump-flows` has it
 *     group_id=65537,type=indirect,...      a group as dump-groups has it
 *
 * `UPDATE_GOLDEN=1` rewrites all but the leading comment.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { printFlow } from '../../openflow/print/print.ts';
import { printGroup } from '../../openflow/print/print-flow.ts';
import type {
  PhysicalFlow,
  PhysicalGroup,
  Tables,
} from '../../translation/entries/physical-tables.ts';
import { tables as pipeline } from '../../translation/entries/pipeline.ts';

const folder = new URL('../golden/translation/', import.meta.url);

/** The text that the file must have, and the one that it has. */
export function goldenOf(file: string, shown: string): { readonly want: string; have: string } {
  const at = new URL(`${file}.txt`, folder);
  const have = existsSync(at) ? readFileSync(at, 'utf8') : '# Say here what this shows.\n';
  const comment = /^(#.*\n)*/.exec(have)?.[0] ?? '';
  const want = `${comment}\n${shown}\n`;
  if (process.env['UPDATE_GOLDEN'] !== '1') return { want, have };
  writeFileSync(at, want);
  return { want, have: want };
}

const tableNames: Readonly<Record<number, string>> = {
  0: 'classifier',
  1: 'guard',
  2: 'tenant',
  242: 'learning',
  250: 'egress',
  251: 'ports',
  252: 'ways',
  253: 'anew',
};

/** A datapath's tables: by table, the highest priority first. */
export function printTables(name: string, tables: Tables): string {
  const lines = [`[${name}]`];
  // The same on every datapath, and shown by of10-actions.test.ts and normal.test.ts.
  const same: readonly number[] = [pipeline.of10Actions, pipeline.normal];
  const flows = [...tables.flows.values()].filter((flow) => !same.includes(flow.tableId));
  for (const tableId of [...new Set(flows.map((flow) => flow.tableId))].sort((a, b) => a - b)) {
    lines.push(`# table ${tableId}, ${tableNames[tableId] ?? '?'}`);
    const rows = flows
      .filter((flow) => flow.tableId === tableId)
      .map((flow) => [flow.priority, printEntry(flow)] as const)
      .sort(([a, one], [b, other]) => b - a || (one < other ? -1 : 1));
    lines.push(...rows.map(([, row]) => row));
  }
  const groups = [...tables.groups.values()].sort((a, b) => a.groupId - b.groupId);
  if (groups.length > 0) lines.push('# groups', ...groups.map(printGroupEntry));
  return lines.join('\n');
}

export function printEntry(flow: PhysicalFlow): string {
  const unused = { durationSec: 0, durationNsec: 0, idleTimeoutSec: 0, hardTimeoutSec: 0 };
  const counts = { packetCount: 0n, byteCount: 0n, flags: 0 };
  return printFlow({ ...unused, ...counts, ...flow }).replace(
    /duration=0s, (table=\d+), n_packets=0, n_bytes=0/,
    '$1',
  );
}

function printGroupEntry({ groupId, groupType, buckets }: PhysicalGroup): string {
  return printGroup(groupId, groupType, buckets);
}
