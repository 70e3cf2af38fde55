/**
 * A tenant's view of its ports while they change: their state, and the port-status messages that
 * Open vSwitch 3.1 sends on a change (seen with veth ports; docs/DESIGN.md, "Ports").
 */
import { portConfig, portState } from '../../openflow/values/constants.ts';

/** What changes of a port's description. */
export interface PortView {
  /** OFPPC_*. */
  readonly config: number;
  /** OFPPS_*. */
  readonly state: number;
}

/** The state of a port that is configured so, and whose cable leads somewhere or not. */
export function portView(config: number, hasLink: boolean): PortView {
  const isUp = hasLink && (config & portConfig.portDown) === 0;
  if (config === 0) return isUp ? live : down;
  return { config, state: isUp ? portState.live : portState.linkDown };
}

/** What nearly all ports are. */
const live: PortView = { config: 0, state: portState.live };
const down: PortView = { config: 0, state: portState.linkDown };

/**
 * What the controllers are told, in this order, when a port goes from one view to another.
 *
 * Going down, a port is first no longer live and then has no link. A changed configuration is told
 * before the link follows it.
 */
export function portSteps(before: PortView, after: PortView): readonly PortView[] {
  const linkBefore = before.state & portState.linkDown;
  const linkAfter = after.state & portState.linkDown;
  const steps: PortView[] = [];
  // Live needs both: it goes at once, and comes with the link.
  const between = { config: after.config, state: linkBefore | (after.state & before.state) };
  if (!sameView(before, between)) steps.push(between);
  if (linkAfter !== linkBefore) steps.push(after);
  return steps;
}

export function sameView(a: PortView, b: PortView): boolean {
  return a.config === b.config && a.state === b.state;
}
