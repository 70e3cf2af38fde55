/**
 * Checks that a rule's actions agree with its match: a field may be set only on packets that are
 * known to have it (OF1.3.5 section 7.2.5.8), as Open vSwitch checks it.
 *
 * The match promises what packets have; actions that push and pop change what is promised to those
 * behind them. Open vSwitch is strict with set-field everywhere; with other actions it says so only
 * when nothing else is wrong, and never in an action set, whose order nobody knows.
 */

import { fieldOf, hasPrerequisite, oxm, oxmNumber, withField } from '../../openflow/match/match.ts';
import { vlan } from '../../openflow/values/constants.ts';
import { ofError } from '../../openflow/values/errors.ts';
import { fieldByNumber } from '../../openflow/values/fields.ts';
import type { Action, Instruction, Match, OfError, Oxm } from '../../openflow/values/values.ts';
import { namedField } from '../entries/tenant-registers.ts';

/** Tags that Open vSwitch knows of in one packet. */
const TAGS_MAX = 2;

/** What is known of the packets when an action meets them. */
interface Known {
  match: Match;
  tags: number;
  isConsistent: boolean;
}

/** What is wrong with the actions. `unpromised` counts only when all the rest is right. */
export interface Consistency {
  readonly wrong: OfError | undefined;
  readonly unpromised: OfError | undefined;
}

export function consistencyOf(match: Match, instructions: readonly Instruction[]): Consistency {
  const vid = fieldOf(match, 'vlan_vid');
  const isTagged = vid !== undefined && (Number(oxmNumber(vid)) & vlan.present) !== 0;
  const known: Known = { match, tags: isTagged ? 1 : 0, isConsistent: true };
  const wrong =
    walk(actionsIn(instructions, 'applyActions'), known) ??
    walk(actionsIn(instructions, 'writeActions'), { ...known });
  const why = 'an action needs a prerequisite that the match lacks';
  return { wrong, unpromised: known.isConsistent ? undefined : inconsistent(why) };
}

function actionsIn(
  instructions: readonly Instruction[],
  type: 'applyActions' | 'writeActions',
): readonly Action[] {
  return instructions.flatMap((one) => (one.type === type ? one.actions : []));
}

function walk(actions: readonly Action[], known: Known): OfError | undefined {
  for (const action of actions) {
    const error = meet(action, known);
    if (error !== undefined) return error;
  }
  return undefined;
}

function meet(action: Action, known: Known): OfError | undefined {
  const expect = (isSo: boolean): void => {
    known.isConsistent &&= isSo;
  };
  switch (action.type) {
    case 'setField':
      if (isThere(action.oxm, known)) return undefined;
      return inconsistent('a set-field needs a prerequisite that the match lacks');
    case 'load':
      return areThere(known, action.field);
    case 'move':
      return areThere(known, action.from, action.to);
    case 'popVlan':
      expect(known.tags > 0);
      known.tags = Math.max(0, known.tags - 1);
      return undefined;
    case 'pushVlan':
      if (known.tags >= TAGS_MAX) return ofError('badAction', 'badTag', 'too many tags');
      known.tags += 1;
      return undefined;
    case 'pushMpls':
      become(known, action.ethertype);
      known.match = withField(known.match, noProtocol);
      return undefined;
    case 'popMpls':
      expect(isMpls(known.match));
      become(known, action.ethertype);
      return undefined;
    case 'setMplsTtl':
    case 'decMplsTtl':
      expect(isMpls(known.match));
      return undefined;
    case 'setNwTtl':
    case 'decNwTtl':
      expect([0x0800, 0x86dd].includes(ethertypeOf(known.match)));
      return undefined;
    default:
      return undefined;
  }
}

function isThere({ oxmClass, field }: Oxm, { match, tags }: Known): boolean {
  const row = fieldByNumber(oxmClass, field);
  if (row?.name === 'vlan_vid' || row?.name === 'vlan_pcp') return tags > 0;
  return row !== undefined && hasPrerequisite(match, row);
}

/** Of fields that Nicira's actions name. */
function areThere({ match }: Known, ...headers: readonly number[]): OfError | undefined {
  const isSo = headers.every((header) => {
    const named = namedField(header);
    return named === undefined || hasPrerequisite(match, named.row);
  });
  return isSo ? undefined : inconsistent('a field needs a prerequisite that the match lacks');
}

/** What MPLS carries is opaque: of its protocol nothing is known any more. */
const noProtocol = oxm('ip_proto', 0);

function become(known: Known, ethertype: number): void {
  known.match = withField(known.match, oxm('eth_type', ethertype));
}

function ethertypeOf(match: Match): number {
  const type = fieldOf(match, 'eth_type');
  return type === undefined ? 0 : Number(oxmNumber(type));
}

function isMpls(match: Match): boolean {
  return [0x8847, 0x8848].includes(ethertypeOf(match));
}

function inconsistent(why: string): OfError {
  return ofError('badAction', 'matchInconsistent', why);
}
