/**
 * `limevisor migrate`, and `drain --everything`, which is a migration of all vswitches on a
 * datapath.
 */

import type { Ensemble } from '../../translation/migration/ensemble.ts';
import { costText } from '../../translation/migration/ensemble-costs-text.ts';
import type { EnsemblePlan } from '../../translation/migration/ensemble-plan.ts';
import type { HostMove } from '../../translation/migration/host-move.ts';
import type { MemberPlan } from '../../translation/migration/member-move.ts';
import {
  type MemberMigration,
  memberWayText,
  placeText,
} from '../../translation/migration/member-states.ts';
import { isOver, type Migration } from '../../translation/migration/migration.ts';
import type { Problems } from '../../translation/migration/plan.ts';
import { Ending, exitCodes, note, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import type { DrainResult } from './control-drain.ts';
import type { MemberMoved } from './control-members.ts';
import { ensembleProgressText, ensembleText } from './ensemble-text.ts';
import { hostProgressText, noteUnreachable } from './host-commands.ts';
import { membersLeftText } from './member-text.ts';
import type { EnsembleEvent, MigrateResult } from './migration-asked.ts';
import {
  leftText,
  memberProgressText,
  probedText,
  progressText,
  seenText,
} from './migration-text.ts';
import { ProgressBar } from './progress-bar.ts';

export interface MigrateOptions extends Options {
  readonly to: readonly string[];
  /** Hosts of tenants, too, and who moves hosts. */
  readonly hosts?: boolean;
  readonly driver?: readonly string[];
  readonly from?: string;
  readonly inOrder?: boolean;
  readonly strategy: string;
  readonly portsAtOnce?: string;
  readonly guard?: string;
  /** Loss is measured. */
  readonly probe?: boolean;
  readonly movesAtOnce?: string;
  readonly dryRun?: boolean;
  /** Commander's, of `--no-watch`. */
  readonly watch: boolean;
}

export async function migrate(names: readonly string[], options: MigrateOptions): Promise<void> {
  await moved('migrate', { vswitch: names, ...paramsOf(options) }, options);
}

/** How something is to be moved, as it is asked for. */
export function paramsOf({
  to,
  hosts,
  driver = [],
  from,
  inOrder,
  strategy,
  portsAtOnce,
  guard,
  probe,
  movesAtOnce,
  dryRun,
  watch,
}: MigrateOptions): object {
  return {
    ...{ to, strategy, dryRun: dryRun === true, noWatch: !watch },
    ...(hosts === true && { hosts }),
    ...(inOrder === true && { inOrder }),
    ...(driver.length > 0 && { driver }),
    ...(from !== undefined && { from }),
    ...(portsAtOnce !== undefined && { portsAtOnce }),
    ...(guard !== undefined && { guard }),
    ...(probe === true && { probe }),
    ...(movesAtOnce !== undefined && { movesAtOnce }),
  };
}

/** What drivers printed that did not move their hosts. */
export function driverLines(hosts: readonly HostMove[]): readonly string[] {
  const failed = hosts.filter(({ state }) => state.type === 'undone');
  return failed.flatMap(({ host, said }) => said.map((line) => `  ${host}: ${line}`));
}

/** Asks for it, tells how it goes, and ends as it ended. */
export async function moved(
  method: 'migrate' | 'drain' | 'undrain',
  params: object,
  { socket, json }: Options,
): Promise<void> {
  let last: Migration | undefined;
  let whole: Ensemble | undefined;
  /** Of a member's move. */
  let leftId: number | undefined;
  const bar = new ProgressBar();
  const goesOn = (): void => {
    bar.end();
    note(whole === undefined ? leftText(last, leftId) : leftWholeText(whole));
    const { type } = whole?.state ?? last?.state ?? {};
    const isEnd = type === 'done' || type === 'undone';
    process.exit(isEnd ? (type === 'done' ? 0 : exitCodes.undone) : 130);
  };
  process.once('SIGINT', goesOn);
  const result = await ask<MigrateResult & Pick<DrainResult, 'text'>>(
    socket,
    method,
    params,
    (event) => {
      if (isOfMember(event)) {
        leftId = event.id;
        if (!json) note(memberProgressText(event));
        return;
      }
      const { ensemble, member, host } = event as EnsembleEvent;
      const isOne = ensemble === undefined && member === undefined && host === undefined;
      whole = ensemble ?? whole;
      // What came an old way afterwards is said at the end.
      const isTold = isOne && last !== undefined && isOver(last);
      if (isOne) last = event as Migration;
      const line = isOne ? progressText(event as Migration) : eventText(event as EnsembleEvent);
      const moving = isOne ? last : member;
      if (moving !== undefined) bar.is(moving, whole);
      if (!json && !isTold) bar.line(line);
    },
  ).finally(() => bar.end());
  process.off('SIGINT', goesOn);
  const { plan, migration, ensemble, members = [], member, text, membersLeft = [] } = result;
  if (!json) for (const line of driverLines(result.hosts ?? [])) note(line);
  if (json) say(JSON.stringify(result));
  if (plan.type === 'problems') {
    throw new Ending(exitCodes.rejected, `cannot ${method}:\n  ${plan.problems.join('\n  ')}`);
  }
  if (!json) await noteUnreachable(socket, result.hosts ?? []);
  if (ensemble !== undefined) endWhole(ensemble, members, json === true);
  else {
    const answer = text ?? endedText(plan, migration, member);
    if (!json) say(answer);
  }
  if (!json) for (const line of membersLeftText(membersLeft)) say(line);
  if (membersLeft.some(({ why }) => why !== undefined)) process.exitCode = exitCodes.failed;
}

/** What it would do, or how it ended. */
function endedText(
  plan: Exclude<MigrateResult['plan'], Problems>,
  migration: Migration | undefined,
  member: MemberMoved | undefined,
): string {
  if (plan.type === 'memberPlan') return memberText(plan, member);
  if ('groups' in plan) return planText(plan);
  const { vswitch, from, to, strategy, whyStrategy, steps, cost } = plan;
  if (migration === undefined) {
    const lines = [...steps, ...(cost === undefined ? [] : costText(cost))];
    const how = whyStrategy === undefined ? strategy : `${strategy}, since ${whyStrategy}`;
    return `${vswitch}: ${from} -> ${to} (${how})\n  ${lines.join('\n  ')}`;
  }
  const took = migration.stateSinceMs - migration.startedMs;
  const seen = `${seenText(migration.watched)}${probedText(migration)}`;
  if (migration.state.type === 'undone') {
    throw new Ending(exitCodes.undone, `undone after ${took} ms: ${migration.state.why}${seen}`);
  }
  return `${vswitch} lives on ${to} now; it took ${took} ms${seen}`;
}

/** What it would do, or what came of it. */
function memberText(plan: MemberPlan, member: MemberMoved | undefined): string {
  const { vswitch, members, partial, steps } = plan;
  if (member === undefined) return `${vswitch}: ${memberWayText(plan)}\n  ${steps.join('\n  ')}`;
  const { whyNot, tookMs, said, isInFile } = member;
  if (whyNot !== undefined) {
    throw new Ending(exitCodes.undone, `undone after ${tookMs} ms: ${whyNot.join('; ')}`);
  }
  const written = `write "${placeText(members, partial)}" into the file, as which it is remembered`;
  const lines = [
    `${vswitch} ${hasText(plan)}; it took ${tookMs} ms`,
    ...said,
    ...(isInFile ? [] : [written]),
  ];
  return lines.join('\n');
}

function hasText({ vswitch, from, to, members }: MemberPlan): string {
  if (to === undefined) {
    if (members.length > 0) return `is on ${members.join(' + ')} now, without ${from}`;
    return `is on one datapath now, as a whole, without ${from}: "limevisor status ${vswitch}"`;
  }
  if (from === undefined) return `has a body on ${to} now, with a part of its rules`;
  return `has the member ${to} in place of ${from} now`;
}

/** Of a member of a big switch, or of a migration, or of an ensemble. */
function isOfMember(event: unknown): event is MemberMigration {
  return (event as Partial<MemberMigration>).strategy === 'member';
}

/** Undefined for what is not told: a member's own states. */
function eventText({ ensemble, host }: EnsembleEvent): string | undefined {
  if (ensemble !== undefined) return ensembleProgressText(ensemble);
  return host === undefined ? undefined : `  ${hostProgressText(host)}`;
}

function leftWholeText({ id, state }: Ensemble): string {
  const type = state.type;
  if (type === 'done' || type === 'undone') return `it is ${type}; see "limevisor migrations"`;
  return `the migration goes on; see "limevisor status", or "limevisor undo ${id}" to take it back`;
}

function endWhole(ensemble: Ensemble, members: readonly Migration[], json: boolean): void {
  const { state } = ensemble;
  const probed = members.map((one) => {
    const text = probedText(one);
    return text === '' ? '' : `; ${one.vswitch}${text.slice(1)}`;
  });
  const text = ensembleText(ensemble, members.filter(isOver)) + probed.join('');
  if (state.type === 'undone') throw new Ending(exitCodes.undone, text);
  if (!json) say(text);
}

/** What it would do, what it costs, and what is not part of it. */
function planText({ what, steps, cost, stays, byHand }: EnsemblePlan): string {
  const lines = [...steps, ...costText(cost), ...stays, ...byHand.map((one) => `by hand: ${one}`)];
  return `${what}\n  ${lines.join('\n  ')}`;
}
