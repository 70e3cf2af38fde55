/**
 * Vswitches that left the file, came back, or have heirs of their name.
 *
 * What a vswitch has made stays in the store when it leaves, for a name that is missing from a file
 * may be a slip of the pen. So that nobody is given what somebody else has made, a vswitch that
 * comes back has it again only if it is the same one: the same dpid and the same controllers. Any
 * other waits, without rules, until a person has said what is to become of the old ones.
 */

import { dpidText, type VswitchName } from '../ids.ts';
import { type Contents, contentsText, isEmpty, type Remedy } from '../remedy.ts';
import { type Steps, withEach } from '../steps.ts';
import type { Config, VswitchConfig } from './config.ts';
import { listenText, targetText } from './target.ts';

/** A vswitch that left, as the store has it. */
export interface Left {
  /** When a start first found it gone: milliseconds since 1970. */
  readonly sinceMs: number;
  /** Departures are counted; datapaths remember up to which they were cleaned. */
  readonly departure: number;
  /** Who it was (`whoIs`); absent when the store does not know. */
  readonly who?: string;
}

/** What the store knows of vswitches, those of the file and others. */
export interface StoredVswitches {
  /** Every vswitch of which anything is in the store. */
  readonly names: ReadonlySet<VswitchName>;
  readonly left: ReadonlyMap<VswitchName, Left>;
  readonly who: ReadonlyMap<VswitchName, string>;
  contents(name: VswitchName): Contents;
}

/** As people are told. */
export interface LeftReport {
  readonly vswitch: string;
  /** When a start first found it gone: milliseconds since 1970. */
  readonly sinceMs: number;
  readonly contents: Contents;
  /** Whether one of its name is in the file, and waits. */
  readonly hasHeir: boolean;
  /** That vswitch gets the kept rules at the next start (`limevisor restore`). */
  readonly isRestored: boolean;
}

export interface Arrivals {
  /** After this start. */
  readonly left: ReadonlyMap<VswitchName, Left>;
  /** Those that wait for a person's word, and why. */
  readonly heirs: ReadonlyMap<VswitchName, string>;
  readonly who: ReadonlyMap<VswitchName, string>;
  readonly remedies: readonly Remedy[];
}

/** What makes a vswitch the same one when it comes back. */
function vswitchFingerprint({ dpid, controllers, listen }: VswitchConfig): string {
  const targets = [...controllers.map(targetText), ...listen.map(listenText)];
  return [dpidText(dpid), ...targets.sort()].join(' ');
}

/** In steps; `departure` is the number of the departure that this start may find. */
export function* arrivalsOf(
  config: Config,
  census: StoredVswitches,
  departure: number,
  nowMs: number,
): Steps<Arrivals> {
  const own = new Map(config.vswitches.map((one) => [one.name, one]));
  const left = new Map<VswitchName, Left>();
  const heirs = new Map<VswitchName, string>();
  const who = new Map<VswitchName, string>();
  const remedies: Remedy[] = [];
  yield* withEach(census.names, (name) => {
    if (own.has(name)) return;
    const before = census.left.get(name);
    const known = census.who.get(name);
    left.set(
      name,
      before ?? { sinceMs: nowMs, departure, ...(known !== undefined && { who: known }) },
    );
    if (before === undefined) remedies.push(departed(name, census.contents(name)));
  });
  yield* withEach(own, ([name, vswitch]) => {
    const is = vswitchFingerprint(vswitch);
    const before = census.left.get(name);
    const contents = census.contents(name);
    if (before === undefined || isEmpty(contents)) who.set(name, is);
    else if (before.who === is) {
      who.set(name, is);
      remedies.push(returned(name, before, contents));
    } else {
      left.set(name, before);
      const waits = heir(name, before, contents);
      heirs.set(name, `${waits.cause}; ${waits.next}`);
      remedies.push(waits);
    }
  });
  return { left, heirs, who, remedies };
}

function departed(name: VswitchName, contents: Contents): Remedy {
  const has = isEmpty(contents) ? '' : `; the store keeps ${contentsText(contents)} of it`;
  return {
    type: 'left',
    object: name,
    cause: 'it is no longer in the file',
    done: `its rules are removed from the switches${has}`,
    next: isEmpty(contents) ? '' : `"limevisor purge ${name}" deletes them`,
  };
}

function returned(name: VswitchName, { sinceMs }: Left, contents: Contents): Remedy {
  return {
    type: 'returned',
    object: name,
    cause: `it left the file before ${dateText(sinceMs)} and is back, with the same controllers`,
    done: `it has its kept rules again: ${contentsText(contents)}`,
    next: '',
  };
}

function heir(name: VswitchName, { sinceMs, who }: Left, contents: Contents): Remedy {
  const was = who === undefined ? 'the store does not say which it had' : `before: ${who}`;
  return {
    type: 'heir',
    object: name,
    cause:
      `a vswitch of this name left the file before ${dateText(sinceMs)} with ` +
      `${contentsText(contents)}, and this one has another dpid or other controllers (${was})`,
    done: 'it is down and without rules until you decide',
    next:
      `"limevisor purge ${name}" if it is another, "limevisor restore ${name}" if it is ` +
      'to have those rules',
  };
}

/** `2026-11-28 07:43` of UTC. */
export function dateText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
