/**
 * What is known of a host's move besides its states (translation/migration/host-move.ts): how
 * datapaths have acknowledged where it is, how many frames left at both of its places, and what
 * became of probes.
 */
import type { Vport } from '../../slices/ids.ts';
import { isShared } from '../../slices/network/shared-ports.ts';
import { placementOf, type Snapshot } from '../../slices/network/snapshot.ts';
import {
  type HostMove,
  hostMoveName,
  isHostMoveOver,
} from '../../translation/migration/host-move.ts';
import type { Probed } from '../../translation/migration/loss-probe-counts.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import type { InForce } from '../datapath/in-force.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import { acksOf } from './migration-ready.ts';

export interface HostMoveCountsContext extends Datapaths {
  readonly boundary: Boundary;
  readonly inForce: Pick<InForce, 'of' | 'unprovedSince'>;
  snapshot(): Snapshot;
  runtime(name: HostMove['vswitch']): VswitchRuntime | undefined;
}

/** What is known of it now, and was not before. */
type Know = (id: number, more: Partial<HostMove>) => void;

export class HostMoveCounts {
  readonly #context: HostMoveCountsContext;
  readonly #know: Know;
  /** By move: how many had left at both places when these were opened. */
  readonly #before = new Map<number, bigint>();

  constructor(context: HostMoveCountsContext, know: Know) {
    this.#context = context;
    this.#know = know;
  }

  /** Both places have its frames from now on; its port's counters were read a moment ago. */
  opened({ id, vswitch, vport }: HostMove): void {
    const runtime = this.#context.runtime(vswitch);
    const host = runtime?.vswitch.ports.get(vport as Vport);
    const copied = runtime?.portCounters.counter(vport as Vport)?.copied;
    // Of a port that hosts share it is not known whose they are.
    const isAlone = host?.type === 'host' && !isShared(host);
    if (copied !== undefined && isAlone) this.#before.set(id, copied);
  }

  /** `done` when it is known what both places have had: one of them is about to be left. */
  leaving({ id, vswitch, vport }: HostMove, done: () => void): void {
    const before = this.#before.get(id);
    const runtime = this.#context.runtime(vswitch);
    this.#before.delete(id);
    if (before === undefined || runtime === undefined) {
      done();
      return;
    }
    const { portCounters } = runtime;
    portCounters.read([vport as Vport], () => {
      const copied = portCounters.counter(vport as Vport)?.copied;
      if (copied !== undefined) this.#know(id, { copied: Number(copied - before) });
      done();
    });
  }

  /** How those have acknowledged that have to know where it is. */
  reportOf({
    vswitch,
    from,
    to,
    startedMs,
    unproved = [],
  }: HostMove): Pick<HostMove, 'acks' | 'unproved'> {
    const { inForce } = this.#context;
    const snapshot = this.#context.snapshot();
    const bodies = snapshot.vswitches.has(vswitch) ? placementOf(snapshot, vswitch).bodies : [];
    // A file that is applied meanwhile may be without the place that it leaves.
    const names = [...new Set([from.device, to.device, ...bodies])].filter((name) => {
      return snapshot.datapaths.has(name);
    });
    const all = [...new Set([...unproved, ...inForce.unprovedSince(startedMs, names)])];
    return { acks: acksOf(this.#context, names), ...(all.length > 0 && { unproved: all }) };
  }

  /** Loss probes go through its vport from the beginning to the end, where they were asked for. */
  probe(move: HostMove): void {
    const { id, probe, probed, vswitch, vport, phases } = move;
    const runtime = this.#context.runtime(vswitch);
    if (probe !== true || probed !== undefined) return;
    if (runtime === undefined) {
      if (isHostMoveOver(move)) this.#know(id, { probed: unseen(`${vswitch} is not served`) });
      return;
    }
    const name = hostMoveName(move);
    const { lossProbes } = runtime;
    this.#context.boundary.run(runtime, () => {
      if (isHostMoveOver(move)) {
        lossProbes.end(name, (found) => this.#know(id, { probed: found }));
      } else if (phases.length === 0) lossProbes.begin(name, vport as Vport);
      else lossProbes.follow(name);
    });
  }
}

function unseen(why: string): Probed {
  return { sent: 0, lost: 0, twice: 0, ports: [], unseen: why };
}
