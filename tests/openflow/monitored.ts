/**
 * Flow monitors for tests: what asks for them, and the table that a controller keeps by what it is
 * told.
 */
import {
  type FlowUpdate,
  type MonitorRequest,
  monitorRequestOf,
  readUpdates,
} from '../../openflow/messages/flow-monitors.ts';
import {
  group,
  isError,
  monitorEvent,
  monitorFlag,
  port as ofpp,
  type Version,
  version,
} from '../../openflow/values/constants.ts';
import type { FlowStatsFilter, Message } from '../../openflow/values/values.ts';

type Flag = keyof typeof monitorFlag;
export const everything: readonly Flag[] = Object.keys(monitorFlag) as Flag[];

export function monitor(
  id: number,
  flags: readonly Flag[] = everything,
  filter: Partial<FlowStatsFilter> = {},
): MonitorRequest {
  const any = { outPort: ofpp.any, outGroup: group.any, cookie: 0n, cookieMask: 0n, match: [] };
  return {
    id,
    flags: flags.reduce((sum, flag) => sum | monitorFlag[flag], 0),
    filter: { tableId: 0xff, ...any, ...filter },
  };
}

export function monitoring(
  xid: number,
  monitors: readonly MonitorRequest[],
  spoken: Version = version.of13,
): Message {
  return {
    type: 'multipartRequest',
    xid,
    flags: 0,
    request: monitorRequestOf(spoken, monitors),
  };
}

/** The rows of a message about monitors; undefined of another. */
export function updatesIn(message: Message, spoken: Version = version.of13) {
  if (message.type !== 'multipartReply' || message.reply.kind !== 'other') return undefined;
  const rows = readUpdates(spoken, message.reply.body);
  if (isError(rows)) throw new Error(rows.why);
  return rows;
}

const names = ['ADDED', 'DELETED', 'MODIFIED'];

/** One row, for people: what, where, and what it outputs to. */
export function rowText(row: FlowUpdate | { readonly xid: number }): string {
  if (!('event' in row) || row.event === monitorEvent.abbrev) {
    return `ABBREV ${'xid' in row ? row.xid : ''}`;
  }
  const { event, reason, tableId, priority, cookie, match, instructions } = row;
  const fields = match.map(({ value }) => Buffer.from(value).toString('hex'));
  const ports = instructions.flatMap((one) =>
    'actions' in one
      ? one.actions.map((a) => (a.type === 'output' ? `out ${a.port}` : a.type))
      : [],
  );
  const why = event === monitorEvent.delete ? ` ${reason}` : '';
  return `${names[event]}${why} ${tableId}/${priority} ${fields.join(',')} c${cookie} ${ports}`;
}

/** What a controller believes to be there. */
export class MonitoredTable {
  readonly rules = new Map<string, string>();
  readonly faults: string[] = [];
  isPaused = false;
  pauses = 0;

  take(message: Message): void {
    if (message.type === 'experimenter') {
      this.isPaused = message.expType === 1871;
      if (this.isPaused) this.pauses += 1;
    }
    for (const row of updatesIn(message) ?? []) {
      if ('event' in row) this.#put(row);
      else this.faults.push(`abbreviated: ${row.xid}`);
    }
  }

  #put(row: FlowUpdate): void {
    const key = keyOf(row);
    const isKnown = this.rules.has(key);
    if (row.event === monitorEvent.delete) {
      if (!isKnown) this.faults.push(`gone, and never there: ${rowText(row)}`);
      this.rules.delete(key);
      return;
    }
    if (row.event === monitorEvent.modify && !isKnown) {
      this.faults.push(`changed, and never there: ${rowText(row)}`);
    }
    this.rules.set(key, saidBy(row));
  }
}

type Shown = Pick<
  FlowUpdate,
  'tableId' | 'priority' | 'match' | 'cookie' | 'instructions' | 'idleTimeoutSec' | 'hardTimeoutSec'
>;

export function keyOf({ tableId, priority, match }: Shown): string {
  const fields = match.map(({ oxmClass, field, value, mask }) => [oxmClass, field, value, mask]);
  return JSON.stringify([tableId, priority, fields.map(String)]);
}

export function saidBy({ cookie, instructions, idleTimeoutSec, hardTimeoutSec }: Shown): string {
  const said = instructions.flatMap((one): readonly unknown[] => {
    if (!('actions' in one)) return [one];
    return one.actions.map((a) => (a.type === 'group' ? `group ${a.groupId}` : a));
  });
  return JSON.stringify([`${cookie}`, said, idleTimeoutSec, hardTimeoutSec]);
}
