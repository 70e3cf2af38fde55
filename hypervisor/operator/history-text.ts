/**
 * What became of a migration, of several that were one, or of a host that moved, in words: for
 * `migrations show`.
 */
import { endText } from '../../slices/ids.ts';
import { plural } from '../../slices/plural.ts';
import { sizeText } from '../../slices/traffic/traffic-text.ts';
import type { Ensemble } from '../../translation/migration/ensemble.ts';
import { rateText } from '../../translation/migration/ensemble-costs-text.ts';
import {
  type HostMove,
  hostMoveName,
  hostMoveText,
  hostStateText,
} from '../../translation/migration/host-move.ts';
import { type MemberMigration, memberWayText } from '../../translation/migration/member-states.ts';
import type { Migration } from '../../translation/migration/migration.ts';
import type { Boundary } from '../../translation/migration/migration-costs.ts';
import { ensembleStateText } from './ensemble-text.ts';
import type { Phased } from './migration-phases.ts';
import { doubtsText, memberStateText, probedText, stateText } from './migration-text.ts';

/** Either of several, with those that it is made of; or of one. */
export interface Found {
  readonly ensemble?: Ensemble;
  readonly migrations: readonly Migration[];
  readonly hostMoves?: readonly HostMove[];
  readonly member?: MemberMigration;
}

export function historyText({ ensemble, migrations, hostMoves = [], member }: Found): string {
  const moves = hostMoves.map((one) => hostMoveLines(one, migrations));
  const own = [...migrations.map(migrationLines), ...moves];
  if (ensemble === undefined) {
    const parts = [...migrations, ...hostMoves].map(partLines);
    const alone = own.map(([title = '', ...rest], i) => [title, ...(parts[i] ?? []), ...rest]);
    return [...alone.flat(), ...(member === undefined ? [] : memberLines(member))].join('\n');
  }
  return [
    `migration ${ensemble.id}: ${ensemble.what}: ${ensembleStateText(ensemble)}`,
    ...plannedLines(ensemble),
    ...phaseLines(ensemble),
    ...exceptionsOf(ensemble).map((text) => line('exception', text)),
    ...costLines(migrations),
    ...boundaryLines(ensemble, 'between the two sides', 'their'),
    ...own.flat(),
  ].join('\n');
}

function partLines({ ensemble }: { readonly ensemble?: number }): readonly string[] {
  return ensemble === undefined ? [] : [line('part of', `migration ${ensemble}`)];
}

function memberLines(one: MemberMigration): readonly string[] {
  const { id, vswitch, strategy, members } = one;
  return [
    `migration ${id}: ${vswitch} ${memberWayText(one)} (${strategy}): ${memberStateText(one)}`,
    ...plannedLines(one),
    ...phaseLines(one),
    line('members', `${members.join(', ')}${one.state.type === 'done' ? '' : ', if it is done'}`),
  ];
}

function plannedLines({ plan = [] }: { readonly plan?: readonly string[] }): readonly string[] {
  return plan.map((text) => `  planned  ${text}`);
}

function exceptionsOf({ state }: Ensemble): readonly string[] {
  return 'exceptions' in state ? (state.exceptions ?? []) : [];
}

/** How it was measured is said with it: what ports count, and not what cables carry. */
function boundaryLines(
  { boundary }: { readonly boundary?: Boundary },
  where: string,
  whose: string,
): readonly string[] {
  if (boundary === undefined) return [];
  const { bytes, peakRate, forMs } = boundary;
  const most = peakRate === 0 ? '' : `, ${rateText(peakRate)} at most`;
  const what = bytes === 0 ? 'nothing' : sizeText(bytes);
  const how = `in ${(forMs / 1000).toFixed(1)} s${most}, by ${whose} ports' counters`;
  return [line('boundary', `${what} crossed ${where} ${how}`)];
}

/** Of all together: what was sent is their sum, and a datapath has held what it held. */
function costLines(migrations: readonly Migration[]): readonly string[] {
  const costs = migrations.flatMap(({ cost }) => (cost === undefined ? [] : [cost]));
  const [fullest] = costs.map(({ peak }) => peak).sort((a, b) => b.entries - a.entries);
  if (fullest === undefined) return [];
  const { on, entries } = fullest;
  const messages = costs.reduce((sum, one) => sum + one.messages, 0);
  const most = `${on} held ${entries} ${entries === 1 ? 'entry' : 'entries'} at most`;
  return [line('cost', `${plural(messages, 'message')} that changed datapaths; ${most}`)];
}

function migrationLines(migration: Migration): readonly string[] {
  const { id, vswitch, from, to, strategy, whyStrategy, aside, rules } = migration;
  const state = `${stateText(migration)}${doubtsText(migration)}`;
  return [
    `migration ${id}: ${vswitch} ${from} -> ${to} (${strategy}): ${state}`,
    ...(whyStrategy === undefined ? [] : [line('strategy', `${strategy}: ${whyStrategy}`)]),
    ...plannedLines(migration),
    ...phaseLines(migration),
    ...(rules === undefined ? [] : [line('rules', String(rules))]),
    ...ackLines(migration),
    ...guardLines(migration),
    ...costLines([migration]),
    ...boundaryLines(migration, `between ${to} and elsewhere`, `${vswitch}'s`),
    ...lossLines(migration),
    ...(aside === undefined ? [] : [`  ${aside.body} was set aside: ${aside.why}`]),
  ];
}

function ackLines({ acks = {} }: Pick<Migration, 'acks'>): readonly string[] {
  const all = Object.entries(acks).map(([name, level]) => `${name} by ${level}`);
  return all.length === 0 ? [] : [line('acknowledged', all.join(', '))];
}

function lossLines(one: Pick<Migration, 'probe' | 'probed'>): readonly string[] {
  return one.probed === undefined ? [] : [line('loss', probedText(one).slice(2))];
}

/** Who led packets to whom, and what was held or dropped. */
function guardLines(migration: Migration): readonly string[] {
  const { from, to, strategy, guard, phases, handOver } = migration;
  if (strategy === 'freeze') {
    const names = ['freeze', 'copy', 'move', 'empty', 'emptied'];
    const frozen = phases.filter(({ name }) => names.includes(name));
    const ms = frozen.reduce((sum, { startedMs, endedMs }) => sum + endedMs - startedMs, 0);
    return frozen.length === 0 ? [] : [line('guards', `${from} dropped what entered for ${ms} ms`)];
  }
  if (handOver === undefined) return [];
  const { redirected, dropped, held, why, tookMs } = handOver;
  const count = guard === 'drop' ? dropped : redirected;
  const packets = count === undefined ? 'packets, uncounted' : plural(count, 'packet');
  const did = guard === 'drop' ? 'dropped' : `led to ${to}`;
  return [
    line('guards', `${from} ${did} what entered there: ${packets}`),
    line('hand-over', `rules waited for ${tookMs} ms`),
    ...(why === undefined ? [] : [line('held', `${plural(held, 'packet')}: ${why}`)]),
  ];
}

/** `migrations`: of the ensemble that it is part of. */
function hostMoveLines(move: HostMove, migrations: readonly Migration[]): readonly string[] {
  const { vswitch, vport, driver, said, unproved, copied } = move;
  return [
    `${hostMoveName(move)}: ${hostMoveText(move)} (${driver}): ${hostStateText(move)}`,
    line('port', endText({ device: vswitch, port: vport })),
    ...plannedLines(move),
    ...phaseLines(move),
    ...said.map((text) => line('driver', text)),
    ...ackLines(move),
    ...(unproved ?? []).map((text) => line('uncertain', `acknowledged by a time only: ${text}`)),
    ...(copied === undefined ? [] : [line('both places', copiedText(copied))]),
    ...(move.probed === undefined ? lossBelow(move, migrations) : lossLines(move)),
  ];
}

/** Of an ensemble, probes go through all vports of the vswitches that migrate. */
function lossBelow(
  { vswitch, vport }: HostMove,
  migrations: readonly Migration[],
): readonly string[] {
  return migrations.flatMap(({ id, vswitch: name, probed }) => {
    const own = probed?.ports.find(({ port }) => port === vport);
    if (name !== vswitch || own === undefined) return [];
    const { sent, lost } = own;
    return [line('loss', `of ${plural(sent, 'probe')} of migration ${id} ${lost} were lost`)];
  });
}

function copiedText(copied: number): string {
  return `${copied === 0 ? 'no frame' : plural(copied, 'frame')} for it left at both`;
}

function line(what: string, text: string): string {
  return `  ${what.padEnd(13)}${text}`;
}

interface Timed extends Phased {
  readonly startedMs: number;
  readonly state: { readonly type: string };
}

function phaseLines({ startedMs, phases, state }: Timed): readonly string[] {
  const isOver = state.type === 'done' || state.type === 'undone';
  const endedMs = isOver ? phases.at(-1)?.endedMs : undefined;
  return [
    `  began    ${new Date(startedMs).toISOString()}`,
    ...phases.map(({ name, startedMs: from, endedMs }) => {
      return `  ${name.padEnd(13)}${String(Math.round(endedMs - from)).padStart(6)} ms`;
    }),
    ...(endedMs === undefined ? [] : [`  ended    ${new Date(endedMs).toISOString()}`]),
  ];
}
