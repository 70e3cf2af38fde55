/**
 * What happened around a tenant's vswitches, as its controller and its hosts saw it: all that the
 * reference model (reference.ts) knows of a run.
 */
import type { FlowMod } from '../../openflow/values/values.ts';

/** A vport. */
export interface Place {
  readonly vswitch: string;
  readonly port: number;
}

/** A change of the rules, in the order in which the controller asked for it. */
export interface Change {
  readonly atMs: number;
  readonly mod: FlowMod;
  /** When a barrier behind it was answered. */
  ackedMs: number;
}

/** A packet that the controller sent, behind so many changes. */
export interface SentBack {
  readonly id: number;
  readonly atMs: number;
  readonly changes: number;
  readonly src: number;
  readonly dst: number;
  /** Where it should come out; FLOOD is the ports that it means. */
  readonly ports: readonly number[];
}

export interface Arrival extends Place {
  readonly atMs: number;
  readonly src: number;
  readonly dst: number;
}

/** A host's frame, and the vport by which it enters. */
export interface Sent extends Place {
  readonly atMs: number;
  readonly src: number;
  readonly dst: number;
  readonly arrivals: Arrival[];
}

export interface Up {
  readonly id: number;
  readonly atMs: number;
  readonly port: number;
}

export interface Removed {
  readonly atMs: number;
  readonly cookie: bigint;
  readonly packets: number;
  /** OFPRR_IDLE_TIMEOUT; the controller did not ask for it then. */
  readonly isIdle: boolean;
}

/** A reply to a question about rules' counters. */
export interface Counted {
  readonly askedMs: number;
  readonly atMs: number;
  readonly packets: ReadonlyMap<bigint, number>;
}

/** A vswitch, for as long as one connection to its controller lasts. */
export class SwitchTrace {
  /** All cookies are above it. */
  readonly firstCookie: bigint;
  readonly changes: Change[] = [];
  readonly sentBack: SentBack[] = [];
  readonly ups: Up[] = [];
  readonly removed: Removed[] = [];
  readonly counted: Counted[] = [];

  constructor(firstCookie: bigint) {
    this.firstCookie = firstCookie;
  }

  /** A barrier that was sent behind so many changes is answered. */
  acknowledged(changes: number, atMs: number): void {
    for (const one of this.changes.slice(0, changes)) {
      one.ackedMs = Math.min(one.ackedMs, atMs);
    }
  }
}

export class Trace {
  readonly frames = new Map<number, Sent>();
  /** By vswitch, one for each connection. */
  readonly switches = new Map<string, SwitchTrace[]>();
  /** When the process was killed. */
  killedMs: number | undefined;
  /** Frames of which it had a copy then, or would have got one afterwards. */
  readonly died = new Set<number>();
  /** By frame, how many copies are between switches and controllers: the process may have them. */
  readonly #between = new Map<number, number>();

  /** A switch or the controller sends a copy to the process. */
  handed(id: number): void {
    if (this.killedMs !== undefined) this.died.add(id);
    this.#between.set(id, (this.#between.get(id) ?? 0) + 1);
  }

  /** A copy has come to the controller or a switch. */
  passedOn(id: number): void {
    const left = (this.#between.get(id) ?? 0) - 1;
    if (left > 0) this.#between.set(id, left);
    else this.#between.delete(id);
  }

  killed(atMs: number): void {
    this.killedMs = atMs;
    for (const id of this.#between.keys()) this.died.add(id);
    this.#between.clear();
  }

  /** A vswitch connects. */
  begin(vswitch: string): SwitchTrace {
    const all = this.switches.get(vswitch) ?? [];
    const made = new SwitchTrace(BigInt(all.length) << 32n);
    this.switches.set(vswitch, [...all, made]);
    return made;
  }
}
