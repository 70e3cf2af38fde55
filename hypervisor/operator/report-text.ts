/**
 * Reports for people: plain tables on stdout.
 */

import { dateText } from '../../slices/config/departures.ts';
import { copyText } from '../../slices/config/mirrors.ts';
import { limits } from '../../slices/limits.ts';
import { plural } from '../../slices/plural.ts';
import { contentsText } from '../../slices/remedy.ts';
import { hostMoveHead, hostMoveRows } from './host-move-rows.ts';
import { migrationHead, migrationRows } from './migration-text.ts';
import type { PortReport } from './port-report.ts';
import { refusedHead, refusedRows } from './refused-report.ts';
import type { FlowsReport, StatusReport } from './report.ts';
import { forgetsLines, linkWarnings, portLine, syncLines, wayLine } from './report-parts.ts';

/**
 * Rows as columns that line up; the first row is the heading. Where they are wider than `widthMax`
 * the widest cells are cut.
 */
export function table(
  rows: readonly (readonly string[])[],
  widthMax = Number.POSITIVE_INFINITY,
): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  }
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => cutTo(cell, widths[i] ?? 0).padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  narrow(widths, widthMax);
  return rows.map(line).join('\n');
}

/** What is left of the widest columns; no column is less than can be read. */
function narrow(widths: number[], widthMax: number): void {
  const gaps = 2 * (widths.length - 1);
  for (;;) {
    const all = widths.reduce((sum, one) => sum + one, gaps);
    const widest = Math.max(...widths);
    if (all <= widthMax || widest <= COLUMN_MIN) return;
    widths[widths.indexOf(widest)] = Math.max(
      COLUMN_MIN,
      widest - (all - widthMax),
      (widest / 2) | 0,
    );
  }
}

const COLUMN_MIN = 12;

function cutTo(cell: string, width: number): string {
  return cell.length <= width ? cell : `${cell.slice(0, width - 3)}...`;
}

/** What is too long for a column: its beginning is there, and all of it below the tables. */
export class LongTexts {
  readonly #lines: string[] = [];
  readonly #causes = new Set<string>();

  brief(name: string, text: string): string {
    if (text.length <= limits.cellCharactersMax) return text;
    const [beginning = '', ...rest] = text.split(': ');
    const cause = rest.join(': ');
    // A vswitch is down for what its datapath says already.
    if (!this.#causes.has(cause)) this.#lines.push(`${name}: ${text}`);
    this.#causes.add(cause);
    const isWhole = beginning.length < limits.cellCharactersMax;
    const words = beginning.slice(0, limits.cellCharactersMax / 2).replace(/ [^ ]*$/, ' ...');
    return `${isWhole ? beginning : words}: see below`;
  }

  /** For the parts of an answer: one, or none. */
  get parts(): readonly string[] {
    return this.#lines.length === 0 ? [] : [this.#lines.join('\n')];
  }
}

function warningsOf(status: StatusReport): readonly string[] {
  const { store, datapaths, atLimits } = status;
  return [
    ...(store.waits === undefined ? [] : [`WARNING: the store: ${store.waits}`]),
    ...datapaths.flatMap((one) => one.warnings.map((why) => `WARNING: ${one.name}: ${why}`)),
    ...linkWarnings(status),
    ...atLimits.map(({ tenant, what }) => `AT ITS LIMIT: ${tenant}: ${what.join(', ')}`),
  ];
}

function closedText({ isDrained, isHeld }: StatusReport['datapaths'][number]): string {
  return `${isDrained ? ', drained' : ''}${isHeld ? ', held' : ''}`;
}

/**
 * `nowMs` is the wall clock's; `widthMax`, of the terminal. Of the whole, the first two headings
 * are there even if nothing stands below them.
 */
export function statusText(
  status: StatusReport,
  nowMs: number,
  widthMax = Number.POSITIVE_INFINITY,
  isPart = false,
): string {
  const long = new LongTexts();
  const datapaths = status.datapaths.map((one) => [
    one.name,
    one.dpid,
    `${long.brief(one.name, datapathText(one))}${closedText(one)}`,
    one.version ?? '?',
    one.encoding,
    one.ack,
    carriesText(one),
  ]);
  const vswitches = status.vswitches.map((one) => [
    one.name,
    one.dpid,
    placeText(one),
    String(one.rules),
    long.brief(one.name, `${one.down ?? upText(one.ports)}${copyText(one.name)}`),
    one.controllers.map((to) => long.brief(one.name, controllerText(to))).join(', '),
  ]);
  const brief = (about: string, text: string): string => long.brief(about, text);
  const hostMoves = status.hostMoves.slice(-10);
  const alone = hostMoves.filter(({ ensemble }) => ensemble === undefined);
  const migrations = migrationRows({ ...status, hostMoves }, nowMs, brief);
  const tables: readonly (readonly (readonly string[])[])[] = [
    [['DATAPATH', 'DPID', 'STATE', 'OPENFLOW', 'ENCODING', 'ACK', 'CARRIES'], ...datapaths],
    [['VSWITCH', 'DPID', 'ON', 'RULES', 'STATE', 'CONTROLLERS'], ...vswitches],
    [refusedHead, ...refusedRows(status)],
    [['HOST', 'PORT', 'AT', 'STATE'], ...hostRows(status, long)],
    [['LINK', 'STATE', 'LATENCY'], ...linkRows(status)],
    [['THROUGH', 'TENANT', 'WAY', 'TO REACH', 'PACKETS'], ...throughRows(status)],
  ];
  const later = [
    [migrationHead, ...migrations.map(({ cells }) => cells)],
    [hostMoveHead, ...hostMoveRows(alone, nowMs, brief)],
    [['LEFT', 'SINCE', 'KEPT', ''], ...status.left.map(leftRow)],
  ];
  const notes = [...syncLines(status), ...forgetsLines(status)];
  const shown = (all: typeof tables): readonly string[] =>
    all
      .filter((rows, i) => rows.length > 1 || (all === tables && i < 2 && !isPart))
      .map((rows) => table(rows, widthMax));
  const parts = [
    warningsOf(status).join('\n'),
    ...shown(tables),
    notes.join('\n'),
    ...shown(later),
    ...long.parts,
    ...troubleTexts(status),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Those that are down first, and no more than can be read; `next` shows all. */
function firstRows<T>(
  all: readonly T[],
  isUp: (one: T) => boolean,
  rowOf: (one: T) => readonly string[],
  next: string,
): readonly (readonly string[])[] {
  const max = limits.throughRowsMax;
  const some = all.length <= max ? all : [...all.filter((one) => !isUp(one)), ...all.filter(isUp)];
  const more = all.length - max;
  const rest = more > 0 ? [['...', `${more} more: ${next}`]] : [];
  return [...some.slice(0, max).map(rowOf), ...rest];
}

function hostRows({ hosts }: StatusReport, long: LongTexts): readonly (readonly string[])[] {
  const next = 'limevisor status TENANT, or --json';
  const rowOf = ({ name, port, at, shares, state, why }: StatusReport['hosts'][number]) => [
    name,
    port,
    `${at.join(' and ')}${shares === undefined ? '' : `, ${shares}`}`,
    long.brief(name, why === '' ? state : `${state}: ${why}`),
  ];
  return firstRows(hosts, ({ state }) => state === 'up', rowOf, next);
}

function linkRows({ links }: StatusReport): readonly (readonly string[])[] {
  const rowOf = ({ ends, text, latencyMs }: StatusReport['links'][number]) => [
    ends.join(' - '),
    text,
    latencyMs === undefined ? '' : `${latencyMs.toFixed(1)} ms`,
  ];
  return firstRows(links, ({ state }) => state === 'up', rowOf, 'limevisor links');
}

function leftRow(one: StatusReport['left'][number]): readonly string[] {
  return [one.vswitch, dateText(one.sinceMs), contentsText(one.contents), leftNote(one)];
}

/** What becomes of the kept rules of a vswitch that left the file. */
function leftNote({ hasHeir, isRestored }: StatusReport['left'][number]): string {
  if (isRestored) return 'the vswitch of this name gets it at the next start';
  return hasHeir ? 'a new vswitch of this name waits: "limevisor purge" or "restore"' : '';
}

function datapathText({ state, why }: StatusReport['datapaths'][number]): string {
  return why === '' ? state : `${state}: ${why}`;
}

function troubleTexts(status: StatusReport): readonly string[] {
  const givenUp = Object.entries(status.givenUp).map(([what, why]) => `${what}: ${why}`);
  const alarms = Object.entries(status.alarms).map(([what, count]) => `${count} x ${what}`);
  const parts = [
    ['Given up after an internal error; see the log', givenUp],
    ['Alarms since the start; see the log', alarms],
  ] as const;
  return parts.flatMap(([title, all]) => {
    return all.length === 0 ? [] : [`${title}:\n  ${all.join('\n  ')}`];
  });
}

/** What would be cut off if its cables were taken down. */
/** `s1 + s2`; of a big switch, `s1 + s2 + s3 in part, all by s2, without s3`. */
function placeText({ on, bigSwitch }: StatusReport['vswitches'][number]): string {
  if (bigSwitch === undefined) return on.join(' + ');
  const { consistency, primary, without, partial = [] } = bigSwitch;
  const place = on.map((one) => (partial.includes(one) ? `${one} in part` : one)).join(' + ');
  const by = consistency === 'strict' ? `all by ${primary}` : consistency;
  return [place, by, ...(without.length > 0 ? [`without ${without.join(', ')}`] : [])].join(', ');
}

function carriesText({ bodies, hosts, through }: StatusReport['datapaths'][number]): string {
  const parts = [
    ...bodies,
    ...(hosts.length > 0 ? [plural(hosts.length, 'host')] : []),
    ...(through.length > 0 ? [`${plural(through.length, 'way')} through`] : []),
  ];
  return parts.length > 0 ? parts.join(', ') : 'nothing';
}

/** Ways that lead through datapaths: what is where is in the table of datapaths. */
function throughRows(status: StatusReport): readonly (readonly string[])[] {
  const rows = status.datapaths.flatMap((one) =>
    one.through.map(({ tenant, what, from, to, packets }) => {
      return [one.name, tenant, `${from} -> ${to}`, what, String(packets ?? '?')];
    }),
  );
  const more = rows.length - limits.throughRowsMax;
  const last = more > 0 ? [['...', '', '', `${more} more: limevisor status --json`, '']] : [];
  return [...rows.slice(0, limits.throughRowsMax), ...last];
}

/** LOCAL leads nowhere, and its state is no news. */
function upText(ports: readonly PortReport[]): string {
  const down = ports.filter((one) => one.state === 'down' && one.port !== 'LOCAL');
  const name = ({ port, why }: PortReport): string => (why === '' ? port : `${port} (${why})`);
  return down.length === 0 ? 'up' : `up, down: port ${down.map(name).join(' ')}`;
}

export function flowsText(report: FlowsReport): string {
  const virtual = report.flows.map((flow) => ` ${flow}`).join('\n');
  const physical = report.physical.map((one) => {
    const flows = one.flows.map((flow, i) => {
      const purpose = one.purposes?.[i];
      return purpose === undefined ? flow : `${flow}  # ${purpose}`;
    });
    const entries = [...flows, ...one.groups].map((entry) => ` ${entry}`);
    const what = one.why === '' ? 'physical' : `physical, not read: ${one.why}`;
    return [`\n${one.datapath} (${what}):`, ...entries].join('\n');
  });
  const ports = report.ports.map((port) => ` ${portLine(port)}`).join('\n');
  const ways = (report.ways ?? []).map((one) => ` ${wayLine(one)}`);
  const below = ways.length === 0 ? '' : ['\nways:', ...ways].join('\n');
  return [`${report.vswitch}:`, ports, virtual, below, ...physical]
    .filter((part) => part !== '')
    .join('\n');
}

function controllerText(one: StatusReport['vswitches'][number]['controllers'][number]): string {
  const { target, state, why, version, role, droppedPacketIns } = one;
  if (state === 'idle' && why !== '') return `${target} idle: its vswitch is down`;
  if (why !== '') return `${target} ${state}: ${why}`;
  if (state !== 'up') return `${target} ${state}`;
  const details = [
    version === '1.3' ? '' : `OpenFlow ${version}`,
    role === 'equal' ? '' : role,
    droppedPacketIns === 0 ? '' : `${droppedPacketIns} packet-ins dropped`,
  ].filter((detail) => detail !== '');
  return `${target} up${details.length === 0 ? '' : ` (${details.join(', ')})`}`;
}
