/**
 * `migrate red/v1 red/h1 --to s5 --strategy partial` on the control socket: a vswitch gets a second
 * body with a part of its rules, and hosts move there, as one migration, done or undone as a whole
 * (translation/migration/ensemble.ts). Without hosts only the body is made (control-members.ts).
 */
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { type EnsemblePlan, planEnsemble } from '../../translation/migration/ensemble-plan.ts';
import { type MemberMove, planMemberMove } from '../../translation/migration/member-move.ts';
import { partOf } from '../../translation/migration/partial-move.ts';
import type { Problems } from '../../translation/migration/plan.ts';
import type { Reconfiguration } from '../../translation/migration/reconfiguration.ts';
import { movesOf } from '../../translation/migration/wanted-moves.ts';
import { nothing } from '../migrate/apply-plans.ts';
import { circumstancesOf, ensembleCircumstancesOf, knownTargets } from './control-drain.ts';
import { follow } from './control-ensembles.ts';
import { memberCircumstances, whyNoMemberMoves } from './control-members.ts';
import type { Asked, MigrateReply, MigrateResult, MigrateSources } from './migration-asked.ts';
import { optionsOf } from './migration-values.ts';

/** A vswitch, the datapath of its second body, and the hosts that move there. */
interface Part {
  readonly vswitch: VswitchName;
  readonly on: DatapathName;
  readonly hosts: readonly string[];
  readonly move: MemberMove;
}

export function migratePart(context: MigrateSources, asked: Asked, reply: MigrateReply): void {
  const result = (plan: EnsemblePlan | Problems): void =>
    reply.result({ plan } satisfies MigrateResult);
  const part = partAsked(context, asked);
  if ('problems' in part) {
    result(part);
    return;
  }
  context.applying.plan(part.move.config, nothing, (next) => {
    if ('whyNot' in next) result(problemsOf(next.whyNot));
    else planWhole(context, asked, part, next, (plan) => begin(context, asked, plan, reply));
  });
}

function begin(
  context: MigrateSources,
  asked: Asked,
  plan: EnsemblePlan | Problems,
  reply: MigrateReply,
): void {
  // Something else may have begun meanwhile.
  const now = partAsked(context, asked);
  if ('problems' in now) reply.result({ plan: now } satisfies MigrateResult);
  else if (plan.type === 'problems' || asked.isDry) {
    reply.result({ plan } satisfies MigrateResult);
  } else follow(context, asked, plan, reply);
}

/** `next`: what runs when the body has joined. */
function planWhole(
  context: MigrateSources,
  asked: Asked,
  { vswitch, on, hosts, move }: Part,
  next: Reconfiguration,
  done: (plan: EnsemblePlan | Problems) => void,
): void {
  const joined = planMemberMove(move, next, circumstancesOf(context));
  const wanted = { names: hosts, to: asked.to, drivers: asked.drivers ?? [] };
  const found = movesOf(next.snapshot, wanted, knownTargets(context));
  const problems = [
    ...(joined.type === 'problems' ? joined.problems : []),
    ...('problems' in found ? found.problems : whyNotFound(found, on)),
  ];
  if (joined.type === 'problems' || 'problems' in found || problems.length > 0) {
    done(problemsOf(problems));
    return;
  }
  const order = asked.isOrdered === true ? { inOrder: asked.names } : {};
  const now = { ...ensembleCircumstancesOf(context), ...order };
  const options = optionsOf(asked);
  const what = `${options.what} --strategy partial`;
  const steps = planEnsemble(next.snapshot, found, { ...options, what }, now);
  context.scheduler.follow(steps, (plan) => {
    if (plan.type === 'problems') done(plan);
    else done({ ...plan, joins: { vswitch, on }, steps: [...joined.steps, ...plan.steps] });
  });
}

/** Each has to go where the body is: elsewhere it would need none. */
function whyNotFound(
  { hosts, stays }: Exclude<ReturnType<typeof movesOf>, { readonly problems: unknown }>,
  on: DatapathName,
): readonly string[] {
  if (hosts.length === 0) return [`nothing is left to move: ${stays.join('; ')}`];
  return hosts.flatMap(({ host, to }) =>
    to.device === on ? [] : [`${host} is to move to ${to.device}, and the second body is on ${on}`],
  );
}

function partAsked(context: MigrateSources, asked: Asked): Part | Problems {
  const snapshot = context.snapshot();
  const { vswitches, config } = snapshot;
  const isHost = (name: string): boolean => config.hosts.some((host) => host.name === name);
  const names = asked.names.filter((name) => vswitches.has(name as VswitchName));
  const hosts = asked.names.filter(isHost);
  const others = asked.names.filter((name) => !names.includes(name) && !hosts.includes(name));
  const all = asked.to.filter((text) => !text.includes('='));
  const [[vswitch], [on]] = [names as VswitchName[], all as DatapathName[]];
  const isOne = names.length <= 1 && all.length <= 1 && asked.from === undefined;
  const known = [...vswitches.keys(), ...config.hosts.map(({ name }) => name)];
  const strangers = config.hosts.filter(({ name, port }) => {
    return hosts.includes(name) && port.device !== vswitch;
  });
  const problems = [
    ...whyNoMemberMoves(context, vswitch ?? ''),
    ...others.map((name) => noSuchText('vswitch or host', name, known)),
    ...(isOne && (vswitch !== undefined || others.length > 0) ? [] : [ONE_PART]),
    ...(vswitch === undefined
      ? []
      : strangers.map(({ name, port }) => `${name} has a port of ${port.device}, not ${vswitch}`)),
  ];
  if (problems.length > 0 || vswitch === undefined) return problemsOf(problems);
  const move = partOf(snapshot, { name: vswitch, to: on }, memberCircumstances(context));
  if ('type' in move) return move;
  return { vswitch, on: move.to ?? ('' as DatapathName), hosts, move };
}

function problemsOf(problems: readonly string[]): Problems {
  return { type: 'problems', problems };
}

const ONE_PART =
  '"--strategy partial" is for one vswitch and hosts of it: migrate VSWITCH HOST ... --to s5';
