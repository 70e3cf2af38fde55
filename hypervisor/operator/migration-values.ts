/**
 * How something is to be moved, as the control socket is asked for it (control-migration.ts).
 */
import { type Strategy, strategies } from '../../translation/migration/migration.ts';
import type { Asked } from './control-migration.ts';
import { type Params, textOf, textsOf } from './control-values.ts';

/** How something is to be moved. */
export function howOf(params: Params): Omit<Asked, 'names'> | { readonly whyNot: string } {
  const strategy = textOf(params, 'strategy', 'lime');
  if (!isStrategy(strategy)) {
    return { whyNot: `"${strategy}" is not a strategy; known: ${strategies.join(', ')}` };
  }
  const from = textOf(params, 'from');
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
    ...(portsAtOnce !== '' && { portsAtOnce: Number(portsAtOnce) }),
    ...(groupMax !== '' && { groupMax: Number(groupMax) }),
    ...{ strategy, isDry: params['dryRun'] === true, isWatched: params['noWatch'] !== true },
  };
}

function isStrategy(text: string): text is Strategy {
  return strategies.some((one) => one === text);
}
