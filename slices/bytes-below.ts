/**
 * How many bytes a tenant's things are on a datapath, in what it says that it holds: everybody's
 * connection carries that, and one datapath's answers come one after the other.
 *
 * Bounds, and no encoder: they are wanted for every rule (rulebook.ts). What translation/ makes of
 * an action is no longer than this where entries are pipelines (tests/translation/bytes-below).
 */
import { port as ofpp } from '../openflow/constants.ts';
import type { Action, Bucket } from '../openflow/values.ts';

/** Of an action: a value for a register and the way to a table of ours, each 16. */
const OUTPUT_BYTES = 32;
/** In an action set, with the rule's serial before it. */
const TO_CONTROLLER_BYTES = 48;
/** Of OpenFlow 1.0's own: two registers, or a queue's coming and going, and the way. */
const LEGACY_BYTES = 64;
/** With the rule's serial, which goes before a group. */
const GROUP_BYTES = 24;
/** An address of IPv6, and what names it. */
const SET_FIELD_BYTES = 24;
const OTHER_BYTES = 16;

/** Of a bucket: ofp_bucket, or its counters. */
const BUCKET_BYTES = 16;

/** Of all buckets of a group. */
export function bucketBytes(buckets: readonly Bucket[]): number {
  let bytes = 0;
  for (const { actions } of buckets) {
    bytes += BUCKET_BYTES;
    for (const action of actions) bytes += actionBytes(action);
  }
  return bytes;
}

export function actionBytes(action: Action): number {
  switch (action.type) {
    case 'output':
      return action.port === ofpp.controller ? TO_CONTROLLER_BYTES : OUTPUT_BYTES;
    case 'group':
      return GROUP_BYTES;
    case 'setField':
      return SET_FIELD_BYTES;
    case 'enqueue':
    case 'setVlanVid':
    case 'setVlanPcp':
    case 'stripVlan':
    case 'setNwSrc':
    case 'setNwDst':
    case 'setNwTos':
    case 'setTpSrc':
    case 'setTpDst':
      return LEGACY_BYTES;
    default:
      return OTHER_BYTES;
  }
}
