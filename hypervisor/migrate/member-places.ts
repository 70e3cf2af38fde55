/**
 * Big switches of which a member was moved (translation/migration/member-move.ts): their members,
 * and those that the file had then, for the next start.
 */
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { isSameMembers } from '../../slices/network/members.ts';
import type { MovedMembers } from '../../slices/network/snapshot.ts';
import type { Entry } from '../store/journal-entries.ts';
import { movedMembersEntry } from '../store/starting.ts';

export class MemberPlaces {
  #moved: MovedMembers;

  constructor(moved: MovedMembers) {
    this.#moved = moved;
  }

  /** What the file has of it, where that is not `members`. */
  saidOf(name: VswitchName, members: readonly DatapathName[]): readonly DatapathName[] {
    return this.#moved.get(name)?.said ?? members;
  }

  /** From what it was on until now. What a restart has to find. */
  moved(
    name: VswitchName,
    was: readonly DatapathName[],
    on: readonly DatapathName[],
    partial: readonly DatapathName[] = [],
  ): readonly Entry[] {
    const said = this.saidOf(name, was);
    const moved = new Map(this.#moved);
    if (isSameMembers(said, on)) moved.delete(name);
    else {
      const isPart = said.length === 0 || partial.length > 0;
      moved.set(name, { said, on, ...(isPart && { partial }) });
    }
    this.#moved = moved;
    return [movedMembersEntry(moved)];
  }

  /** Another file was applied: members are where it says. What a restart has to find. */
  applied(): readonly Entry[] {
    if (this.#moved.size === 0) return [];
    this.#moved = new Map();
    return [movedMembersEntry(this.#moved)];
  }
}
