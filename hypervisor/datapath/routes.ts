/**
 * Dispatches a datapath's message to a part of the shell, by its number in each version: the
 * policy's table (translation/policy.ts) in the form that every message is looked up in.
 */

import { messageNames, messageNames10 } from '../../openflow/messages/messages.ts';
import { type Version, version } from '../../openflow/values/constants.ts';
import { type FrameHandler, fromDatapath } from '../../translation/policy.ts';

/** By message type. */
export const routes: Readonly<Record<Version, readonly FrameHandler[]>> = {
  [version.of10]: messageNames10.map((name) => fromDatapath[name].route),
  [version.of13]: messageNames.map((name) => fromDatapath[name].route),
};
export const barrierReply: Readonly<Record<Version, number>> = {
  [version.of10]: messageNames10.indexOf('barrierReply'),
  [version.of13]: messageNames.indexOf('barrierReply'),
};
