/**
 * Dispatches messages from datapaths to the vswitch that they concern. From here on the code runs
 * for that vswitch (fault-boundary.ts), on the path of every packet-in.
 */
import { decode } from '../../openflow/messages/codec.ts';
import { header, messageNames } from '../../openflow/messages/messages.ts';
import { version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { VswitchId } from '../../slices/ids.ts';
import { isFlat, type Snapshot } from '../../slices/network/snapshot.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { flatOwnerOf } from '../../translation/flat/packet-in.ts';
import { lossProbeIdOf, ownerOf } from '../../translation/pipeline/packet-in.ts';
import type { FrameHandler } from '../../translation/policy.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { InBandWatch } from '../datapath/in-band.ts';
import type { InForce } from '../datapath/in-force.ts';
import type { Markers } from '../datapath/markers.ts';
import { packetInOf } from '../datapath/packet-ins.ts';
import type { Probing } from '../datapath/probing.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { VswitchRuntime } from './vswitch.ts';

/** For whom what comes runs, and who takes what is no vswitch's. */
export interface FromBelowContext {
  readonly boundary: Boundary;
  readonly inBand: InBandWatch;
  readonly inForce: Pick<InForce, 'canaries'>;
  readonly markers: Markers;
  readonly probing: Pick<Probing, 'probes'>;
  snapshot(): Pick<Snapshot, 'encodings'>;
  /** Something to show the operator, counted. */
  alarm(what: string): void;
}

export class DatapathEvents {
  readonly #context: FromBelowContext;
  /** By number: every packet-in asks. */
  readonly #byId: (VswitchRuntime | undefined)[];
  /** Numbers of those that went, until they are given to others. */
  readonly #left: Set<number>;

  /** `ids`: of vswitches that the store has and the file has not. */
  constructor(
    context: FromBelowContext,
    byId: (VswitchRuntime | undefined)[],
    { ids }: { readonly ids: ReadonlyMap<string, VswitchId> },
  ) {
    this.#context = context;
    this.#byId = byId;
    this.#left = new Set(ids.values());
  }

  runtime(id: number): VswitchRuntime | undefined {
    return this.#byId[id];
  }

  /** It is new, or takes the place of one that was closed. */
  put(runtime: VswitchRuntime): void {
    const { id } = runtime.vswitch;
    this.#byId[id] = runtime;
    this.#left.delete(id);
  }

  /** A vswitch went: what datapaths still say of it is nobody's. */
  leave(id: VswitchId): void {
    this.#byId[id] = undefined;
    this.#left.add(id);
  }

  /** Answers how many bytes were taken: of the frame, or of some behind it as well. */
  onFrame(
    datapath: Datapath,
    route: FrameHandler,
    dv: DataView,
    at: number,
    length: number,
    end: number,
  ): number {
    // Of somebody else's vswitches, which may have the numbers of ours (identity.ts).
    if (datapath.state.type === 'refused') return length;
    if (route === 'packets') return this.#onPacketIn(datapath, dv, at, length, end);
    if (route === 'flowRemoved') this.#onRemoval(datapath, dv, at, length);
    else {
      const name = messageNames[header.get.type(dv, at)] ?? 'unknown type';
      this.#context.alarm(`${name} from ${datapath.name}`);
    }
    return length;
  }

  #onPacketIn(datapath: Datapath, dv: DataView, at: number, length: number, end: number): number {
    datapath.writer.counts.packetIns += 1;
    const { boundary, inBand, inForce, markers, probing } = this.#context;
    const { flat } = datapath;
    // Of a datapath that has come with 1.0 and has not been read yet: a host's bytes are where the
    // others have what they say themselves.
    const isUnreadable = flat === undefined && datapath.version === version.of10;
    const owner =
      flat !== undefined
        ? flatOwnerOf(flat, datapath.version, dv, at, length, datapath.isReady)
        : isUnreadable
          ? undefined
          : ownerOf(dv, at, length);
    const runtime = owner && this.#byId[owner.vswitchId];
    if (owner === undefined || runtime === undefined) {
      const id = flat === undefined && !isUnreadable ? lossProbeIdOf(dv, at, length) : undefined;
      const probed = id === undefined ? undefined : this.#byId[id];
      const lossProbes = probed?.isClosed === false ? [probed.lossProbes] : [];
      const takers = [...lossProbes, inBand, markers, inForce.canaries, probing.probes];
      const packetIn = packetInOf(datapath, dv, at, length);
      if (packetIn !== undefined && takers.some((one) => one.take(datapath, packetIn))) {
        return length;
      }
      if (owner !== undefined && this.#left.has(owner.vswitchId)) return length;
      this.#context.alarm(`packet-in of no known vswitch from ${datapath.name}`);
      return length;
    }
    if (!runtime.livesOn(datapath.name)) {
      this.#context.alarm(`packet-in for a vswitch that is not on ${datapath.name}`);
    } else if (runtime.isClosed) {
      this.#context.alarm(`packet-in for ${runtime.vswitch.name}, which is closed`);
    } else {
      // Those of flat datapaths are looked up in a rulebook, unless no rule sends any.
      const isCheap = flat === undefined || flat.bodyOf(runtime.vswitch).senders.isPlain;
      if (isCheap) datapath.channel?.inbox.wasCheap();
      const before = boundary.enter(runtime);
      const taken = runtime.packetIns.receive(datapath, dv, at, length, end, owner);
      boundary.leave(before);
      return taken;
    }
    return length;
  }

  #onRemoval(datapath: Datapath, dv: DataView, at: number, length: number): void {
    const message = decode(datapath.version, dv, at, length);
    if (isError(message) || message.type !== 'flowRemoved') return;
    const { boundary } = this.#context;
    const cookie = readCookie(message.cookie);
    const isRule = cookie?.kind === 'rule' || cookie?.kind === 'tagged';
    const isCounted = isRule || cookie?.kind === 'egress';
    const runtime = isCounted ? this.#byId[cookie.id] : undefined;
    if (cookie === undefined || runtime === undefined) {
      if (cookie !== undefined && this.#left.has(cookie.id)) return;
      this.#context.alarm(`flow-removed of an unknown rule from ${datapath.name}`);
      return;
    }
    if (runtime.isClosed) {
      this.#context.alarm(`flow-removed of ${runtime.vswitch.name}, which is closed`);
      return;
    }
    const count = { packets: message.packetCount, bytes: message.byteCount };
    const before = boundary.enter(runtime);
    if (cookie.kind === 'egress') {
      runtime.portCounters.onRemoval(datapath.name, cookie.serial, count);
    } else if (datapath.flat !== undefined) {
      runtime.counters.onFlatReport(datapath.name, datapath.flat, message);
      // What it holds has not been read yet: nobody knows which of a rule's entries that was.
    } else if (!isFlat(this.#context.snapshot(), datapath.name)) {
      runtime.flowRemoved.onReport(datapath.name, cookie.serial, count);
    }
    boundary.leave(before);
  }
}
