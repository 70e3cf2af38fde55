/**
 * Frames on their ways in a trace: from its host, and from the controller where that sent it on, to
 * where it went up or arrived. Each is what some versions of rules made of it.
 */
import type { Out } from './reference-rules.ts';
import { nameOf, type Wiring } from './reference-wiring.ts';
import type { Place, Sent, SwitchTrace } from './trace.ts';

interface Sign {
  readonly atMs: number;
  /** At which vswitch. */
  readonly at: string;
  readonly what: string;
}

export interface Journey {
  readonly id: number;
  readonly atMs: number;
  readonly src: number;
  readonly dst: number;
  /** Where it enters; or the controller sends it by these vports of a vswitch. */
  readonly start: Place | { readonly vswitch: string; readonly outs: readonly Out[] };
  /** Of the controller's, how many changes it sent before. */
  readonly behind?: number;
  readonly signs: Sign[];
}

/** All of these frames' ways; of a vswitch there may be several traces. */
export function journeysIn(
  frames: ReadonlyMap<number, Sent>,
  traces: Iterable<readonly [string, SwitchTrace]>,
  wiring: Wiring,
): readonly Journey[] {
  const known = new Map<number, Journey[]>();
  for (const [id, { atMs, src, dst, vswitch, port }] of frames) {
    known.set(id, [{ id, atMs, src, dst, start: { vswitch, port }, signs: [] }]);
  }
  const all = [...traces];
  for (const [vswitch, { sentBack }] of all) {
    for (const { id, atMs, src, dst, ports, changes: behind } of sentBack) {
      const start = { vswitch, outs: ports.map((port) => ({ port, src, dst })) };
      known.get(id)?.push({ id, atMs, src, dst, start, behind, signs: [] });
    }
  }
  const sign = (id: number, at: At, atMs: number, what: string): void => {
    const own = known.get(id);
    if (own === undefined) return;
    whose(own, at, wiring).signs.push({ atMs, at: at.vswitch, what });
  };
  for (const [id, { arrivals }] of frames) {
    for (const one of arrivals) {
      sign(id, one, one.atMs, `${nameOf(one)}:${one.src}:${one.dst}`);
    }
  }
  for (const [vswitch, { ups }] of all) {
    for (const { id, atMs } of ups) sign(id, { vswitch }, atMs, `${vswitch}!`);
  }
  return [...known.values()].flat();
}

/** A vport, or a vswitch. */
interface At {
  readonly vswitch: string;
  readonly port?: number;
}

/** Whose sign it is that something happens there: of who sent it from nearest. */
function whose([first, ...sentOn]: readonly Journey[], at: At, wiring: Wiring): Journey {
  if (first === undefined) throw new Error('every frame has a host');
  let [nearest, least] = [first, Infinity];
  for (const one of sentOn) {
    const hops = hopsTo(one, at, wiring);
    if (hops < least) [nearest, least] = [one, hops];
  }
  return nearest;
}

function hopsTo({ start }: Journey, at: At, wiring: Wiring): number {
  if (!('outs' in start)) return Infinity;
  const { vswitch, outs } = start;
  if (at.vswitch === vswitch) {
    const isHere = at.port !== undefined && outs.some(({ port }) => port === at.port);
    return isHere ? 0 : Infinity;
  }
  return wayTo({ vswitch, outs }, at.vswitch, wiring)?.length ?? Infinity;
}

/** The vports by which it enters until it is at a vswitch. */
function wayTo(start: Journey['start'], to: string, wiring: Wiring): readonly Place[] | undefined {
  if (!('outs' in start)) return wiring.way(start, to);
  const { vswitch, outs } = start;
  for (const { port } of outs) {
    const other = wiring.otherEnd({ vswitch, port });
    const way = other && wiring.way(other, to);
    if (way !== undefined) return way;
  }
  return undefined;
}

/** Until when it had passed a vswitch at the latest: the first sign there, or behind it. */
export function passedMs({ start, signs }: Journey, vswitch: string, wiring: Wiring): number {
  const behind = signs.filter(({ at }) => {
    return wayTo(start, at, wiring)?.some((one) => one.vswitch === vswitch) === true;
  });
  return Math.min(Infinity, ...behind.map(({ atMs }) => atMs));
}
