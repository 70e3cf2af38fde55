/**
 * Migrations and ensembles in words: their progress, and tables.
 */
import { listText } from '../../slices/near-names.ts';
import { plural } from '../../slices/plural.ts';
import { type Ensemble, isEnded } from '../../translation/migration/ensemble.ts';
import {
  driverText,
  type HostMove,
  hostMoveName,
  hostStateText,
} from '../../translation/migration/host-move.ts';
import {
  isMemberOver,
  type MemberMigration,
  memberWayText,
} from '../../translation/migration/member-states.ts';
import { isOver, type Migration, type Watched } from '../../translation/migration/migration.ts';
import { ensembleStateText } from './ensemble-text.ts';
import { type Brief, hostTookText, hostWayText } from './host-move-rows.ts';
import { lastPhaseText, tookText } from './migration-phases.ts';

export const migrationHead = ['MIGRATION', 'WHAT', 'WAY', 'STRATEGY', 'STATE', 'TOOK'];

/** How many of those that are over `status` shows. */
const SHOWN_MAX = 10;

/** What has numbers together. */
interface Numbered {
  readonly migrations: readonly Migration[];
  readonly ensembles: readonly Ensemble[];
  readonly memberMoves?: readonly MemberMigration[];
}

/** A line of the table. */
interface Row {
  /** The number of it, or of the ensemble that it is part of. */
  readonly whole: number;
  /** Its place below that. */
  readonly place: number;
  readonly startedMs: number;
  readonly cells: readonly string[];
}

/** Of those that are one, hosts stand behind vswitches. */
const HOSTS_LAST = 1e9;

/**
 * The last ones, in order; those that an ensemble is made of stand below it, hosts too. Those that
 * move alone are not among them (host-move-rows.ts).
 */
export function migrationRows(
  all: Numbered & { readonly hostMoves?: readonly HostMove[] },
  nowMs: number,
  brief: Brief = (_, text) => text,
  shownMax = SHOWN_MAX,
): readonly Pick<Row, 'startedMs' | 'cells'>[] {
  const { migrations, ensembles, memberMoves = [], hostMoves = [] } = all;
  const rowOf = ({ id, ensemble, startedMs }: Begun, cells: Row['cells']): Row => {
    return { whole: ensemble ?? id, place: ensemble === undefined ? 0 : id, startedMs, cells };
  };
  const rows: readonly Row[] = [
    ...migrations.map((one) => rowOf(one, migrationRow(one, nowMs, brief))),
    ...ensembles.map((one) => rowOf(one, ensembleRow(one, nowMs, brief))),
    ...memberMoves.map((one) => rowOf(one, memberRow(one, nowMs, brief))),
    ...hostMoves.flatMap((one): readonly Row[] => {
      const { id, ensemble, startedMs } = one;
      if (ensemble === undefined) return [];
      const cells = hostRow(one, nowMs, brief);
      return [{ whole: ensemble, place: HOSTS_LAST + id, startedMs, cells }];
    }),
  ];
  const shown = new Set(
    [...new Set(rows.map(({ whole }) => whole))].sort((a, b) => a - b).slice(-shownMax),
  );
  return rows
    .filter(({ whole }) => shown.has(whole))
    .sort((a, b) => a.whole - b.whole || a.place - b.place);
}

/** Undefined when one of them has this number; else which of them are under way. */
export function whyNoMigration(id: number, all: Numbered): string | undefined {
  const { migrations, ensembles, memberMoves = [] } = all;
  const known = [...migrations, ...ensembles, ...memberMoves].map((one) => one.id);
  if (known.includes(id)) return undefined;
  const why = `there is no migration ${id}`;
  if (known.length === 0) return `${why}; none is remembered`;
  const underWay = [
    ...migrations.filter((one) => one.ensemble === undefined && !isOver(one)),
    ...ensembles.filter((one) => !isEnded(one)),
    ...memberMoves.filter((one) => !isMemberOver(one)),
  ].map((one) => one.id);
  const those = underWay.length === 0 ? 'none is under way' : `under way: ${listText(underWay)}`;
  return `${why}; ${those}, the last is ${Math.max(...known)}`;
}

type Begun = Pick<Migration, 'id' | 'ensemble' | 'startedMs'>;

function hostRow(one: HostMove, nowMs: number, brief: Brief): readonly string[] {
  const name = hostMoveName(one);
  const state = brief(name, hostStateText(one));
  const how = driverText(one);
  return [`  ${name}`, one.host, hostWayText(one), how, state, hostTookText(one, nowMs)];
}

function migrationRow(one: Migration, nowMs: number, brief: Brief): readonly string[] {
  const state = `${stateText(one)}${isOver(one) ? doubtsText(one) : ''}`;
  return [
    one.ensemble === undefined ? String(one.id) : `  ${one.id}`,
    one.vswitch,
    `${one.from} -> ${one.to}`,
    one.strategy,
    brief(`migration ${one.id}`, state),
    tookText(one, isOver(one), nowMs),
  ];
}

function ensembleRow(one: Ensemble, nowMs: number, brief: Brief): readonly string[] {
  const state = brief(`migration ${one.id}`, ensembleStateText(one));
  return [String(one.id), one.what, '', '', state, tookText(one, isEnded(one), nowMs)];
}

function memberRow(one: MemberMigration, nowMs: number, brief: Brief): readonly string[] {
  const { id, vswitch, strategy } = one;
  const state = brief(`migration ${id}`, memberStateText(one));
  const took = tookText(one, isMemberOver(one), nowMs);
  return [String(id), vswitch, memberWayText(one), strategy, state, took];
}

export function memberStateText({ state }: MemberMigration): string {
  return 'why' in state ? `${state.type}: ${state.why}` : state.type;
}

/** One line as a member's move enters a state. */
export function memberProgressText(one: MemberMigration): string {
  return `migration ${one.id}: ${memberStateText(one)}${lastPhaseText(one)}`;
}

/** One line as a migration enters a state. */
export function progressText(migration: Migration): string {
  const took = lastPhaseText(migration);
  const how =
    migration.phases.at(-1)?.name === 'handOver'
      ? heldText(migration)
      : isOver(migration)
        ? doubtsText(migration)
        : '';
  return `migration ${migration.id}: ${stateText(migration)}${took}${how}`;
}

function heldText({ handOver }: Migration): string {
  if (handOver?.why === undefined) return '';
  return `; ${handOver.held} packets were held back meanwhile: ${handOver.why}`;
}

/** What is not certain of it, behind other words; empty when all is. */
export function doubtsText(migration: Migration): string {
  const why = migration.unproved?.join('; ');
  const doubts = `; packets may have met older rules, acknowledged by a time only: ${why}`;
  const { dropped = 0 } = migration.handOver ?? {};
  const lost = dropped === 0 ? '' : `; guards dropped ${plural(dropped, 'packet')}`;
  return lost + countersText(migration) + (why === undefined ? '' : doubts);
}

/** What became of loss probes, behind other words; empty when there were none. */
export function probedText({ probed }: Pick<Migration, 'probed'>): string {
  if (probed === undefined) return '';
  const { sent, lost, twice, ports, unseen } = probed;
  if (unseen !== undefined) return `; loss was not measured: ${unseen}`;
  const those = ports.filter((one) => one.lost > 0).map((one) => `${one.lost} at port ${one.port}`);
  const where = those.length === 0 ? '' : ` (${those.join(', ')})`;
  const again = twice === 0 ? '' : `, ${twice} came twice`;
  return `; of ${plural(sent, 'probe')} ${lost} were lost${where}${again}`;
}

/** How far a counter may be off. */
function countersText({ handOver }: Migration): string {
  const { shared = 0, inDoubt = 0 } = handOver ?? {};
  const parts = [
    ...(shared > 0 ? [`${plural(shared, 'packet')} divided in proportion`] : []),
    ...(inDoubt > 0 ? [`off by at most ${plural(inDoubt, 'packet')} in all`] : []),
  ];
  return parts.length === 0 ? '' : `; counters: ${parts.join(', ')}`;
}

export function stateText({ state, watched }: Migration): string {
  if (state.type === 'move') return `move ${state.moved}`;
  const seen = watched && isQuiet(watched) ? '' : seenText(watched);
  return `${'why' in state ? `${state.type}: ${state.why}` : state.type}${seen}`;
}

/** What was seen after a migration, behind other words; empty when nobody looked. */
export function seenText(watched: Watched | undefined): string {
  if (watched === undefined) return '';
  if (isQuiet(watched)) return '; nothing came an old way afterwards';
  const { stale, heals, untilMs, goesOn, unseen } = watched;
  const healed = `healed ${plural(heals, 'time')}`;
  const came = `; ${plural(stale, 'packet')} came an old way afterwards, ${healed}`;
  const end = untilMs === undefined ? unseen : clockText(untilMs);
  return [
    stale > 0 ? came : '',
    goesOn === true ? ', and some still do' : '',
    end === undefined ? '' : `; watched until ${end}`,
  ].join('');
}

function isQuiet({ stale, untilMs, unseen }: Watched): boolean {
  return stale === 0 && untilMs === undefined && unseen === undefined;
}

/** Of a `migrate` that ends before its migration is told to the end; its `number` if known. */
export function leftText(last: Migration | undefined, number?: number): string {
  if (last === undefined || !isOver(last)) {
    const id = last?.id ?? number ?? 'ID';
    const how = `"limevisor undo ${id}" to take it back`;
    return `the migration goes on; see "limevisor status", or ${how}`;
  }
  return `it is ${stateText(last)}; "limevisor status" shows what was seen`;
}

function clockText(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8);
}
