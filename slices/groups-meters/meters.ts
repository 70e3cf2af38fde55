/**
 * The meter table: the meters that a tenant believes it made (OF1.3.5 sections 5.7 and 6.6).
 *
 * It decides what a meter-mod means, as the rulebook does for flow-mods and the group table for
 * group-mods. A tenant's meter ids have 32 bits; each meter has one of the datapaths' ids for as
 * long as it is there. The reserved ones are on no datapath: what goes to the controller is
 * measured by us (packet-in-meter.ts), and a vswitch has no slow path of its own.
 */
import { meterCommand, meter as ofpm } from '../../openflow/values/constants.ts';
import { ofError } from '../../openflow/values/errors.ts';
import type { Instruction, Message, MeterConfig, OfError } from '../../openflow/values/values.ts';
import { LazySet } from '../lazy-collections.ts';
import { limits } from '../limits.ts';
import { boundless, type Room } from '../room.ts';
import { RuleCounter } from '../rules/rule-counters.ts';
import { BelowIds, IdTable } from './id-table.ts';

export type MeterMod = Extract<Message, { type: 'meterMod' }>;

/** One meter of a tenant. A modify makes a new value, whose counters begin at zero. */
export interface Meter extends MeterConfig {
  /** Its id on every datapath; NOWHERE of a reserved one. */
  readonly below: number;
  /** When the tenant added it: a modify leaves that alone. Milliseconds of the world's clock. */
  readonly addedMs: number;
  /** What came to it. */
  readonly counter: RuleCounter;
  /** What each band dropped or changed. */
  readonly counters: readonly RuleCounter[];
}

export type MeterChange =
  | { readonly type: 'addMeter'; readonly meter: Meter }
  | { readonly type: 'modifyMeter'; readonly meter: Meter; readonly before: Meter }
  | { readonly type: 'removeMeter'; readonly meter: Meter };

/** No datapath's id. */
const NOWHERE = 0;

/** The datapaths' ids for tenants' meters, of all vswitches. */
export function meterIds(remembered: readonly number[] = []): BelowIds {
  return new BelowIds(
    1,
    0xffff,
    remembered.filter((below) => below !== NOWHERE),
  );
}

/** Whether it is for all packets of a kind, and no rule may name it (section 7.3.4.4). */
export function isReserved(meterId: number): boolean {
  return meterId === ofpm.controller || meterId === ofpm.slowpath;
}

export class MeterTable {
  readonly #ids: BelowIds;
  readonly #meters = new IdTable<Meter>();
  /** Datapaths' ids of meters that are gone, until datapaths have said so. */
  readonly #loose = new LazySet<number>();

  readonly #room: Room;

  /** `room` is what the meters of all vswitches of the tenant leave. */
  constructor(ids: BelowIds, room: Room = boundless) {
    this.#ids = ids;
    this.#room = room;
  }

  /** Of those that datapaths have: a reserved one costs them nothing. */
  get size(): number {
    return this.below().length;
  }

  meters(): readonly Meter[] {
    return this.#meters.all();
  }

  /** Another after each change. */
  get revision(): number {
    return this.#meters.revision;
  }

  /** Those that datapaths have. */
  below(): readonly Meter[] {
    return this.meters().filter(({ below }) => below !== NOWHERE);
  }

  /** The ids that meters have, or had a moment ago, on datapaths. */
  idsBelow(): readonly number[] {
    return [...this.below().map(({ below }) => below), ...this.#loose];
  }

  byId(meterId: number): Meter | undefined {
    return this.#meters.byId(meterId);
  }

  /**
   * Puts back meters that the store remembers, each with its id below, which `ids` has. Answers
   * those that have another id now, since the store gave theirs to others as well.
   */
  restore(all: readonly Meter[]): Meter[] {
    const meters = all.map((one) => {
      return one.below === NOWHERE ? one : { ...one, below: this.#ids.claim(one.below) };
    });
    for (const meter of meters) this.#meters.put(meter.meterId, meter);
    return meters.filter(({ below }, i) => below !== all[i]?.below);
  }

  /** What a meter-mod changes; the book is changed when this returns. */
  apply(mod: MeterMod, nowMs: number): readonly MeterChange[] | OfError {
    switch (mod.command) {
      case meterCommand.add:
        return this.#add(mod, nowMs);
      case meterCommand.modify:
        return this.#modify(mod);
      default:
        return this.#delete(mod.meterId);
    }
  }

  /** Takes a change back that a datapath refused; the book is as it was before it. */
  revert(change: MeterChange): void {
    const { meter } = change;
    const { meterId, below } = meter;
    if (change.type === 'removeMeter') {
      if (this.#meters.putBack(meterId, meter)) this.#loose.delete(below);
      return;
    }
    const before = change.type === 'modifyMeter' ? change.before : undefined;
    if (!this.#meters.revert(meterId, meter, before)) return;
    const stands = this.#meters.byId(meterId);
    if (stands === undefined) this.#loose.add(below);
    else this.#loose.delete(stands.below);
  }

  /** Every change up to now was acknowledged: ids of meters that are gone may be others'. */
  settle(): void {
    for (const below of this.#loose) this.#ids.free(below);
    this.#loose.clear();
  }

  /** Instructions with the datapaths' ids of the meters that they name: those must be there. */
  bind(instructions: readonly Instruction[]): readonly Instruction[] | OfError {
    const bound: Instruction[] = [];
    for (const one of instructions) {
      if (one.type !== 'meter') {
        bound.push(one);
        continue;
      }
      const meter = this.#meters.byId(one.meterId);
      if (meter === undefined || isReserved(one.meterId)) {
        return ofError(
          'meterModFailed',
          'invalidMeter',
          `meter ${one.meterId} cannot be used in a rule`,
        );
      }
      bound.push({ ...one, below: meter.below });
    }
    return bound;
  }

  #add(mod: MeterMod, nowMs: number): readonly MeterChange[] | OfError {
    if (this.#meters.byId(mod.meterId) !== undefined) {
      return ofError('meterModFailed', 'meterExists', `meter ${mod.meterId} already exists`);
    }
    if (this.#meters.size >= limits.metersPerVswitchMax || this.#ids.left === 0) {
      const why = `this vswitch already has ${this.#meters.size} meters, the limit`;
      return ofError('meterModFailed', 'outOfMeters', why);
    }
    if (!isReserved(mod.meterId) && this.#room.left() < 1) {
      return ofError('meterModFailed', 'outOfMeters', this.#room.why());
    }
    const meter = made(mod, isReserved(mod.meterId) ? NOWHERE : this.#ids.take(), nowMs);
    this.#meters.put(meter.meterId, meter);
    return [{ type: 'addMeter', meter }];
  }

  #modify(mod: MeterMod): readonly MeterChange[] | OfError {
    const before = this.#meters.byId(mod.meterId);
    if (before === undefined) {
      return ofError('meterModFailed', 'unknownMeter', `meter ${mod.meterId} does not exist`);
    }
    const meter = made(mod, before.below, before.addedMs);
    this.#meters.put(meter.meterId, meter);
    return [{ type: 'modifyMeter', meter, before }];
  }

  /** What is not there is deleted already (OF1.3.5 section 6.6). */
  #delete(meterId: number): readonly MeterChange[] {
    const one = this.#meters.byId(meterId);
    const gone = meterId === ofpm.all ? this.meters() : one === undefined ? [] : [one];
    for (const meter of gone) {
      this.#meters.delete(meter.meterId);
      if (meter.below !== NOWHERE) this.#loose.add(meter.below);
    }
    return gone.map((meter) => ({ type: 'removeMeter', meter }));
  }
}

function made({ meterId, flags, bands }: MeterConfig, below: number, addedMs: number): Meter {
  const counters = bands.map(() => new RuleCounter());
  return { meterId, flags, bands, below, addedMs, counter: new RuleCounter(), counters };
}

/** The meter that a rule uses, if any. */
export function meterUsed(instructions: readonly Instruction[]): number | undefined {
  const one = instructions.find((instruction) => instruction.type === 'meter');
  return one?.meterId;
}
