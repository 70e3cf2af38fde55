/**
 * The members of big switches at a start, by the file and the store together: a moved member stays
 * where it was moved to, as long as the file has the former members. A file that names others takes
 * precedence, as in `limevisor apply`.
 */

import type { Config } from '../../slices/config/config.ts';
import { withMembers } from '../../slices/config/members.ts';
import type { VswitchName } from '../../slices/ids.ts';
import { isSameMembers } from '../../slices/network/members.ts';
import type { MovedMembers } from '../../slices/network/snapshot.ts';
import type { Remedy } from '../../slices/remedy.ts';
import { placeText } from './member-states.ts';

type Moved = MovedMembers extends ReadonlyMap<VswitchName, infer T> ? T : never;

export interface MembersAtStart {
  /** The file, with members where they are. */
  readonly config: Config;
  readonly movedMembers: MovedMembers;
  readonly remedies: readonly Remedy[];
}

export function membersAtStart(file: Config, known: MovedMembers): MembersAtStart {
  const datapaths = new Set(file.datapaths.map(({ name }) => name));
  const written = new Map(file.vswitches.map(({ name, members = [] }) => [name, members]));
  const kept = [...known].filter(([name, { said, on }]) => {
    const isSame = isSameMembers(written.get(name) ?? [], said);
    return isSame && on.every((one) => datapaths.has(one));
  });
  const config = kept.reduce((now, [name, { on, partial }]) => {
    const as = partial === undefined ? {} : ({ consistency: 'eventual', partial } as const);
    return withMembers(now, name, on, as);
  }, file);
  return { config, movedMembers: new Map(kept), remedies: kept.map(elsewhere) };
}

function elsewhere([name, { said, on, partial }]: readonly [VswitchName, Moved]): Remedy {
  const where = on.join(', ');
  const isPart = said.length === 0;
  return {
    type: 'moved',
    object: name,
    cause: isPart
      ? 'the file has it on one datapath, and it was cloned in part'
      : `the file has it on ${said.join(', ')}, and a member was moved`,
    done: `it is on ${where}`,
    next: `write "${placeText(on, partial)}", or move it back`,
  };
}
