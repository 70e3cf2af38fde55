/**
 * Messages about bundles, for tests (ONF extension 230).
 */
import { bundleAddOf, bundleControlOf } from '../../openflow/messages/bundles.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { bundleControl, bundleFlag, version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';

/** What ovs-ofctl asks for. */
export const BOTH = bundleFlag.atomic | bundleFlag.ordered;

export function control(
  name: keyof typeof bundleControl,
  { xid = 1, bundleId = 1, flags = BOTH } = {},
): Message {
  return bundleControlOf(xid, { bundleId, control: bundleControl[name], flags });
}

/** Puts a message, with its own id, into a bundle. */
export function added(message: Message, { bundleId = 1, flags = BOTH } = {}): Message {
  return bundleAddOf(message.xid, { bundleId, flags, contents: encode(version.of13, message) });
}

/** A bundle with all of these, opened and committed; the commit's xid. */
export function bundleOf(
  messages: readonly Message[],
  { xid = 900, bundleId = 1, flags = BOTH } = {},
): readonly Message[] {
  const named = { bundleId, flags };
  return [
    control('open', { xid: xid - 1, ...named }),
    ...messages.map((one) => added(one, named)),
    control('commit', { xid, ...named }),
  ];
}
