/**
 * The uses of probes: the links of the file are verified (link-watch.ts), and connected switches
 * and cables are discovered on request (discovery.ts), including unknown switches (strangers.ts).
 */
import type { Boundary } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';
import type { World } from '../world/world.ts';
import type { ConvergingContext } from './contributors.ts';
import { Discovery } from './discovery.ts';
import { HostPorts } from './host-ports.ts';
import { deafening, LinkWatch } from './link-watch.ts';
import { Probes } from './probes.ts';
import { Strangers } from './strangers.ts';

export class Probing {
  readonly probes: Probes;
  readonly strangers: Strangers;
  readonly discovery: Discovery;
  readonly linkWatch: LinkWatch;

  /** `world` is nobody's in particular. */
  constructor(context: ConvergingContext, world: World, boundary: Boundary, log: Log) {
    const chores = boundary.choreWorld('watching links', world);
    this.probes = new Probes(chores, log, deafening(context));
    this.strangers = new Strangers(world, boundary, this.probes);
    const hostPorts = new HostPorts(chores, context);
    this.discovery = new Discovery(chores, context, this.probes, this.strangers, hostPorts);
    this.linkWatch = new LinkWatch(chores, context, log, this.probes, hostPorts);
  }
}
