/**
 * The changes by the parts of a bundle (bundle-commits.ts): to the tenant's tables alone, and the
 * store's entries for all of them.
 */
import { isError } from '../../openflow/values/errors.ts';
import type { FlowMod, OfError } from '../../openflow/values/values.ts';
import type { GroupChange, GroupMod } from '../../slices/groups-meters/groups.ts';
import { newCursor } from '../../slices/rules/cursor.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import type { RoundChange } from '../../translation/changes/round-change.ts';
import type { BundledEffect } from '../../translation/controllers/verdict.ts';
import type { Change } from '../../translation/entries/body.ts';
import type { Entry } from '../store/journal-entries.ts';
import type { Changes } from './changes.ts';
import type { Used } from './changes-user.ts';

/** What a bundle may ask of the tables. */
type Asked = Extract<BundledEffect, { type: 'changeRules' | 'changeGroups' }>;
type Parts = Generator<readonly Change[] | OfError, void>;

/** The tables of a vswitch. */
export interface TablesOwner {
  readonly rulebook: Rulebook;
  readonly groups: Used<GroupChange> & { change(mod: GroupMod): readonly GroupChange[] | OfError };
  readonly changes: Pick<Changes, 'bind' | 'fitting' | 'entriesOf' | 'opened'>;
}

/** A part at a time, or why one cannot be; nobody is told. */
export function* tried(owner: TablesOwner, asked: Asked, nowMs: number): Parts {
  if (asked.type === 'changeGroups') yield* triedGroups(owner, asked.mod);
  else yield* triedRules(owner, asked.mod, nowMs);
}

function* triedRules({ rulebook, changes }: TablesOwner, mod: FlowMod, nowMs: number): Parts {
  const instructions = changes.bind(mod);
  if (isError(instructions)) {
    yield instructions;
    return;
  }
  const cursor = newCursor();
  while (!cursor.isOver) {
    yield changes.fitting(rulebook.applySome({ ...mod, instructions }, cursor, nowMs));
  }
}

/** Rules go with the group that they use. */
function* triedGroups({ rulebook, groups, changes }: TablesOwner, mod: GroupMod): Parts {
  const made = changes.fitting(groups.change(mod));
  const isUser = isError(made) ? undefined : groups.usersOf(made);
  const cursor = newCursor();
  while (isUser !== undefined && !cursor.isOver) {
    yield rulebook.removeSome(isUser, 'groupDelete', cursor);
  }
  yield made;
}

/** In one commit. */
export function entriesOfAll(
  { groups, changes }: TablesOwner,
  all: readonly RoundChange[],
): readonly Entry[] {
  const entries = all.flatMap(({ change }) => {
    if ('rule' in change) return changes.entriesOf([change]);
    return 'group' in change ? groups.entriesOf([change]) : [];
  });
  return [...entries, ...changes.opened(all)];
}
