/**
 * Guards in the flat encoding: while a vswitch has several bodies, packets that enter one that is
 * not the primary are led from every entrance to the primary (single-body.ts). And the entries that
 * hold packets back while another body becomes the primary (hypervisor/tenant/hand-over.ts).
 */

import { fieldOf, oxm, oxmNumber, withField } from '../../openflow/match/match.ts';
import { port as ofpp, version, vlan } from '../../openflow/values/constants.ts';
import type { Action, Match, Message } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { leadGoal } from '../../slices/network/wires.ts';
import type { Mark } from '../entries/body.ts';
import { deleteFlow, flowKey, type PhysicalFlow, sameFlow } from '../entries/physical-tables.ts';
import { cookieOf } from '../entries/pipeline.ts';
import { noOverrides, type Overrides } from '../wiring/overrides.ts';
import type { FlatContext } from './context.ts';
import { type Entrance, entering } from './ingress.ts';
import { chooseMark, keepOutFlows, MARK_PRIORITY } from './packet-in-mark.ts';
import { levels } from './priority-map.ts';
import { matchAt, type Site } from './rules.ts';
import { putFlow, sendTagged } from './wiring.ts';

/** Of one body: what overrides its rules (../overrides.ts), and its entries for that. */
export class Guards {
  readonly #context: FlatContext;
  #vswitch: Vswitch;
  #overrides: Overrides = noOverrides;
  /** By flowKey. */
  readonly #flows = new Map<string, PhysicalFlow>();

  constructor(context: FlatContext, vswitch: Vswitch) {
    this.#context = context;
    this.#vswitch = vswitch;
  }

  follow(vswitch: Vswitch): void {
    this.#vswitch = vswitch;
  }

  /** What comes first, then what goes: what drops the rest of an entrance before what leads it. */
  override(overrides: Overrides): readonly Message[] {
    this.#overrides = overrides;
    const want = this.#wanted();
    const gone = [...this.#flows].filter(([key]) => !want.has(key));
    for (const [key] of gone) this.#flows.delete(key);
    const fromBelow = gone
      .map(([, flow]) => flow)
      .sort((one, other) => one.priority - other.priority);
    return [...this.#put(want), ...fromBelow.map(deleteFlow)];
  }

  /**
   * What is other, or new, after what the context says has changed: there may be more entrances.
   * What stands at those that have gone stays for as long as it is asked for.
   */
  renew(): readonly Message[] {
    return this.#put(this.#wanted());
  }

  /** The datapath refused one: it is sent again when there is occasion, and deleted with them. */
  refused(key: string, flow: PhysicalFlow): void {
    this.#flows.set(key, flow);
  }

  flows(): readonly PhysicalFlow[] {
    return [...this.#flows.values()];
  }

  /**
   * What diverted packets bear; undefined where they need not. Until they are diverted a tenant's
   * frame may still come up with it, so it is not looked for before that.
   */
  get mark(): Mark | undefined {
    return this.#overrides.mark;
  }

  /** One that nothing bears which meets a rule, by what is done in rules (packet-in-mark.ts). */
  chooseMark(applied: readonly Action[]): Mark | undefined {
    return this.#context.site().speaks === version.of10 ? chooseMark(applied) : undefined;
  }

  #wanted(): ReadonlyMap<string, PhysicalFlow> {
    const site = this.#context.site();
    const entrances = this.#context.entrances(this.#vswitch);
    const flows = entrances.flatMap((one) => overridingFlows(site, one, this.#overrides));
    return new Map(flows.map((flow) => [flowKey(flow), flow]));
  }

  #put(want: ReadonlyMap<string, PhysicalFlow>): readonly Message[] {
    const { speaks } = this.#context.site();
    return [...want].flatMap(([key, flow]) => {
      const before = this.#flows.get(key);
      this.#flows.set(key, flow);
      if (before !== undefined && sameFlow(before, flow)) return [];
      return [putFlow(flow, speaks, before === undefined)];
    });
  }
}

/** At one entrance. */
function overridingFlows(
  site: Site,
  entrance: Entrance,
  { isFrozen, diverts, leadsTo, drops, keepsOut, mark }: Overrides,
): readonly PhysicalFlow[] {
  return [
    ...(keepsOut === undefined ? [] : keepOutFlows(entrance, keepsOut)),
    ...(leadsTo === undefined ? [] : guardFlows(site, entrance, leadsTo, drops)),
    ...diverts.flatMap((region) => divertFlow(site, entrance, region, mark)),
    ...(isFrozen ? [freezeFlow(entrance)] : []),
  ];
}

/** Leads what enters to the primary, or drops it. */
function guardFlows(
  site: Site,
  entrance: Entrance,
  primary: DatapathName,
  drops: boolean,
): readonly PhysicalFlow[] {
  if (drops) return redirected(site, entrance, []);
  const goal = leadGoal(site.snapshot, entrance.vswitch, entrance.vport, primary);
  return redirected(site, entrance, sendTagged(site, goal, entrance));
}

/** Drops what enters the vswitch: the freeze of freeze-and-copy (LIME 2.2). */
function freezeFlow(entrance: Entrance): PhysicalFlow {
  return {
    tableId: 0,
    priority: levels.freeze,
    match: entering(entrance),
    instructions: [],
    cookie: cookieOf('freeze', entrance.vswitch.id, 0),
  };
}

/** What has a tag of its own cannot be led, and waits outside. */
function redirected(
  site: Site,
  entrance: Entrance,
  actions: readonly Action[],
): readonly PhysicalFlow[] {
  const match = matchAt(site, entrance, []);
  if (match === undefined) return [];
  const cookie = cookieOf('guard', entrance.vswitch.id, 0);
  const redirect = (where: Match): PhysicalFlow => {
    const instructions = [{ type: 'applyActions', actions } as const];
    return { tableId: 0, priority: levels.guard, match: where, instructions, cookie };
  };
  if (entrance.tag !== undefined) return [redirect(match)];
  const hold = { tableId: 0, priority: levels.hold, match, instructions: [], cookie };
  return entrance.trunk === undefined ? [redirect(withField(match, untagged)), hold] : [hold];
}

const untagged = oxm('vlan_vid', vlan.none);

/**
 * Sends packets up, with a mark by which a packet-in says that no rule has met its packet: where
 * there are cookies, the cookie; else, in our tag, a priority that frames on their way in never
 * have, and for a host's frame a tag that no frame has then which meets a rule (packet-in-mark.ts).
 */
function divertFlow(
  site: Site,
  entrance: Entrance,
  region: Match,
  mark: Mark | undefined,
): readonly PhysicalFlow[] {
  const match = matchAt(site, entrance, region);
  if (match === undefined) return [];
  const cookie = cookieOf('divert', entrance.vswitch.id, 0);
  const divert = (where: Match, marking: readonly Action[]): PhysicalFlow => {
    const instructions = [{ type: 'applyActions', actions: [...marking, toUs] } as const];
    return { tableId: 0, priority: levels.freeze, match: where, instructions, cookie };
  };
  if (site.speaks !== version.of10) return [divert(match, [])];
  if (entrance.tag !== undefined) {
    return [divert(match, [{ type: 'setVlanPcp', pcp: MARK_PRIORITY }])];
  }
  const vid = fieldOf(match, 'vlan_vid');
  // A frame with a tag of its tenant's has no room for the mark: it is led to the primary at once.
  if (vid !== undefined && (oxmNumber(vid) !== 0n || vid.mask !== undefined)) return [];
  if (mark?.vid === undefined) return [];
  return [divert(withField(match, untagged), [{ type: 'setVlanVid', vid: mark.vid }])];
}

const toUs: Action = { type: 'output', port: ofpp.controller, maxLen: 0xffff };
