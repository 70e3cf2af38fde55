/**
 * The ports of a vswitch while it runs: whether each has a link, and what its controllers are told
 * when that changes (OF1.3.5 section 7.4.3).
 *
 * A port has a link while every physical port that its cable runs over is up (slices/needs.ts). So
 * a migration says nothing by itself; what a tenant hears is what really happened to its network.
 */
import { portConfig, portReason } from '../openflow/constants.ts';
import type { PhysicalEnd } from '../slices/config.ts';
import { LOCAL, type Vport } from '../slices/ids.ts';
import { limits } from '../slices/limits.ts';
import { needsOf } from '../slices/needs.ts';
import { portConfigOf } from '../slices/port-configs.ts';
import { portDesc } from '../translation/personality.ts';
import { type PortView, portSteps, portView } from '../translation/ports.ts';
import type { Hub, VswitchRuntime } from './vswitch.ts';

export class Ports {
  readonly #hub: Hub;
  readonly #owner: VswitchRuntime;
  /** What the controllers know. */
  readonly #told = new Map<Vport, PortView>();

  constructor(hub: Hub, owner: VswitchRuntime) {
    this.#hub = hub;
    this.#owner = owner;
  }

  view(vport: Vport): PortView {
    const { portConfigs } = this.#hub.snapshot();
    const config = portConfigOf(portConfigs, this.#owner.vswitch.name, vport);
    return portView(config, this.#hasLink(vport));
  }

  /** Tells the controllers what changed since they were last told. */
  refresh(): void {
    const { vswitch, controllers } = this.#owner;
    for (const vport of vswitch.faces.keys()) {
      const before = this.#told.get(vport);
      const view = this.view(vport);
      this.#told.set(vport, view);
      if (before === undefined) continue;
      for (const step of portSteps(before, view)) {
        const desc = portDesc(vswitch, vport, step);
        const status = { type: 'portStatus', xid: 0, reason: portReason.modify, desc } as const;
        for (const controller of controllers) controller.send(status);
      }
    }
  }

  #hasLink(vport: Vport): boolean {
    if (vport === LOCAL) return true;
    const { vswitch } = this.#owner;
    const snapshot = this.#hub.snapshot();
    const attachment = vswitch.ports.get(vport);
    if (attachment?.type === 'link') {
      const { device, port } = attachment.peer;
      // As with a real cable: a port that its owner took down gives the other end no light.
      const config = portConfigOf(snapshot.portConfigs, device, port);
      if ((config & portConfig.portDown) !== 0) return false;
    }
    return needsOf(snapshot, vswitch, vport).every((end) => this.#isEndUp(end));
  }

  #isEndUp({ device, port }: PhysicalEnd): boolean {
    const { world, startedMs } = this.#hub;
    const datapath = this.#hub.datapath(device);
    // After a restart a switch takes some seconds to connect, and forwards meanwhile.
    const isStarting = world.nowMs() < startedMs + limits.datapathLostMs;
    return datapath.isPortUp(port) || (isStarting && !datapath.wasReady);
  }
}
