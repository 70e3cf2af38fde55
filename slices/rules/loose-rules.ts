/**
 * The rules that a modify or a delete that names no rule exactly ("loose", OF1.3.5 section 6.4) is
 * about, from its frame in the rulebook's form: of 1.3, with a match whose fields are in order
 * (openflow/match/match-bytes.ts, `isInOrder`). The same from values: rule-filter.ts.
 */
import { isWithin } from '../../openflow/match/match-bytes.ts';
import { Signature } from '../../openflow/match/match-signature.ts';
import { flowMod } from '../../openflow/messages/messages.ts';
import { group as ofpg, port as ofpp, table } from '../../openflow/values/constants.ts';
import { limits } from '../limits.ts';
import type { RuleArena } from './rule-arena.ts';
import { outputs } from './rule-filter.ts';
import { instructionsIn, record } from './rule-record.ts';

const { get } = record;
const { cookie: COOKIE_AT, cookieMask: MASK_AT } = flowMod.offset;
/** A rule whose actions are read costs as much as so many whose match is compared. */
const LOOKS_AT_ACTIONS = 16;
const wide = new Signature();

export class LooseRules {
  /** By table, then the highest priority first, then the oldest; until the next question. */
  slots: readonly number[] = [];
  /** How many rules were looked at, for how many questions ever. */
  looks = 0;
  readonly #candidates: number[] = [];

  /**
   * Finds those that a frame is about; false when there are more than `most`, or so many would have
   * to be looked at that it takes several turns. Hot.
   */
  find(arena: RuleArena, dv: DataView, at: number, most: number): boolean {
    wide.of(dv, at + flowMod.size);
    const looksMax = this.looks + limits.looseLooksOfOneMax;
    const slots: number[] = [];
    this.slots = slots;
    const candidates = this.#candidates;
    if (!arena.signatures.find(wide, candidates, limits.looseLooksOfOneMax)) return false;
    for (let i = 0; i < candidates.length; i++) {
      const slot = candidates[i] as number;
      this.looks += 1;
      if (this.looks > looksMax) return false;
      if (!this.#isMeant(arena, slot, dv, at)) continue;
      if (slots.length === most) return false;
      slots.push(slot);
    }
    if (slots.length > 1) arena.lists.inOrder(slots);
    return true;
  }

  #isMeant(arena: RuleArena, slot: number, dv: DataView, at: number): boolean {
    const [own, ownAt] = [arena.dv(slot), arena.at(slot)];
    const tableId = flowMod.get.tableId(dv, at);
    if (tableId !== table.all && tableId !== get.tableId(own, ownAt)) return false;
    if (!hasCookie(own, ownAt + record.offset.cookie, dv, at)) return false;
    const content = get.content(own, ownAt);
    const matchAt = at + flowMod.size;
    if (!isWithin(arena.contents.dv(content), arena.contents.at(content), dv, matchAt))
      return false;
    const outPort = flowMod.get.outPort(dv, at);
    const outGroup = flowMod.get.outGroup(dv, at);
    if (outPort === ofpp.any && outGroup === ofpg.any) return true;
    this.looks += LOOKS_AT_ACTIONS;
    return outputs(instructionsIn(arena.contentAt(slot)), { outPort, outGroup });
  }
}

/** Whether a rule's cookie agrees with a flow-mod's where that's mask has ones. */
function hasCookie(own: DataView, cookieAt: number, dv: DataView, at: number): boolean {
  for (let i = 0; i < 8; i += 4) {
    const differs = own.getInt32(cookieAt + i) ^ dv.getInt32(at + COOKIE_AT + i);
    if ((differs & dv.getInt32(at + MASK_AT + i)) !== 0) return false;
  }
  return true;
}
