/**
 * The physical ways of a vswitch, hop by hop: from it to the peers of its ports, and from there
 * back.
 */
import type { FlowStats } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { legsOf } from '../../slices/network/graph.ts';
import { peersOf, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';
import { type Wire, wiresOf } from '../../slices/network/wires.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { codeOf, wayName } from '../../translation/wiring/ways.ts';

export interface WayReport {
  /** What is reached, in words. */
  readonly to: string;
  /** `used`, or why it is there beside one that is. */
  readonly role: Wire['role'];
  /** In order; `by` is its port, absent at the end. Packets as far as an entry counts them. */
  readonly hops: readonly {
    readonly datapath: string;
    readonly by?: string;
    readonly packets?: number;
  }[];
}

/** One that begins or ends at a vswitch, with the number that its entries have. */
export interface OwnWay {
  readonly code: number;
  readonly wire: Wire;
  /** The datapaths on it, in order. */
  readonly places: readonly DatapathName[];
}

export function ownWays(snapshot: Snapshot, vswitch: Vswitch): readonly OwnWay[] {
  const peers = peersOf(vswitch).flatMap((name) => snapshot.vswitches.get(name) ?? []);
  return wiresOf(snapshot, new Set([vswitch, ...peers])).flatMap((wire) => {
    const { of, from, hops = [] } = wire;
    const end = snapshot.vswitches.get(of.device)?.ports.get(of.port);
    const isNext = end?.type === 'link' && end.peer.device === vswitch.name;
    const name = wayName(snapshot, wire);
    if (name === undefined || !(of.device === vswitch.name || isNext)) return [];
    return [{ code: codeOf(name), wire, places: [from, ...hops.map(({ to }) => to)] }];
  });
}

/** Of each datapath by the codes of ways, what their entries there are for. */
export function wayTexts(
  ways: readonly OwnWay[],
): ReadonlyMap<string, ReadonlyMap<number, string>> {
  const found = new Map<string, Map<number, string>>();
  for (const { code, wire, places } of ways) {
    places.forEach((place, i) => {
      const own = found.get(place) ?? new Map<number, string>();
      const where = i === 0 ? 'begins here' : i < places.length - 1 ? 'passes' : 'ends here';
      const text = `the way to ${wire.what} ${where}`;
      // Several senders share what is behind them.
      if (own.get(code) === undefined || i > 0) own.set(code, text);
      found.set(place, own);
    });
  }
  return found;
}

/** Packets of the entries of ways on a datapath, by their codes. */
export class WayPackets {
  readonly #packets = new Map<string, number>();

  add(datapath: string, { cookie, packetCount }: FlowStats): void {
    const parts = readCookie(cookie);
    if (parts?.kind !== 'way') return;
    const key = `${datapath} ${parts.serial}`;
    this.#packets.set(key, (this.#packets.get(key) ?? 0) + Number(packetCount));
  }

  reports(ways: readonly OwnWay[]): readonly WayReport[] {
    return ways.map(({ code, wire, places }) => {
      const legs = legsOf(wire.from, wire.hops ?? []);
      return {
        ...{ to: wire.what, role: wire.role },
        hops: places.map((datapath, i) => {
          const leg = legs[i];
          const packets = this.#packets.get(`${datapath} ${code}`);
          return {
            datapath,
            ...(leg && { by: `${datapath}:${leg.hop.port}` }),
            ...(packets !== undefined && { packets }),
          };
        }),
      };
    });
  }
}
