/**
 * Finds the control socket of a datapath's Open vSwitch, where that runs on this machine. Several
 * may run, with bridges of the same name and dpid. So an entry that matches no packet gets a random
 * cookie, and the bridge that shows this cookie is the right one.
 */
import { cookieOf } from '../../translation/entries/pipeline.ts';
import { RECOUNTED } from '../../translation/entries/recount.ts';
import type { DatapathContext } from './contributors.ts';
import { leadOwner } from './converge.ts';
import type { Datapath } from './datapath.ts';

/** `found` gets the socket, or undefined when there is none that we can ask. */
export function findUnixctlOf(
  context: Pick<DatapathContext, 'world' | 'snapshot'>,
  datapath: Datapath,
  found: (unixctl: string | undefined) => void,
): void {
  // The port that every bridge has is called as the bridge is.
  const bridge = datapath.local?.name;
  if (bridge === undefined) {
    found(undefined);
    return;
  }
  const serial = Math.floor(context.world.random() * 0x1_0000_0000);
  const lead = (isThere: boolean, done: () => void): void => {
    const owner = { type: 'recount', isThere, serial } as const;
    leadOwner(context.snapshot(), datapath, owner, 'barrier', done);
  };
  lead(true, () => {
    const shows = `cookie 0x${cookieOf('recount', 0, serial).toString(16)}`;
    context.world.findUnixctl(bridge, RECOUNTED, shows, (unixctl) => {
      lead(false, () => found(unixctl));
    });
  });
}
