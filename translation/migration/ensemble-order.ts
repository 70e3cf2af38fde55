/**
 * The order of an ensemble's remaining members is computed anew after a group has moved, by the
 * traffic that was measured since (move-order.ts): it changes when some have moved, or with time.
 */
import type { Ensemble } from './ensemble.ts';
import type { Member } from './ensemble-members.ts';
import { groupsOf, type Traffic } from './move-order.ts';
import { nameOf } from './traffic.ts';

/** The same ensemble, where the order is to stay as it was. */
export function regrouped(
  ensemble: Ensemble,
  traffic: Traffic,
  isThere: (name: string) => boolean,
): Ensemble {
  const { state, members, groupMax } = ensemble;
  if (groupMax === undefined || state.type !== 'move') return ensemble;
  const isLeft = (one: Member): boolean => one.group >= state.group;
  // Those that make room do so together, when all others have moved.
  const last = members.filter((one) => isLeft(one) && makesRoom(one));
  const left = new Map(
    members.flatMap((one): readonly (readonly [string, Member])[] => {
      return isLeft(one) && !makesRoom(one) ? [[nameOf(one.move), one]] : [];
    }),
  );
  const kindOf = (name: string): string => left.get(name)?.move.type ?? '';
  const { groups } = groupsOf([...left.keys()], traffic, groupMax, { kindOf, isThere });
  const next = groups.flatMap((names, i) =>
    names.flatMap((name): readonly Member[] => {
      const one = left.get(name);
      return one === undefined ? [] : [{ ...one, group: state.group + i }];
    }),
  );
  const end = last.map((one) => ({ ...one, group: state.group + groups.length }));
  const before = members.filter((one) => !isLeft(one));
  return { ...ensemble, members: [...before, ...next, ...end] };
}

function makesRoom({ move }: Member): boolean {
  return move.type === 'vswitch' && move.emptiesFirst === true;
}
