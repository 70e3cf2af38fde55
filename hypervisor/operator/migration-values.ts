/**
 * The options of a move, as the control socket is given them (control-migration.ts).
 */
import { limits } from '../../slices/limits.ts';
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
  to,
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
  const what = first === undefined ? [...names, ...targets].join(' ') : `drain ${left ?? first}`;
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
