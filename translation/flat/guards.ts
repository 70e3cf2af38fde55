/**
 * Guards in the flat encoding: while a vswitch has several bodies, what enters one that is not the
 * primary goes from every entrance to the primary (single-body.ts). And what is held while
 * another body becomes the primary (hypervisor/tenant/hand-over.ts).
 */
import { port as ofpp, version, vlan } from '../../openflow/constants.ts';
import { fieldOf, oxm, oxmNumber, withField } from '../../openflow/match.ts';
import type { Action, Match, Message } from '../../openflow/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { leadKey } from '../../slices/network/wires.ts';
import { deleteFlow, flowKey, type PhysicalFlow, sameFlow } from '../physical-tables.ts';
import { cookieOf } from '../pipeline.ts';
import type { Ground } from './context.ts';
import { type Entrance, entering } from './ingress.ts';
import { chooseMark, keepOutFlows, MARK_PRIORITY, type Mark } from './packet-in-mark.ts';
import { levels } from './priority-map.ts';
import { matchAt, type Site } from './rules.ts';
import { putFlow, sendTagged } from './wiring.ts';

/** Of one body: what stands above its rules now. */
export class Guards {
  readonly #ground: Ground;
  readonly #vswitch: Vswitch;
  #asked: { readonly regions: readonly Match[]; readonly primary: DatapathName } | undefined;
  /** By flowKey. */
  readonly #guards = new Map<string, PhysicalFlow>();
  #frozen: readonly PhysicalFlow[] = [];
  #diverted: readonly PhysicalFlow[] = [];
  #keptOut: readonly PhysicalFlow[] = [];
  #next: Mark | undefined;
  #mark: Mark | undefined;

  constructor(ground: Ground, vswitch: Vswitch) {
    this.#ground = ground;
    this.#vswitch = vswitch;
  }

  guard(regions: readonly Match[], primary: DatapathName): readonly Message[] {
    this.#asked = { regions, primary };
    return this.renew();
  }

  /** What is other, or new, after what the ground says has changed: there may be more entrances. */
  renew(): readonly Message[] {
    if (this.#asked === undefined) return [];
    const { regions, primary } = this.#asked;
    const site = this.#ground.site();
    const messages: Message[] = [];
    for (const entrance of this.#ground.entrances(this.#vswitch)) {
      for (const flow of guardFlows(site, entrance, regions, primary)) {
        const key = flowKey(flow);
        const before = this.#guards.get(key);
        if (before !== undefined && sameFlow(before, flow)) continue;
        this.#guards.set(key, flow);
        messages.push(putFlow(flow, site.speaks, before === undefined));
      }
    }
    return messages;
  }

  /** The datapath refused one: it is sent again when there is occasion, and deleted with them. */
  refused(key: string, flow: PhysicalFlow): void {
    this.#guards.set(key, flow);
  }

  flows(): readonly PhysicalFlow[] {
    return [...this.#guards.values()];
  }

  unguard(): readonly Message[] {
    const gone = this.flows();
    this.#guards.clear();
    this.#asked = undefined;
    return gone.map(deleteFlow);
  }

  freeze(): readonly Message[] {
    return this.freezeFlows().map((flow) => putFlow(flow, this.#ground.site().speaks, true));
  }

  /** Those that `thaw` takes away, whatever entrances there are by then. */
  freezeFlows(): readonly PhysicalFlow[] {
    this.#frozen = this.#ground.entrances(this.#vswitch).map(freezeFlow);
    return this.#frozen;
  }

  thaw(): readonly Message[] {
    const frozen = this.#frozen.length > 0 ? this.#frozen : this.freezeFlows();
    this.#frozen = [];
    return frozen.map(deleteFlow);
  }

  /**
   * What diverted packets bear; undefined where they need not. Until `divert` a tenant's frame may
   * still come up with it, so it is not looked for before that.
   */
  get mark(): Mark | undefined {
    return this.#mark;
  }

  /**
   * Chooses a mark that nothing bears which meets a rule, by what is done in rules
   * (packet-in-mark.ts).
   */
  keepOut(applied: readonly Action[]): readonly Message[] {
    const { speaks } = this.#ground.site();
    if (speaks !== version.of10) return [];
    const mark = chooseMark(applied);
    this.#next = mark;
    this.#keptOut = this.#ground.entrances(this.#vswitch).flatMap((one) => keepOutFlows(one, mark));
    return this.#keptOut.map((flow) => putFlow(flow, speaks, true));
  }

  letIn(): readonly Message[] {
    const gone = this.#keptOut;
    this.#keptOut = [];
    this.#mark = undefined;
    return gone.map(deleteFlow);
  }

  /** Sends what these matches may touch up to us, marked (`divertFlow`). */
  divert(regions: readonly Match[]): readonly Message[] {
    const site = this.#ground.site();
    this.#mark = this.#next;
    this.#next = undefined;
    const mark = this.#mark;
    this.#diverted = this.#ground
      .entrances(this.#vswitch)
      .flatMap((entrance) => regions.flatMap((region) => divertFlow(site, entrance, region, mark)));
    return this.#diverted.map((flow) => putFlow(flow, site.speaks, true));
  }

  undivert(): readonly Message[] {
    const gone = this.#diverted;
    this.#diverted = [];
    return gone.map(deleteFlow);
  }
}

/** What these matches may touch at an entrance. */
function guardFlows(
  site: Site,
  entrance: Entrance,
  regions: readonly Match[],
  primary: DatapathName,
): readonly PhysicalFlow[] {
  const key = leadKey(site.snapshot, entrance.vswitch, entrance.vport, primary);
  const actions = sendTagged(site, key, primary, entrance);
  return regions.flatMap((region) => redirected(site, entrance, region, actions));
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

/** Redirects what may be touched; what has a tag of its own cannot be, and waits outside. */
function redirected(
  site: Site,
  entrance: Entrance,
  region: Match,
  actions: readonly Action[],
): readonly PhysicalFlow[] {
  const match = matchAt(site, entrance, region);
  if (match === undefined) return [];
  const cookie = cookieOf('guard', entrance.vswitch.id, 0);
  const redirect = (where: Match): PhysicalFlow => {
    const instructions = [{ type: 'applyActions', actions } as const];
    return { tableId: 0, priority: levels.guard, match: where, instructions, cookie };
  };
  if (entrance.tag !== undefined) return [redirect(match)];
  const hold = { tableId: 0, priority: levels.hold, match, instructions: [], cookie };
  const vid = fieldOf(match, 'vlan_vid');
  if (vid === undefined) return [redirect(withField(match, untagged)), hold];
  return oxmNumber(vid) === 0n && vid.mask === undefined ? [redirect(match)] : [hold];
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
