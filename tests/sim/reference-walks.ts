/**
 * What each version of the reference model's rules makes of a frame: at one switch, and through all
 * that it comes to.
 */
import { type Handled, type Out, RuleTable } from './reference-rules.ts';
import type { Step } from './reference-steps.ts';
import { nameOf, type Wiring } from './reference-wiring.ts';
import type { Place } from './trace.ts';

/** What a switch's rules were in the beginning, and what became of them. */
export interface Course {
  readonly before: readonly Step[];
  readonly steps: readonly Step[];
}

/** Versions of a switch's rules, from one to the other, that do the same. */
interface Stretch extends Handled {
  readonly from: number;
  readonly to: number;
  /** What becomes of it, where that is all at hosts. */
  readonly ends: string | undefined;
}

/** Which versions of a switch's rules a frame met. */
export interface Part {
  readonly vswitch: string;
  readonly from: number;
  readonly to: number;
  readonly cookie: bigint | undefined;
}

/** What may become of a frame, as a text, and what it has met then. */
export interface Walk {
  readonly does: string;
  readonly parts: readonly Part[];
}

export interface Entering extends Place {
  readonly src: number;
  readonly dst: number;
}

/** Whether some of these versions may have been met. */
export type Allows = (part: Part) => boolean;

/** More than that say nothing. */
const WALKS_MAX = 3_000;

export class Walks {
  readonly #wiring: Wiring;
  /** By vswitch; where there are several one of them happened. */
  readonly #courses: ReadonlyMap<string, readonly Course[]>;
  readonly #stretches = new Map<string, readonly Stretch[]>();

  constructor(wiring: Wiring, courses: ReadonlyMap<string, readonly Course[]>) {
    this.#wiring = wiring;
    this.#courses = courses;
  }

  /** All that may become of a frame that enters at a switch; undefined if that is too much. */
  from(entering: Entering, allows: Allows): readonly Walk[] | undefined {
    const { vswitch } = entering;
    const all: Walk[] = [];
    for (const { from, to, cookie, isUp, outs, ends } of this.#stretchesAt(entering)) {
      const part = { vswitch, from, to, cookie };
      if (!allows(part)) continue;
      if (ends !== undefined) {
        all.push({ does: ends, parts: [part] });
        continue;
      }
      const on = this.leaving(vswitch, outs, allows);
      if (on === undefined || all.length + on.length > WALKS_MAX) return undefined;
      const here = { does: isUp ? `${vswitch}!` : '', parts: [part] };
      for (const one of on) all.push(both(here, one));
    }
    return all;
  }

  /** All that may become of what leaves by these vports. */
  leaving(vswitch: string, outs: readonly Out[], allows: Allows): readonly Walk[] | undefined {
    let all: readonly Walk[] = [{ does: '', parts: [] }];
    for (const { port, src, dst } of outs) {
      const other = this.#wiring.otherEnd({ vswitch, port });
      const arrives = { does: `${nameOf({ vswitch, port })}:${src}:${dst}`, parts: [] };
      const own = other === undefined ? [arrives] : this.from({ ...other, src, dst }, allows);
      if (own === undefined || all.length * own.length > WALKS_MAX) return undefined;
      all = all.flatMap((one) => own.map((it) => both(one, it)));
    }
    return all;
  }

  #stretchesAt({ vswitch, port, src, dst }: Entering): readonly Stretch[] {
    const key = `${nameOf({ vswitch, port })} ${src} ${dst}`;
    const known = this.#stretches.get(key);
    if (known !== undefined) return known;
    const made: Stretch[] = [];
    for (const { before, steps } of this.#courses.get(vswitch) ?? []) {
      const table = new RuleTable(this.#wiring.ports.get(vswitch) ?? []);
      for (const { apply } of before) apply(table);
      for (let version = 0; version <= steps.length; version += 1) {
        if (version > 0) steps[version - 1]?.apply(table);
        const handled = table.handle(port, src, dst);
        const last = made.at(-1);
        if (last !== undefined && last.to === version - 1 && isSame(last, handled)) {
          made[made.length - 1] = { ...last, to: version };
        } else {
          const ends = this.#endsOf(vswitch, handled);
          made.push({ ...handled, from: version, to: version, ends });
        }
      }
    }
    this.#stretches.set(key, made);
    return made;
  }

  #endsOf(vswitch: string, { isUp, outs }: Handled): string | undefined {
    const isOn = outs.some(({ port }) => this.#wiring.otherEnd({ vswitch, port }) !== undefined);
    if (isOn) return undefined;
    const arrive = outs.map(({ port, src, dst }) => `${nameOf({ vswitch, port })}:${src}:${dst}`);
    return sorted(isUp ? `${vswitch}!` : '', ...arrive);
  }
}

function both(one: Walk, other: Walk): Walk {
  return { does: sorted(one.does, other.does), parts: [...one.parts, ...other.parts] };
}

/** Signs of a frame, in the order of texts. */
export function sorted(...signs: readonly string[]): string {
  const words = signs.filter((one) => one !== '').flatMap((one) => one.split(' '));
  return words.sort().join(' ');
}

function isSame(one: Handled, other: Handled): boolean {
  const isSent = one.isUp === other.isUp && one.cookie === other.cookie;
  return isSent && JSON.stringify(one.outs) === JSON.stringify(other.outs);
}
