/**
 * The priorities for which a change of a flat body's rules takes levels, and those for which it
 * frees them (priority-map.ts).
 */
import type { Rule } from '../../slices/rules/rulebook.ts';
import type { Change } from '../entries/body.ts';
import type { Use, Width } from './priority-map.ts';

/** In the order in which a body does it: what comes is there before what it replaces has gone. */
export function usesOf(change: Change, widthOf: (rule: Rule) => Width): readonly Use[] {
  if (!('rule' in change)) return [];
  const use = (rule: Rule, by: Use['by']): Use => {
    return { priority: rule.priority, by, width: widthOf(rule) };
  };
  const { rule } = change;
  if (change.type === 'remove') return [use(rule, -1)];
  const before = change.type === 'add' ? change.replaced : change.before;
  return [use(rule, 1), ...(before === undefined ? [] : [use(before, -1)])];
}
