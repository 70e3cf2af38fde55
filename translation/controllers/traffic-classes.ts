/**
 * The class of each message, by which a tenant's control messages are counted and limited to rates
 * (slices/control-traffic.ts). A message type without a line does not compile.
 */
import type { MessageName } from '../../openflow/messages/messages.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { Downward, Upward } from '../../slices/control-traffic.ts';

/** From controllers. */
const downwardOf = {
  hello: 'others',
  error: 'others',
  echoRequest: 'others',
  echoReply: 'others',
  experimenter: 'others',
  featuresRequest: 'others',
  getConfigRequest: 'others',
  setConfig: 'others',
  packetOut: 'packetOuts',
  flowMod: 'changes',
  groupMod: 'changes',
  portMod: 'changes',
  tableMod: 'changes',
  meterMod: 'changes',
  multipartRequest: 'statistics',
  barrierRequest: 'barriers',
  queueGetConfigRequest: 'statistics',
  roleRequest: 'others',
  getAsyncRequest: 'others',
  setAsync: 'others',
  featuresReply: 'others',
  getConfigReply: 'others',
  packetIn: 'others',
  flowRemoved: 'others',
  portStatus: 'others',
  multipartReply: 'others',
  barrierReply: 'others',
  queueGetConfigReply: 'others',
  roleReply: 'others',
  getAsyncReply: 'others',
} as const satisfies Record<MessageName, Downward>;

/** What a message from a controller is, by its type's name; one that has none is an error. */
export function downwardClass(name: MessageName | undefined): Downward {
  return name === undefined ? 'others' : downwardOf[name];
}

/** What a message to a controller is. */
export function upwardClass(type: Message['type']): Upward {
  if (type === 'packetIn') return 'packetIns';
  return type === 'flowRemoved' || type === 'portStatus' ? 'events' : 'replies';
}
