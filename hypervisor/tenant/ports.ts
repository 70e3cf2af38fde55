/**
 * The ports of a vswitch while it runs: whether each has a link, and the port-status messages to
 * its controllers when that changes (OF1.3.5 section 7.4.3).
 *
 * A port has a link while all of its cable is up (links.ts). So a migration says nothing by itself;
 * what a tenant hears is what really happened to its network.
 */
import { portConfig, portReason, portState } from '../../openflow/values/constants.ts';
import type { PortDesc } from '../../openflow/values/values.ts';
import type { PhysicalEnd } from '../../slices/config/config.ts';
import { isSameValue } from '../../slices/equality.ts';
import type { Vport, VswitchName } from '../../slices/ids.ts';
import { portConfigOf, withPortConfig } from '../../slices/network/port-configs.ts';
import { requiredPortsOf } from '../../slices/network/required-ports.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { type PortChange, visibleDesc } from '../../translation/controllers/port-mod.ts';
import {
  type PortView,
  portSteps,
  portView,
  sameView,
} from '../../translation/controllers/ports.ts';
import { describedPort, type SeenPort } from '../../translation/controllers/vswitch-description.ts';
import { receives } from '../../translation/wiring/port-wiring.ts';
import type { Controller } from '../controller/controller.ts';
import type { Journal } from '../store/journal.ts';
import type { Reconfigured } from './configured.ts';
import { hasLink, type LinksContext } from './links.ts';
import type { TenantShell } from './shell.ts';

/** The state of links, and where a tenant's PORT_MODs are kept and take effect. */
export interface PortsContext extends LinksContext, Reconfigured {
  readonly journal: Journal;
  /** The other end of a virtual link. */
  runtime(name: VswitchName): { readonly vswitch: Vswitch; readonly ports: Ports } | undefined;
}

function isSamePort(one: SeenPort, other: SeenPort): boolean {
  return sameView(one.view, other.view) && isSameValue(one.identity, other.identity);
}

/** Whose ports they are, who is told of them, and what follows them. */
export interface PortsOwner {
  readonly vswitch: Vswitch;
  readonly controllers: readonly Controller[];
  readonly shell: TenantShell;
  readonly portCounters: { settle(vport: Vport): void };
  readonly groups: { follow(): void };
  readonly mirror: { configured(vport: Vport, set: number, clear: number): void } | undefined;
}

const SELECTIVE = portConfig.noRecv | portConfig.noRecvStp | portConfig.noPacketIn;

export class Ports {
  readonly #context: PortsContext;
  readonly #owner: PortsOwner;
  /** The snapshot that `isSelective` was last computed from. */
  #known: Snapshot | undefined;
  #isSelective = false;
  /** What the controllers know; nothing at first, when they ask for all of it. */
  readonly #told = new Map<Vport, SeenPort>();
  #isBegun = false;

  constructor(context: PortsContext, owner: PortsOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  view(vport: Vport): PortView {
    return portView(this.#configOf(vport), hasLink(this.#context, this.#owner.vswitch, vport));
  }

  /** Whether any port takes or tells less than everything, so that packets must be looked at. */
  get isSelective(): boolean {
    const snapshot = this.#context.snapshot();
    if (snapshot !== this.#known) {
      this.#known = snapshot;
      const configs = snapshot.portConfigs.get(this.#owner.vswitch.name);
      this.#isSelective = [...(configs?.values() ?? [])].some((one) => (one & SELECTIVE) !== 0);
    }
    return this.#isSelective;
  }

  /** Whether a packet that is said to have entered there would have been taken. */
  receives(vport: Vport, data: Uint8Array): boolean {
    return receives(this.#configOf(vport), data);
  }

  /** Whether what is sent at the other end of a virtual link enters here. */
  isReached(vport: Vport): boolean {
    const { vswitch } = this.#owner;
    const { config, state } = this.view(vport);
    const attachment = vswitch.ports.get(vport);
    if (attachment?.type !== 'link' || state !== portState.live) return false;
    const { device, port } = attachment.peer;
    const theirs = portConfigOf(this.#context.snapshot().portConfigs, device, port);
    return (config & portConfig.noRecv) === 0 && (theirs & portConfig.noFwd) === 0;
  }

  /** Whether what misses every rule, and entered there, goes up (OF1.3.5 section 7.2.1). */
  sendsMisses(vport: Vport): boolean {
    return !this.isSelective || (this.#configOf(vport) & portConfig.noPacketIn) === 0;
  }

  /** A tenant's PORT_MOD: kept, wired, told; `done` when every datapath has it. */
  change({ vport, set, clear }: PortChange, from: Controller | undefined, done: () => void): void {
    const { vswitch, portCounters } = this.#owner;
    portCounters.settle(vport);
    const config = (this.#configOf(vport) | set) & ~clear;
    const snapshot = this.#context.snapshot();
    const next = withPortConfig(snapshot.portConfigs, vswitch.name, vport, config);
    const configs = next.get(vswitch.name) ?? new Map();
    const attachment = vswitch.ports.get(vport);
    const peer = attachment?.type === 'link' && this.#context.runtime(attachment.peer.device);
    const touched = peer ? [vswitch, peer.vswitch] : [vswitch];
    this.#owner.shell.execute({
      entries: [{ type: 'portConfigs', vswitch: vswitch.name, configs }],
      messages: [{ type: 'wiring', next: { ...snapshot, portConfigs: next }, touched, done }],
      // What is so now, as a packet-in is: who asked is answered by a barrier.
      answers: [{ type: 'ports', from }],
    });
    if (peer) peer.ports.refresh();
    this.#owner.mirror?.configured(vport, set, clear);
  }

  /**
   * Tells the controllers what changed since they were last told. Who asked for it hears only what
   * followed from it, as from Open vSwitch: until OpenFlow 1.5 a PORT_MOD has no port-status for
   * its sender (ONF's EXT-338). Of ports that do not need a physical port that it `concerns`,
   * nothing has changed.
   */
  refresh(asker?: Controller, concerns?: (end: PhysicalEnd) => boolean): void {
    const { vswitch } = this.#owner;
    const isFirst = !this.#isBegun;
    this.#isBegun = true;
    let isNews = false;
    for (const [vport, before] of this.#told) {
      if (vswitch.portIdentities.has(vport)) continue;
      isNews = true;
      this.#told.delete(vport);
      this.#announce(portReason.delete, describedPort(vport, before));
    }
    for (const [vport, identity] of vswitch.portIdentities) {
      const before = this.#told.get(vport);
      if (before !== undefined && concerns !== undefined && !this.#needs(vport, concerns)) continue;
      const seen = { identity, view: this.view(vport) };
      if (before !== undefined && isSamePort(before, seen)) continue;
      isNews = true;
      this.#told.set(vport, seen);
      if (before !== undefined) this.#tell(vport, before, seen, asker);
      else if (!isFirst) this.#announce(portReason.add, describedPort(vport, seen));
    }
    if (isNews) this.#owner.groups.follow();
  }

  #needs(vport: Vport, concerns: (end: PhysicalEnd) => boolean): boolean {
    return requiredPortsOf(this.#context.snapshot(), this.#owner.vswitch, vport).some(concerns);
  }

  #announce(reason: number, whole: PortDesc): void {
    for (const one of this.#owner.controllers) {
      one.announce({ type: 'portStatus', xid: 0, reason, desc: visibleDesc(whole, one.version) });
    }
  }

  #tell(vport: Vport, before: SeenPort, seen: SeenPort, asker: Controller | undefined): void {
    const { identity } = seen;
    const views = portSteps(before.view, seen.view);
    const steps = [
      ...views.map((view) => ({ identity, view })),
      ...(views.length > 0 ? [] : [seen]),
    ];
    let last = describedPort(vport, before);
    for (const step of steps) {
      const next = describedPort(vport, step);
      for (const one of this.#owner.controllers) {
        if (one === asker && next.config !== last.config) continue;
        const desc = visibleDesc(next, one.version);
        if (isSameValue(desc, visibleDesc(last, one.version))) continue;
        one.announce({ type: 'portStatus', xid: 0, reason: portReason.modify, desc });
      }
      last = next;
    }
  }

  #configOf(vport: Vport): number {
    return portConfigOf(this.#context.snapshot().portConfigs, this.#owner.vswitch.name, vport);
  }
}
