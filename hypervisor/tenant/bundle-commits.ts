/**
 * Commits of bundles of a vswitch's controllers: all messages of a bundle take effect, or none.
 *
 *   alone, and all before it answered --> tried on the tables, a part in every turn
 *      |--> a part is wrong: the tables are as they were, and no datapath has heard of anything
 *      '--> one commit of the store --> rounds --> all bodies have answered
 *              |--> a body refused a part: all of it is taken back, from tables, store and bodies
 *              '--> packets and ports of it --> the reply
 *
 * Meanwhile nobody's requests to the vswitch are taken, and none of its rules ends: nothing can
 * have followed on a part when it is taken back.
 */
import { header } from '../../openflow/messages/messages.ts';
import { isError, ofError } from '../../openflow/values/errors.ts';
import type { OfError } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { RoundChange } from '../../translation/changes/round-change.ts';
import type { PortChange } from '../../translation/controllers/port-mod.ts';
import type {
  BundledEffect,
  BundledPart,
  CommitBundle,
  ErrorNumbers,
  Origin,
} from '../../translation/controllers/verdict.ts';
import type { PacketOut } from '../../translation/requests/packet-out.ts';
import type { Channel } from '../channel/channel.ts';
import { originOf } from '../channel/error-replies.ts';
import type { Controller } from '../controller/controller.ts';
import type { Asked } from '../controller/reply-order.ts';
import type { Journal, Release } from '../store/journal.ts';
import { type Deciding, eachAnswers } from './acknowledged.ts';
import { type PacketOwner, packetOf } from './buffer-use.ts';
import { entriesOfAll, type TablesOwner, tried } from './bundle-parts.ts';
import type { Changes } from './changes.ts';
import type { Scheduled } from './flow-statistics.ts';
import type { FlowUpdates } from './flow-updates.ts';
import type { Ports } from './ports.ts';
import { revertAll } from './refused-changes.ts';
import type { RepairContext, RepairOwner } from './repairs.ts';

export interface BundleContext extends RepairContext, Scheduled {
  readonly journal: Journal;
}

/** Whose bundles they are. */
export type BundleOwner = RepairOwner &
  Deciding &
  PacketOwner &
  TablesOwner & {
    readonly changes: Pick<Changes, 'revertOnBooks'>;
    readonly ports: Pick<Ports, 'change'>;
    readonly flowUpdates: Pick<FlowUpdates, 'changed'>;
    sendPacket(out: PacketOut): void;
    mayChange(): boolean;
    whyDown(): string | undefined;
  };

/** A bundle on its way. */
interface Trial {
  readonly from: Controller;
  readonly changes: RoundChange[];
  readonly ports: PortChange[];
  /** Sent when all has been done. */
  readonly packets: PacketOut[];
  /** The first part that was refused. */
  failure: Failure | undefined;
}

interface Failure {
  readonly part: BundledPart;
  readonly error: ErrorNumbers;
}

export class BundleCommits {
  readonly #context: BundleContext;
  readonly #owner: BundleOwner;
  /** While one is tried on the tables: what they say is nobody's yet. */
  #releaseLog: Release | undefined;

  constructor(context: BundleContext, owner: BundleOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  /** Whether one is being tried: no rule may end now. */
  get isDeciding(): boolean {
    return this.#releaseLog !== undefined;
  }

  /** The vswitch is out of service: what was begun is forgotten. */
  close(): void {
    this.#releaseLog?.();
    this.#releaseLog = undefined;
  }

  commit({ parts, reply }: CommitBundle, from: Controller, channel: Channel, asked: Asked): void {
    const release = this.#owner.admission.hold();
    this.#run(parts, from, ({ failure }) => {
      // A body that was lost has promised nothing, and its vswitch is gone with it.
      if (this.#owner.whyDown() === undefined) {
        if (failure === undefined) asked.answer(reply);
        else this.#tell(failure, channel, asked);
      }
      asked.end();
      release();
    });
  }

  /** `done` when all of it is carried out, or nothing of it stands. */
  #run(parts: readonly BundledPart[], from: Controller, done: (trial: Trial) => void): void {
    const { shell } = this.#owner;
    this.#alone((free) => {
      this.#try(parts, from, (trial) => {
        if (trial.failure !== undefined) {
          free();
          done(trial);
          return;
        }
        const entries = entriesOfAll(this.#owner, trial.changes);
        this.#owner.flowUpdates.changed(trial.changes);
        shell.execute({ entries, messages: [], answers: [] });
        free();
        this.#send(trial, () => this.#settle(trial, () => done(trial)));
      });
    });
  }

  /** Runs when all bodies have answered what came before, and alone. */
  #alone(run: (free: () => void) => void): void {
    this.#owner.exclusive((free) => {
      eachAnswers(this.#context, this.#owner, () => run(free));
    });
  }

  /** On the tables, which are as they were if a part is refused. */
  #try(parts: readonly BundledPart[], from: Controller, done: (trial: Trial) => void): void {
    const { journal, scheduler } = this.#context;
    const trial: Trial = {
      ...{ from, changes: [], ports: [], packets: [] },
      failure: undefined,
    };
    const steps = this.#steps(parts, trial);
    const connections = this.#connections();
    const step = (): boolean => {
      // One that is being made has what the tables say, decided or not: it is not to see a half.
      do if (steps.next().done === true) return false;
      while (journal.isRenewed);
      return true;
    };
    // No other new log is begun meanwhile.
    this.#releaseLog = journal.hold();
    scheduler.run({ step }, () => {
      this.close();
      if (trial.failure !== undefined) this.#revert(trial, connections);
      done(trial);
    });
  }

  *#steps(parts: readonly BundledPart[], trial: Trial): Generator<void, void> {
    let looks = 0;
    for (const part of parts) {
      const effect = part.read();
      const { buffer, byteOffset } = part.frame;
      const xid = header.get.xid(new DataView(buffer, byteOffset), 0);
      const origin: Origin = {
        asker: { connection: trial.from.channel ?? trial.from, xid },
        refuse(error) {
          trial.failure ??= { part, error };
        },
      };
      for (const wrong of this.#tryPart(effect, trial, origin)) {
        if (wrong !== undefined) trial.failure ??= { part, error: wrong };
        if (trial.failure !== undefined) return;
        looks += 1;
        if (looks % limits.rulesPerStep === 0) yield;
      }
    }
  }

  /** A part of it at a time, or why it cannot be. */
  *#tryPart(
    effect: BundledEffect | OfError,
    { from, changes, ports, packets }: Trial,
    origin: Origin,
  ): Generator<OfError | undefined, void> {
    if (isError(effect)) {
      yield effect;
      return;
    }
    const nowMs = this.#context.world.nowMs();
    if (effect.type === 'changePort') ports.push(effect.change);
    else if (effect.type === 'sendPacket') {
      const whole = packetOf(this.#owner, effect.out, from, nowMs);
      if (isError(whole)) yield whole;
      else packets.push(whole);
    } else {
      for (const some of tried(this.#owner, effect, nowMs)) {
        if (isError(some)) yield some;
        else for (const change of some) changes.push(new RoundChange(change, origin));
        yield undefined;
      }
    }
    yield undefined;
  }

  /** Of the bodies: a datapath that came back meanwhile was led to what the tables said then. */
  #connections(): readonly unknown[] {
    return this.#owner.carriers.map((on) => this.#context.datapath(on).channel);
  }

  #revert({ changes }: Trial, before: readonly unknown[]): void {
    const now = this.#connections();
    const isSame = now.length === before.length && now.every((one, i) => one === before[i]);
    if (isSame) this.#owner.changes.revertOnBooks(changes.map(({ change }) => change));
    else {
      // What is taken back there is told.
      this.#owner.flowUpdates.changed(changes);
      revertAll(this.#context, this.#owner, changes);
    }
  }

  /** Down to the bodies, in rounds. */
  #send({ changes }: Trial, done: () => void): void {
    const { shell } = this.#owner;
    let next = 0;
    const step = (): boolean => {
      const some = changes.slice(next, next + limits.rulesAtOnce);
      next += some.length;
      const messages = some.length > 0 ? [{ type: 'round', changes: some } as const] : [];
      shell.execute({ entries: [], messages, answers: [] });
      return next < changes.length;
    };
    this.#context.scheduler.run({ step, mayGo: () => this.#owner.mayChange() }, done);
  }

  /** All bodies have answered, and the disk has it; or nothing of it stands anywhere. */
  #settle(trial: Trial, done: () => void): void {
    const { journal } = this.#context;
    this.#alone((free) => {
      journal.sync(() => {
        if (trial.failure === undefined) this.#finish(trial);
        else revertAll(this.#context, this.#owner, trial.changes);
        free();
        if (trial.failure === undefined) this.#configure(trial, done);
        else {
          this.#alone((freed) => {
            freed();
            journal.sync(done);
          });
        }
      });
    });
  }

  #finish({ packets }: Trial): void {
    for (const packet of packets) this.#owner.sendPacket(packet);
  }

  /** What it asks of ports, one behind the other. */
  #configure(trial: Trial, done: () => void): void {
    const next = trial.ports.shift();
    if (next === undefined) done();
    else {
      this.#owner.exclusive((free) => {
        this.#owner.ports.change(next, trial.from, () => {
          free();
          this.#configure(trial, done);
        });
      });
    }
  }

  /** As a bridge: the error of the part that was refused, and then of the whole. */
  #tell({ part, error }: Failure, channel: Channel, asked: Asked): void {
    const { shell } = this.#owner;
    const { buffer, byteOffset, length } = part.frame;
    const origin = originOf(channel, new DataView(buffer, byteOffset, length), 0, length);
    asked.say(() => shell.refuse(origin, error));
    shell.refuse(asked, ofError('onf', 'bundledFailed', 'a message of the bundle was refused'));
  }
}
