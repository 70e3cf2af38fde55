/**
 * The datapaths and cables that carry nothing: no vswitch lives there, no host is plugged in, and
 * no way leads over them, not even when something else fails.
 *
 * A datapath may be switched off when nothing is placed there either, for anybody may move to the
 * others at any moment; a cable, when a datapath at one of its ends may be. The rest of those that
 * carry nothing are spares: what fails, or moves, may need them at once.
 */
import { pairText } from '../config/config-names.ts';
import { type DatapathName, endText } from '../ids.ts';
import { mapped, type Steps, withEach } from '../steps.ts';
import { closedIn } from './drained-datapaths.ts';
import type { Snapshot, Wire } from './values.ts';

export interface IdleThing {
  /** A datapath, or a cable as the file writes it. */
  readonly object: string;
  readonly kind: 'datapath' | 'link';
  /** The datapath, or the ends of the cable. */
  readonly parts: readonly string[];
  /** Why it is left on; undefined of what may be switched off. */
  readonly stays?: string;
}

/** Datapaths first, then cables, in the order of the file. */
export function* idleIn(snapshot: Snapshot): Steps<readonly IdleThing[]> {
  const { config } = snapshot;
  const used = yield* usedIn(snapshot);
  const closed = closedIn(snapshot.avoiding);
  const idle = config.datapaths.map(({ name }) => name).filter((one) => !used.datapaths.has(one));
  const off = new Set(idle.filter((one) => closed.has(one)));
  yield;
  const datapaths = idle.map((name): IdleThing => {
    const thing = { object: name, kind: 'datapath', parts: [name] } as const;
    const stays = `it is not drained; "limevisor drain ${name}"`;
    return off.has(name) ? thing : { ...thing, stays };
  });
  const unused = config.links.filter(([one]) => !used.cables.has(endText(one)));
  const links = yield* mapped(unused, (ends): IdleThing => {
    const parts = ends.map(endText).toSorted();
    const thing = { object: pairText(ends), kind: 'link', parts } as const;
    const stays = 'it is a spare: neither of its datapaths is off';
    return ends.some(({ device }) => off.has(device)) ? thing : { ...thing, stays };
  });
  return [...datapaths, ...links];
}

function* usedIn({ placements, config, wires, moving }: Snapshot) {
  const datapaths = new Set<DatapathName>();
  /** By each of their ends. */
  const cables = new Set<string>();
  yield* withEach(placements, ([, { bodies }]) => {
    for (const body of bodies) datapaths.add(body);
  });
  for (const { device } of moving.values()) datapaths.add(device);
  yield* withEach(config.hosts, ({ at }) => datapaths.add(at.device));
  yield* withEach(wires, ([, own]) => {
    for (const wire of own) useOf(wire, datapaths, cables);
  });
  return { datapaths, cables };
}

function useOf({ from, to, hops = [] }: Wire, datapaths: Set<DatapathName>, cables: Set<string>) {
  datapaths.add(from).add(to);
  let device = from;
  for (const hop of hops) {
    cables.add(endText({ device, port: hop.port }));
    cables.add(endText({ device: hop.to, port: hop.toPort }));
    datapaths.add(hop.to);
    device = hop.to;
  }
}
