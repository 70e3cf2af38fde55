/**
 * The owner of a message that corrects a datapath's entries: a refusal concerns that vswitch, or
 * the whole datapath.
 */
import { flowCommand } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import type { Refusal } from './acknowledgements.ts';
import type { HostedVswitch, Tenants } from './tenants.ts';

/** What a message is about. */
export type PartKind = 'rule' | 'group' | 'meter' | 'guard';

/** What a correction was about: the serial of a rule, or the datapath's id of another thing. */
export interface Part {
  readonly kind: PartKind;
  readonly id: number;
}

export interface RefusedPart extends Part {
  readonly refusal: Refusal;
}

export type PartOf = readonly [runtime: HostedVswitch, part: Part];

/**
 * Of an entry's message; undefined when it is wiring, or takes away what must not stay. Groups and
 * meters are told apart where they are sent (intent-corrections.ts).
 */
export function partOf(context: Tenants, message: Message): PartOf | undefined {
  const cookie = cookieOf(message);
  const owner = cookie && context.runtimeById(cookie.id);
  if (owner === undefined) return undefined;
  const rule = ruleIn(cookie);
  if (rule !== undefined) return [owner, rule];
  return cookie?.kind === 'guard' ? [owner, { kind: 'guard', id: 0 }] : undefined;
}

/** The rule whose entry a message makes; undefined when it makes none. */
export function rulePart(message: Message): Part | undefined {
  return ruleIn(cookieOf(message));
}

/** Of an entry that is made. */
function cookieOf(message: Message): ReturnType<typeof readCookie> {
  const isMade = message.type === 'flowMod' && message.command < flowCommand.delete;
  return isMade ? readCookie(message.cookie) : undefined;
}

function ruleIn(cookie: ReturnType<typeof readCookie>): Part | undefined {
  const isRule = cookie?.kind === 'rule' || cookie?.kind === 'tagged';
  return isRule ? { kind: 'rule', id: cookie.serial } : undefined;
}

/** What was refused, by vswitch; undefined when something was that concerns all of them. */
export function refusedParts(
  refusals: readonly Refusal[],
  whose: (index: number) => PartOf | undefined,
): ReadonlyMap<HostedVswitch, readonly RefusedPart[]> | undefined {
  const parts = new Map<HostedVswitch, RefusedPart[]>();
  for (const refusal of refusals) {
    const found = whose(refusal.index);
    if (found === undefined) return undefined;
    const [runtime, part] = found;
    const list = parts.get(runtime) ?? [];
    if (list.length === 0) parts.set(runtime, list);
    list.push({ ...part, refusal });
  }
  return parts;
}
