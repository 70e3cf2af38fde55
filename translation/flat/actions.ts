/**
 * A tenant's list of actions on one datapath, in the flat encoding: ports are the real ones, and
 * the tag of a way is set, changed and removed between the outputs.
 *
 * A frame crosses a link between datapaths only while it has no tag of its tenant's own
 * (tenant-tags.ts): what has one, or may have one that nobody can see, is not sent there.
 */

import { normalizedFor10 } from '../../openflow/actions/actions10.ts';
import { port as ofpp, type Version, version } from '../../openflow/values/constants.ts';
import { ofError } from '../../openflow/values/errors.ts';
import type { Action, OfError } from '../../openflow/values/values.ts';
import type { DatapathName, Port, Tag, Vport } from '../../slices/ids.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { pushVlan, setTag, tagTypes } from '../entries/frame-tags.ts';
import { isFlooded } from '../wiring/port-wiring.ts';
import { popQueue, queuesOf } from '../wiring/queues.ts';
import { type EgressActions, egressActionsOf, type Tagged } from './egress-actions.ts';
import { given, isTagged, popped, pushed, type TenantTags } from './tenant-tags.ts';

/** Where the packet is when the actions begin. */
export interface Here {
  readonly snapshot: Snapshot;
  readonly datapath: DatapathName;
  /** What the datapath speaks. */
  readonly speaks: Version;
  readonly vswitch: Vswitch;
  /** Where it entered; reserved numbers for packet-outs that entered nowhere. */
  readonly vport: number;
  /** The real port of that, to which a switch sends only by the name IN_PORT. */
  readonly inPort: Port | undefined;
  readonly tag: Tag | undefined;
  /** The tag is of a shared port: its priority bits are the host's. */
  readonly isAccess?: boolean;
  readonly theirs: TenantTags;
  /** Others that meet the same rule may have tags: what is done to those is done to all. */
  readonly areMixed: boolean;
}

/** A copy of the frame that cannot be sent over a link, or has no tag of its trunk's. */
export interface Lost {
  readonly vport: Vport;
  /** It has a tag of its own; else it may have one that no switch can match. */
  readonly isCertain: boolean;
  /** What a trunk does not let out is none of the tenant's errors. */
  readonly isOfTrunk?: true;
}

export interface FlatActions {
  readonly actions: readonly Action[];
  readonly lost: readonly Lost[];
}

/** Whole packets: buffers would belong to a datapath. */
const WHOLE_PACKET = 0xffff;

export function flatActions(here: Here, actions: readonly Action[]): FlatActions | OfError {
  const maker = new Maker(here);
  for (const action of actions) {
    const wrong = maker.put(action);
    if (wrong !== undefined) return wrong;
  }
  // As the datapath will say them: what it holds is compared with them (audit.ts).
  const made = here.speaks === version.of10 ? maker.made.map(normalizedFor10) : maker.made;
  return { actions: made, lost: maker.lost };
}

/** The error for what would certainly be lost. */
export const tagOverLink = unsupported('a frame with a tag of its own, over a one-tag link');

class Maker {
  readonly made: Action[] = [];
  readonly lost: Lost[] = [];
  readonly #here: Here;
  /** Our tag on the frame now. */
  #ours: Tag | undefined;
  /** It is still the one that the host has put on. */
  #isAccess: boolean;
  #theirs: TenantTags;
  /** What the tenant's rule wants until it wants another. */
  #queueId: number | undefined;

  constructor(here: Here) {
    this.#here = here;
    this.#ours = here.tag;
    this.#isAccess = here.isAccess === true;
    this.#theirs = here.theirs;
  }

  /** Appends what the action is here; the error when it cannot be done. */
  put(action: Action): OfError | undefined {
    switch (action.type) {
      case 'output':
        return this.#output(action.port);
      case 'enqueue': {
        const before = this.#queueId;
        this.#queueId = action.queueId;
        const wrong = this.#output(action.port);
        this.#queueId = before;
        return wrong;
      }
      case 'setVlanVid':
      case 'setVlanPcp':
        this.#untag();
        this.#theirs = given(this.#theirs, action);
        return this.#as13(action, () => this.made.push(action));
      case 'stripVlan':
      case 'popVlan':
        return this.#pop(action);
      case 'pushVlan':
        return this.#push(action);
      case 'setQueue':
        this.#queueId = action.queueId;
        return undefined;
      case 'setField':
        this.#theirs = given(this.#theirs, action);
        return this.#as13(action, () => this.made.push(action));
      case 'setNwSrc':
      case 'setNwDst':
      case 'setNwTos':
      case 'setTpSrc':
      case 'setTpDst':
      case 'setNwTtl':
      case 'decNwTtl':
        return this.#as13(action, () => this.made.push(action));
      case 'note':
        return undefined;
      default:
        return ofError('badAction', 'badType', `${action.type} is not supported with one table`);
    }
  }

  /** A datapath of 1.3 has no word for what 1.0 does only to packets that have the field. */
  #as13(action: Action, put: () => void): OfError | undefined {
    const isBoth = ['setField', 'setNwTtl', 'decNwTtl'].includes(action.type);
    if (this.#here.speaks === version.of10 || isBoth) {
      put();
      return undefined;
    }
    return unsupported(`${action.type} is not supported by OpenFlow 1.3 with one table`);
  }

  #push(action: Extract<Action, { type: 'pushVlan' }>): OfError | undefined {
    this.#untag();
    if (this.#here.speaks === version.of10) {
      const hasNone = this.#theirs.isAll && this.#theirs.least === 0;
      if (!hasNone || action.ethertype !== tagTypes[0]) {
        return unsupported('a second VLAN tag is not supported on a datapath of OpenFlow 1.0');
      }
      this.made.push({ type: 'setVlanVid', vid: 0 });
    } else this.made.push(action);
    this.#theirs = pushed(this.#theirs);
    return undefined;
  }

  #pop(action: Extract<Action, { type: 'stripVlan' | 'popVlan' }>): OfError | undefined {
    this.#untag();
    const { least, isAll } = this.#theirs;
    const hasNone = isAll && least === 0;
    this.#theirs = popped(this.#theirs);
    if (hasNone && !this.#here.areMixed) return undefined;
    if (this.#here.speaks === version.of10) this.made.push({ type: 'stripVlan' });
    // What 1.0 does only to frames that have a tag, 1.3 does to frames that certainly have one.
    else if (least > 0) this.made.push({ type: 'popVlan' });
    else return this.#as13(action, () => undefined);
    return undefined;
  }

  #output(port: number): OfError | undefined {
    const { vswitch, vport, snapshot } = this.#here;
    switch (port) {
      case ofpp.controller:
        return this.#toController();
      case ofpp.inPort:
        return this.#toVport(vport as Vport);
      // With one table nothing can be learnt: as a switch that knows no address yet.
      case ofpp.normal:
      case ofpp.flood:
      case ofpp.all: {
        for (const other of vswitch.ports.keys()) {
          if (other === vport) continue;
          if (port !== ofpp.all && !isFlooded(snapshot, vswitch, other)) continue;
          this.#toVport(other);
        }
        return undefined;
      }
      default:
        // Never back by the ingress port, unless IN_PORT is said (OF1.0.1 section 3.3).
        return port === vport ? undefined : this.#toVport(port as Vport);
    }
  }

  #toVport(vport: Vport): undefined {
    const { snapshot, datapath, vswitch } = this.#here;
    for (const reach of egressActionsOf(snapshot, datapath, vswitch, vport)) {
      switch (reach.type) {
        case 'nowhere':
          break;
        case 'port':
          if (!this.#isLetOut(reach, vport)) break;
          this.#untag();
          this.#deliver(vport, reach.port);
          break;
        // No tag says which queue was wanted: it would be the priority bits of a tenant's own tag.
        case 'tagged':
          this.#cross(vport, reach);
          break;
      }
    }
  }

  /** A trunk lets no other tags out than its own. */
  #isLetOut({ only }: Extract<EgressActions, { type: 'port' }>, vport: Vport): boolean {
    const isOf = only === undefined || isTagged(this.#theirs, only);
    if (!isOf) this.lost.push({ vport, isCertain: false, isOfTrunk: true });
    return isOf;
  }

  /** It must come up as it came in, or nobody could tell whose it is. */
  #toController(): OfError | undefined {
    const { tag } = this.#here;
    if (tag !== undefined) {
      if (this.#theirs.least > 0) return unsupported('no packet-in of a tagged frame from a link');
      this.#retag(tag);
    } else if (!this.#isOfTrunk()) {
      return unsupported('no packet-in of a trunk’s frame with a changed tag');
    }
    this.made.push({ type: 'output', port: ofpp.controller, maxLen: WHOLE_PACKET });
    return undefined;
  }

  /** Whether a frame of a trunk has a tag of it still, by which it is known whose it is. */
  #isOfTrunk(): boolean {
    const { vswitch, vport, inPort } = this.#here;
    const attachment = vswitch.ports.get(vport as Vport);
    if (inPort === undefined || attachment?.type !== 'host') return true;
    return attachment.vlans === undefined || isTagged(this.#theirs, attachment.vlans);
  }

  #cross(vport: Vport, { tag, port }: Tagged): undefined {
    const { least, isAll } = this.#theirs;
    if (least > 0 || !isAll) {
      this.lost.push({ vport, isCertain: least > 0 });
      return;
    }
    this.#retag(tag);
    this.#send(port);
  }

  /** To the host of a vport, by the queue that is wanted if it was granted. */
  #deliver(vport: Vport, port: Port): void {
    const attachment = this.#here.vswitch.ports.get(vport);
    const wanted = this.#queueId;
    const below = wanted === undefined ? undefined : queuesOf(attachment).get(wanted);
    if (below === undefined) this.#send(port);
    else if (this.#here.speaks === version.of10) {
      const to = port === this.#here.inPort ? ofpp.inPort : port;
      this.made.push({ type: 'enqueue', port: to, queueId: below });
    } else {
      this.made.push({ type: 'setQueue', queueId: below });
      this.#send(port);
      this.made.push(popQueue);
    }
  }

  #send(port: Port): undefined {
    const to = port === this.#here.inPort ? ofpp.inPort : port;
    this.made.push({ type: 'output', port: to, maxLen: WHOLE_PACKET });
  }

  #retag(tag: Tag): void {
    if (this.#ours === tag) return;
    if (this.#isAccess) this.#untag();
    this.made.push(...tagging(this.#here.speaks, tag, this.#ours !== undefined));
    this.#ours = tag;
  }

  #untag(): void {
    if (this.#ours === undefined) return;
    this.made.push(untagging(this.#here.speaks));
    this.#ours = undefined;
    this.#isAccess = false;
  }
}

/** Puts a tag on a frame, or another in place of the one that is there. */
export function tagging(speaks: Version, tag: Tag, isTagged: boolean): readonly Action[] {
  if (speaks === version.of10) return [{ type: 'setVlanVid', vid: tag }];
  return isTagged ? [setTag(tag)] : [pushVlan, setTag(tag)];
}

export function untagging(speaks: Version): Action {
  return speaks === version.of10 ? { type: 'stripVlan' } : { type: 'popVlan' };
}

/** 1.0 has a code for just this: "unsupported action list" (OF1.0.1 section 5.4.4). */
function unsupported(what: string): OfError {
  return ofError('badAction', 'unsupportedOrder', what);
}
