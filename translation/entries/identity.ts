/**
 * The identity of the store that wrote a datapath's entries, with the store's generation: an entry
 * of ours that no packet meets (DESIGN, "A store has an identity").
 *
 * Two stores at one datapath would each remove what the other has written. And a store that is
 * older than what a datapath holds, a backup, would remove what came later. So a datapath is not
 * touched before it is known whose it is.
 */

import { fieldOf, matchOf, oxm, oxmNumber } from '../../openflow/match/match.ts';
import { port as ofpp, vlan } from '../../openflow/values/constants.ts';
import type { Match, Message } from '../../openflow/values/values.ts';
import type { PhysicalFlow } from './physical-tables.ts';
import { cookieOf, readCookie, tables } from './pipeline.ts';

export interface Identity {
  /** 64 bits that are no other store's. */
  readonly id: bigint;
  /** Grows with each start, and while things change; durable before it is on a datapath. */
  readonly generation: number;
  /** Of this process, hardly another's: 0xff00 to 0xffff, where no vswitch's number is. */
  readonly run: number;
}

/** The entry that says so, which drops what nothing ever is. */
export function identityFlow({ id, generation, run }: Identity, isFlat: boolean): PhysicalFlow {
  const cookie = cookieOf('store', run, generation);
  const rest = { priority: 0, instructions: [], cookie };
  if (!isFlat) return { ...rest, tableId: tables.identity, match: [oxm('metadata', id)] };
  // In the only table: below all rules, a drop beside a drop, at a port where no frame comes in.
  const match = matchOf(
    oxm('in_port', ofpp.controller),
    oxm('eth_src', id >> 16n),
    oxm('eth_dst', (id & 0xffffn) << 32n),
    oxm('vlan_vid', vlan.none),
  );
  return { ...rest, tableId: 0, match };
}

/** Of changes, those that packets may have followed. */
export function withoutIdentity(changes: readonly Message[]): readonly Message[] {
  return changes.filter(
    (one) => one.type !== 'flowMod' || readCookie(one.cookie)?.kind !== 'store',
  );
}

type Row = Pick<PhysicalFlow, 'cookie' | 'match' | 'tableId'>;

/** What such an entry says; undefined of any other. */
function identityOf({ cookie, match, tableId }: Row): Identity | undefined {
  const parts = readCookie(cookie);
  if (parts?.kind !== 'store') return undefined;
  const id = tableId === tables.identity ? numberOf(match, 'metadata') : idInMacs(match);
  return { id, generation: parts.serial, run: parts.id };
}

function idInMacs(match: Match): bigint {
  return (numberOf(match, 'eth_src') << 16n) | (numberOf(match, 'eth_dst') >> 32n);
}

function numberOf(match: Match, field: 'metadata' | 'eth_src' | 'eth_dst'): bigint {
  const found = fieldOf(match, field);
  return found === undefined ? 0n : oxmNumber(found);
}

export function identityText(id: bigint): string {
  return id.toString(16).padStart(16, '0');
}

/** What of a datapath's entries tells whose it is. */
export interface Traces {
  readonly identities: readonly Identity[];
  /** Numbers of vswitches in cookies of ours, 0 among them; none when nothing of ours is there. */
  readonly vswitches: ReadonlySet<number>;
}

export function tracesIn(rows: readonly Row[]): Traces {
  const identities: Identity[] = [];
  const vswitches = new Set<number>();
  for (const row of rows) {
    const identity = identityOf(row);
    const parts = readCookie(row.cookie);
    if (identity !== undefined) identities.push(identity);
    else if (parts !== undefined) vswitches.add(parts.id);
  }
  return { identities, vswitches };
}

/** What the store knows about that. */
export interface Claimant extends Identity {
  /** Its generation when this process began: what an earlier one can have written. */
  readonly loaded: number;
  /** Whether this process has said it there. */
  readonly hasSaid: boolean;
  /** Whether it is of a version without identities, and which vswitches it knew then. */
  readonly isOld: boolean;
  readonly knownIds: ReadonlySet<number>;
  /** Whether it has sent entries to this datapath before. */
  readonly hasOwned: boolean;
}

export type Verdict =
  /** It says that it is this store's. */
  | { readonly type: 'own' }
  /** Nobody's: say whose it is, and look whether somebody else did so at the same time. */
  | { readonly type: 'free' }
  | { readonly type: 'refused'; readonly why: string };

export function verdictOn({ identities, vswitches }: Traces, store: Claimant): Verdict {
  const other = identities.find(({ id }) => id !== store.id);
  const mine = identityText(store.id);
  if (other !== undefined) {
    const { id, generation } = other;
    const why =
      `it holds the rules of store ${identityText(id)} (generation ${generation}), and this ` +
      `store is ${mine}; name that store's file under "store", or let this one take the switch ` +
      `over: "limevisor run FILE ${wordFor(store)}" removes what this store does not know`;
    return { type: 'refused', why };
  }
  const [own] = identities;
  if (own !== undefined) return isAhead(own, store) ? behind(own, store) : { type: 'own' };
  if (vswitches.size === 0) return { type: 'free' };
  const isKnown = [...vswitches].every((id) => id === 0 || store.knownIds.has(id));
  if (store.hasOwned || (store.isOld && isKnown)) return { type: 'own' };
  const why =
    `it holds entries of a limevisor that do not say of which store, and store ${mine} has not ` +
    'written them; name the store that has under "store", or let this one take the switch over: ' +
    `"limevisor run FILE ${wordFor(store)}" removes what this store does not know`;
  return { type: 'refused', why };
}

/** Whether a process has written it that knew more than this store does. */
function isAhead({ generation, run }: Identity, store: Claimant): boolean {
  const isThisRun = store.hasSaid && run === store.run;
  return !isThisRun && generation > store.loaded;
}

function behind({ generation }: Identity, store: Claimant): Verdict {
  const why =
    `it holds rules of a later state of this store: generation ${generation}, and this one ` +
    `was ${store.loaded} when opened. Is it a copy, or a backup? Name the right file under ` +
    '"store", or go back to this state: "limevisor run FILE --adopt" removes what came later';
  return { type: 'refused', why };
}

/** An empty store has nothing that could be adopted. */
function wordFor({ loaded }: Claimant): string {
  return loaded === 0 ? '--new-store' : '--adopt';
}
