/**
 * The meters of a vswitch while it runs: meter-mods, statistics over all bodies, what the bodies'
 * datapaths can do (translation/requests/meter-mod.ts), and the one meter that is ours
 * (OFPM_CONTROLLER).
 */

import { meterCommand, ofError, meter as ofpm } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type {
  MeterFeatures,
  MeterStats,
  MultipartReplyBody,
  OfError,
} from '../../openflow/values/values.ts';
import {
  type Meter,
  type MeterChange,
  type MeterMod,
  type MeterTable,
  meterUsed,
} from '../../slices/groups-meters/meters.ts';
import { PacketInMeter } from '../../slices/groups-meters/packet-in-meter.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { counted } from '../../slices/rules/rule-counters.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import { durationOf } from '../../translation/controllers/statistics.ts';
import type { MetersRequest } from '../../translation/controllers/verdict.ts';
import type { Owner } from '../../translation/datapath/contribution.ts';
import {
  abilities,
  commonFeatures,
  refuseBandCount,
  refuseMeter,
  shownMeter,
} from '../../translation/requests/meter-mod.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import type { Journal } from '../store/journal.ts';
import type { Entry } from '../store/journal-entries.ts';
import { perform } from '../store/ready.ts';
import { SharedRead } from '../world/shared-read.ts';
import { whenAll } from '../world/when-all.ts';
import type { World } from '../world/world.ts';
import type { UsedBy } from './changes-user.ts';
import type { WithVswitch } from './configured.ts';
import type { Reversal } from './revert.ts';
export interface MetersContext extends Datapaths {
  readonly world: World;
  readonly journal: Journal;
}
/** Where meters live, and the rules that use them. */
export interface MetersOwner extends WithVswitch {
  readonly rulebook: Rulebook;
}

export class Meters {
  static readonly #readBodies = (own: Meters, landed: () => void): void =>
    whenAll(own.#owner.placement.bodies, (body, done) => own.readBody(body, done), landed);

  readonly table: MeterTable;
  readonly #context: MetersContext;
  readonly #owner: MetersOwner;
  #sharedRead: SharedRead<Meters> | undefined;

  /** While the tenant has OFPM_CONTROLLER. */
  #up: PacketInMeter | undefined;

  constructor(context: MetersContext, owner: MetersOwner, table: MeterTable) {
    this.#context = context;
    this.#owner = owner;
    this.table = table;
    this.#followBook();
  }

  /** Every meter that datapaths have, as they are contributed to what one should hold. */
  get owner(): Extract<Owner, { type: 'meters' }> {
    return { type: 'meters', vswitch: this.#owner.vswitch, meters: this.table.below() };
  }

  /** Whether what goes up to controllers is metered. Hot. */
  get isLimited(): boolean {
    return this.#up !== undefined;
  }

  /** Whether a packet of this size may go to controllers: counted here, as it comes. Hot. */
  letUp(bytes: number): boolean {
    return this.#up?.passes(bytes, this.#context.world.nowMs()) ?? true;
  }

  /** Makes the change in the book; what is to be kept of it follows. */
  change(mod: MeterMod): readonly MeterChange[] | OfError {
    const changes = this.#refusal(mod) ?? this.table.apply(mod, this.#context.world.nowMs());
    if (!isError(changes)) this.#followBook();
    return changes;
  }

  /** What the store is to have of changes: in one commit, when no rule there uses what goes. */
  entriesOf(changes: readonly MeterChange[]): readonly Entry[] {
    return changes.map(({ type, meter }) =>
      this.#entry(meter.meterId, type === 'removeMeter' ? undefined : meter),
    );
  }

  /** Which rules go with the meters that these changes take away; undefined when there are none. */
  usersOf(changes: readonly MeterChange[]): UsedBy | undefined {
    const gone = new Set<number | undefined>();
    for (const one of changes) if (one.type === 'removeMeter') gone.add(one.meter.meterId);
    if (gone.size === 0) return undefined;
    return (instructions) => gone.has(meterUsed(instructions));
  }

  /** The book is as before the change. */
  revert(change: MeterChange): void {
    this.table.revert(change);
    this.#followBook();
  }

  /** A datapath refused the change: the book is as before it, and so is to be the store. */
  revertRefused(change: MeterChange): Reversal {
    this.revert(change);
    const { meterId } = change.meter;
    const stands = this.table.byId(meterId);
    return { back: { meter: stands }, entries: [this.#entry(meterId, stands)] };
  }

  #entry(meterId: number, stands: Meter | undefined): Entry {
    const { name: vswitch } = this.#owner.vswitch;
    if (stands === undefined) return { type: 'noMeter', vswitch, meterId };
    return { type: 'meter', vswitch, meter: stands };
  }

  /** Answers a request; an error when it names a meter that is not there. */
  read(request: MetersRequest, done: (reply: MultipartReplyBody | OfError) => void): void {
    if (request.kind === 'meterFeatures') {
      done({ kind: 'meterFeatures', ...this.#features() });
      return;
    }
    const { kind, meterId } = request;
    const asked = () =>
      this.table.meters().filter((one) => [one.meterId, ofpm.all].includes(meterId));
    if (meterId !== ofpm.all && asked().length === 0) {
      done(ofError('meterModFailed', 'unknownMeter', `meter ${meterId} does not exist`));
    } else if (kind === 'meterConfig') done({ kind, meters: asked().map(shownMeter) });
    else {
      this.#sharedRead ??= new SharedRead<Meters>(this, Meters.#readBodies);
      this.#sharedRead.read(() => {
        const meters = this.#rows(asked());
        this.#remembering(asked(), () => done({ kind, meters }));
      });
    }
  }

  /** The meters no longer live on a body, or are made there anew: their counts stay. */
  leave(body: DatapathName): readonly Entry[] {
    return this.table.meters().map((meter) => {
      for (const counter of [meter.counter, ...meter.counters]) counter.leave(body);
      return this.#entry(meter.meterId, meter);
    });
  }

  /** Reads one body's counters, if there are meters: what it sent up before is here by then. */
  readBody(body: DatapathName, done: () => void): void {
    if (this.table.meters().length === 0) {
      done();
      return;
    }
    this.#context.datapath(body).query({ kind: 'meterStats', meterId: ofpm.all }, (parts) => {
      const byBelow = new Map(this.table.below().map((one) => [one.below, one] as const));
      for (const part of parts ?? []) {
        if (part.kind !== 'meterStats') continue;
        for (const row of part.meters) {
          const meter = byBelow.get(row.meterId);
          if (meter !== undefined) saw(meter, body, row);
        }
      }
      done();
    });
  }

  #refusal(mod: MeterMod): OfError | undefined {
    if (mod.command === meterCommand.delete) return undefined;
    const can = abilities(mod.meterId, this.#features());
    const isThere = this.table.byId(mod.meterId) !== undefined;
    const isUsable = isThere === (mod.command === meterCommand.modify);
    // As Open vSwitch: whether the meter is there is looked at before what is in its bands.
    return refuseBandCount(mod, can) ?? (isUsable ? refuseMeter(mod, can) : undefined);
  }

  /** No datapath would know after a restart what we counted: what was shown does not go back. */
  #remembering(shown: readonly Meter[], done: () => void): void {
    const meter = this.#up?.meter;
    if (meter === undefined || !shown.includes(meter)) done();
    else {
      const entries = [this.#entry(meter.meterId, meter)];
      perform(this.#context.journal, {
        entries,
        messages: [],
        answers: [done],
        onDisk: 'answers',
      });
    }
  }

  /** The buckets of a meter that is new, or another, are full. */
  #followBook(): void {
    const meter = this.table.byId(ofpm.controller);
    if (this.#up?.meter === meter) return;
    this.#up = meter && new PacketInMeter(meter, this.#context.world.nowMs());
  }

  #features(): MeterFeatures {
    const { bodies } = this.#owner.placement;
    return commonFeatures(bodies.map((body) => this.#context.datapath(body).meterFeatures));
  }

  #rows(meters: readonly Meter[]): readonly MeterStats[] {
    const users = new Map<number, number>();
    for (const { instructions } of this.#owner.rulebook.rules()) {
      const used = meterUsed(instructions);
      if (used !== undefined) users.set(used, (users.get(used) ?? 0) + 1);
    }
    return meters.map((meter) => ({
      meterId: meter.meterId,
      flowCount: users.get(meter.meterId) ?? 0,
      ...counted(meter.counter),
      ...durationOf(meter, this.#context.world.nowMs()),
      bands: meter.counters.map(counted),
    }));
  }
}

function saw(meter: Meter, body: DatapathName, row: MeterStats): void {
  meter.counter.saw(body, { packets: row.packetCount, bytes: row.byteCount });
  row.bands.forEach((one, i) => {
    meter.counters[i]?.saw(body, { packets: one.packetCount, bytes: one.byteCount });
  });
}
