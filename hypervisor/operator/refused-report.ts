/**
 * Refused requests of tenants, for people: a row for each vswitch, message and error.
 */
import { limits } from '../../slices/limits.ts';
import type { StatusReport } from './report.ts';

export const refusedHead = ['REFUSED', 'MESSAGE', 'ERROR', 'TIMES', 'WHY'] as const;

/** The most frequent first, and no more than can be read. */
export function refusedRows({
  vswitches,
}: Pick<StatusReport, 'vswitches'>): readonly (readonly string[])[] {
  const all = vswitches.flatMap(({ name, refusedRequests = [] }) =>
    refusedRequests.map((one) => ({ name, ...one })),
  );
  all.sort((a, b) => b.count - a.count);
  const rows = all
    .slice(0, limits.throughRowsMax)
    .map(({ name, request, error, count, why }) => [name, request, error, String(count), why]);
  const more = all.length - limits.throughRowsMax;
  if (more > 0) rows.push(['...', '', '', '', `${more} more: limevisor status --json`]);
  return rows;
}
