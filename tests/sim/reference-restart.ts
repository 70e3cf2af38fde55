/**
 * What the reference model says of a trace in which the process of the hypervisor was killed, and
 * of one in which it was not.
 *
 * Until it is killed, and from the first barrier that is answered afterwards, vswitches are what
 * they always are. What was asked for and not acknowledged may be lost then: so each switch goes on
 * with some of its rules' versions, none older than the newest that a barrier acknowledged; any
 * that explains the rest is as good as another. In between a packet may be lost, on its way up for
 * one, and else meets any of these versions, but no older one. Of packets before, those may be lost
 * of which the process has a copy when it is killed, or would get one later (`Trace.died`), and no
 * others: a switch whose control plane dies loses what it was about to tell, and what waits there
 * to go on.
 */
import { type Case, type Circumstances, ON_THE_WAY_MS, Reference } from './reference.ts';
import { journeysIn } from './reference-journeys.ts';
import { type Step, stepsOf } from './reference-steps.ts';
import { type Course, sorted, Walks } from './reference-walks.ts';
import { type Sent, SwitchTrace, type Trace } from './trace.ts';

/** Of what was not acknowledged more is tried on no account. */
const TRIES_MAX = 30;

/** What no switches could have shown, in words. */
export function impossibleIn(trace: Trace, circumstances: Circumstances): readonly string[] {
  if (trace.killedMs !== undefined) return aroundKill(trace, trace.killedMs, circumstances);
  const again = [...trace.switches].filter(([, { length }]) => length > 1);
  const all = [...trace.switches].flatMap(([name, [one]]) => (one ? [[name, one] as const] : []));
  const found = new Reference(caseOf(new Map(all), trace.frames), circumstances).troubles();
  return [...again.map(([name]) => `the controller of ${name} was hung up on`), ...found];
}

function caseOf(
  traces: ReadonlyMap<string, SwitchTrace>,
  frames: ReadonlyMap<number, Sent>,
  before: ReadonlyMap<string, readonly Step[]> = new Map(),
): Case {
  const courses = [...traces].map(([name, one]) => {
    return [name, { before: before.get(name) ?? [], steps: stepsOf(one) }] as const;
  });
  return { courses: new Map(courses), traces, frames };
}

const ANY = (): boolean => true;

/** A vswitch before and after. */
interface Lives {
  readonly name: string;
  readonly first: SwitchTrace;
  readonly second: SwitchTrace;
  /** What was asked for before, and how much of it a barrier has acknowledged. */
  readonly asked: readonly Step[];
  readonly acknowledged: number;
  /** Of that, how much before any packet was sent that came around the kill. */
  readonly certain: number;
  readonly backMs: number;
}

function aroundKill(
  trace: Trace,
  killedMs: number,
  circumstances: Circumstances,
): readonly string[] {
  const { lieMs } = circumstances;
  const lastMs = killedMs - ON_THE_WAY_MS;
  const all = [...trace.switches].map(([name, lives]) => livesOf(name, lives, killedMs, lieMs));
  const lost = all.filter(({ backMs }) => backMs === Infinity);
  if (lost.length > 0) return lost.map(({ name }) => `${name} has not come back`);
  const firstMs = Math.max(...all.map(({ backMs }) => backMs)) + lieMs;
  const some = (isIt: (sent: Sent) => boolean): ReadonlyMap<number, Sent> =>
    new Map([...trace.frames].filter(([, sent]) => isIt(sent)));
  const how: Circumstances = { ...circumstances, countersOff: 'unknown' };
  const first = new Map(all.map((one) => [one.name, one.first]));
  const early = caseOf(
    first,
    some(({ atMs }) => atMs < lastMs),
  );
  const between = some(({ atMs }) => atMs >= lastMs && atMs < firstMs);
  const late = some(({ atMs }) => atMs >= firstMs);
  const mayDie: Circumstances = {
    ...how,
    mayLose: (id, sent) => trace.died.has(id) || how.mayLose?.(id, sent) === true,
  };
  return [
    ...new Reference(early, mayDie).troubles().map((one) => `before the kill: ${one}`),
    ...troublesBetween(all, between, how),
    ...troublesAfter(all, late, how).map((one) => `after the kill: ${one}`),
  ];
}

function livesOf(
  name: string,
  [first, second = new SwitchTrace(0n)]: readonly SwitchTrace[],
  killedMs: number,
  lieMs: number,
): Lives {
  const own = new SwitchTrace(0n);
  const { changes = [], sentBack = [], ups = [], removed = [], counted = [] } = first ?? {};
  // What it sent afterwards nobody has read.
  own.changes.push(...changes.filter(({ atMs }) => atMs < killedMs));
  own.sentBack.push(...sentBack);
  own.ups.push(...ups);
  own.removed.push(...removed);
  own.counted.push(...counted);
  const asked = stepsOf(own);
  const until = (ms: number): number => asked.findLastIndex(({ ackedMs }) => ackedMs < ms) + 1;
  const certain = until(killedMs - ON_THE_WAY_MS - lieMs);
  const backMs = Math.min(Infinity, ...second.changes.map(({ ackedMs }) => ackedMs));
  return { name, first: own, second, asked, acknowledged: until(Infinity), certain, backMs };
}

/** With any that are left of each switch's versions; in words what is wrong with the newest. */
function troublesAfter(
  all: readonly Lives[],
  frames: ReadonlyMap<number, Sent>,
  circumstances: Circumstances,
): readonly string[] {
  const second = new Map(all.map((one) => [one.name, one.second]));
  let troubles: readonly string[] | undefined;
  for (const before of beginnings(all).slice(0, TRIES_MAX)) {
    const found = new Reference(caseOf(second, frames, before), circumstances).troubles();
    if (found.length === 0) return [];
    troubles ??= found;
  }
  return troubles ?? [];
}

/** What each switch may have begun with, the newest first. */
function beginnings(all: readonly Lives[]): readonly ReadonlyMap<string, readonly Step[]>[] {
  let made: readonly (readonly (readonly [string, readonly Step[]])[])[] = [[]];
  for (const { name, asked, acknowledged } of all) {
    const counts = Array.from({ length: asked.length - acknowledged + 1 }, (_, i) => i);
    const own = counts.map((i) => [name, asked.slice(0, asked.length - i)] as const);
    made = made.flatMap((one) => own.map((it) => [...one, it]));
  }
  return made.map((one) => new Map(one));
}

/** Packets around the kill: what was acknowledged is not lost. */
function troublesBetween(
  all: readonly Lives[],
  frames: ReadonlyMap<number, Sent>,
  { wiring }: Circumstances,
): readonly string[] {
  const courses = all.map(({ name, asked, certain, second }): [string, readonly Course[]] => {
    const steps = stepsOf(second);
    const whole = { before: asked.slice(0, certain), steps: [...asked.slice(certain), ...steps] };
    const shorter = Array.from({ length: asked.length - certain }, (_, i): Course => {
      return { before: asked.slice(0, certain + i), steps };
    });
    return [name, [whole, ...shorter]];
  });
  const walks = new Walks(wiring, new Map(courses));
  const lives = all.flatMap(({ name, first, second }) => [
    [name, first] as const,
    [name, second] as const,
  ]);
  return journeysIn(frames, lives, wiring).flatMap(({ id, atMs, src, dst, start, signs }) => {
    const does = signs.map(({ what }) => what);
    const may =
      'outs' in start
        ? walks.leaving(start.vswitch, start.outs, ANY)
        : walks.from({ ...start, src, dst }, ANY);
    if (does.length === 0 || may === undefined) return [];
    const isIt = may.some((one) => does.every((sign) => one.does.split(' ').includes(sign)));
    if (isIt) return [];
    const what = `"${sorted(...does)}", by rules older than what was acknowledged`;
    return [`around the kill: frame ${id} at ${atMs.toFixed(1)}: ${what}`];
  });
}
