/**
 * The options of a move, as the control socket is given them (control-migration.ts).
 */
import type { VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { EnsembleOptions } from '../../translation/migration/ensemble-plan.ts';
import {
  type AskedStrategy,
  askedStrategies,
  type GuardKind,
  guardKinds,
} from '../../translation/migration/migration.ts';
import type { Found } from '../../translation/migration/wanted-moves.ts';
import { type Params, textOf, textsOf } from './control-values.ts';
import type { Asked } from './migration-asked.ts';

/** What is no way to migrate as a whole: a second body comes, for hosts that move by themselves. */
const PARTIAL = 'partial';

/** How something is to be moved. */
export function howOf(params: Params): Omit<Asked, 'names'> | { readonly whyNot: string } {
  const asked = textOf(params, 'strategy', 'lime');
  const isPartial = asked === PARTIAL;
  const strategy = isPartial ? 'lime' : asked;
  if (!isStrategy(strategy)) {
    const known = [...askedStrategies, PARTIAL].join(', ');
    return { whyNot: `"${strategy}" is not a strategy; known: ${known}` };
  }
  const guard = textOf(params, 'guard', 'redirect');
  if (!isGuard(guard)) {
    return { whyNot: `"${guard}" is not a guard; known: ${guardKinds.join(', ')}` };
  }
  if (guard === 'drop' && strategy === 'freeze') {
    return { whyNot: '"freeze" drops everything and has no guards; leave out "--guard drop"' };
  }
  const from = textOf(params, 'from');
  const holds = params['hold'] === true;
  const portsAtOnce = textOf(params, 'portsAtOnce');
  const groupMax = textOf(params, 'movesAtOnce');
  const wrong = [portsAtOnce, groupMax].find((text) => !/^([1-9][0-9]{0,8})?$/.test(text));
  if (wrong !== undefined) {
    return { whyNot: `"${wrong}" is not how many move at once; write 1 or more` };
  }
  return {
    ...{ to: textsOf(params, 'to'), drivers: textsOf(params, 'driver') },
    withHosts: params['hosts'] === true,
    ...(from !== '' && { from }),
    ...(holds && { holds }),
    ...(isPartial && { isPartial }),
    isOrdered: params['inOrder'] === true,
    ...(portsAtOnce !== '' && { portsAtOnce: Number(portsAtOnce) }),
    ...(groupMax !== '' && { groupMax: Number(groupMax) }),
    ...(guard === 'drop' && { guard }),
    ...(params['probe'] === true && { probe: true }),
    ...{ strategy, isDry: params['dryRun'] === true, isWatched: params['noWatch'] !== true },
  };
}

/** What goes with `everything` only, and would be done for nothing: as the command line has it. */
const ofEverything: Readonly<Record<string, string>> = {
  ...{ dryRun: '--dry-run', to: '--to', hosts: '--hosts', driver: '--driver', probe: '--probe' },
};

/** Why a drain, or its end, is not to be with these where nothing moves. */
export function whyOnlyWays(params: Params): string | undefined {
  const isGiven = (name: string): boolean =>
    params[name] === true || textsOf(params, name).length > 0;
  const given = Object.keys(ofEverything).filter(isGiven);
  const words = given.map((name) => ofEverything[name]).join(' and ');
  return given.length === 0 ? undefined : `${words} ${given.length === 1 ? 'goes' : 'go'} ${WITH}`;
}

const WITH = 'with --everything';

/** Why what is said of hosts would be said for nothing: none of them moves. */
export function whyNoHosts(
  { vswitches, tenants }: Pick<Snapshot, 'vswitches' | 'tenants'>,
  { names, leaves, withHosts = false, drivers = [] }: Asked,
): string | undefined {
  // A name that nothing has is said to be none elsewhere.
  const isOfAll = names.every((name) => vswitches.has(name as VswitchName) || tenants.has(name));
  if (!isOfAll) return undefined;
  const isTenant = names.some((name) => tenants.has(name));
  if (withHosts && (isTenant || leaves !== undefined)) return undefined;
  if (withHosts) return '"--hosts" moves those of tenants, and none is named: name hosts instead';
  if (drivers.length === 0) return undefined;
  const given = drivers.map((one) => `--driver ${one}`).join(' ');
  const named = isTenant ? 'name hosts, or add --hosts' : 'name hosts';
  const hint = leaves === undefined ? named : 'add --hosts';
  return `"${given}" moves hosts, and none is asked for: ${hint}`;
}

function isGuard(text: string): text is GuardKind {
  return guardKinds.some((one) => one === text);
}

function isStrategy(text: string): text is AskedStrategy {
  return askedStrategies.some((one) => one === text);
}

/** Whether what flows decides anything, or is to be told. */
export function isMeasured(
  { strategy, isOrdered = false, isDry }: Asked,
  { moves, hosts }: Found,
  groupMax: number,
): boolean {
  const isOneGroup =
    moves.length + hosts.length <= groupMax && (hosts.length === 0 || moves.length === 0);
  return strategy === 'auto' || (!isOrdered && (isDry || !isOneGroup));
}

export function optionsOf({
  names,
  title,
  to,
  withHosts = false,
  leaves = [],
  left,
  holds = false,
  strategy,
  portsAtOnce,
  guard,
  probe,
  groupMax,
}: Asked): EnsembleOptions {
  const targets = to.map((one) => `--to ${one}`);
  const [first] = leaves;
  const whose = first === undefined ? names : ['drain', left ?? first, '--everything'];
  const hosts = withHosts ? ['--hosts'] : [];
  const what = title ?? [...whose, ...hosts, ...targets].join(' ');
  return {
    ...{ what, strategy, groupMax: groupMax ?? limits.movesAtOnce },
    ...(portsAtOnce !== undefined && { portsAtOnce }),
    ...(guard !== undefined && { guard }),
    ...(probe !== undefined && { probe }),
    ...(first !== undefined && { drains: first }),
    ...(leaves.length > 1 && { vacates: leaves }),
    ...(holds && { holds: true as const }),
  };
}
