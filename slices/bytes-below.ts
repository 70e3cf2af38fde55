/**
 * The size of a tenant's rules and groups on a datapath, in the messages that report them: the
 * connection that carries them is shared by all tenants, and a datapath answers one request after
 * the other.
 *
 * Bounds, and no encoder: they are wanted for every rule (rulebook.ts). What translation/ makes of
 * an action is no longer than this where entries are pipelines (tests/translation/bytes-below).
 */
import { actionIds, experimenterType } from '../openflow/actions/actions.ts';
import { actionsHead, instructionIds } from '../openflow/actions/instructions.ts';
import { flowRow } from '../openflow/messages/statistics.ts';
import { port as ofpp } from '../openflow/values/constants.ts';
import type { Action, Bucket } from '../openflow/values/values.ts';

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

function actionBytes(action: Action): number {
  switch (action.type) {
    case 'output':
      return outputBytes(action.port);
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

function outputBytes(port: number): number {
  return port === ofpp.controller ? TO_CONTROLLER_BYTES : OUTPUT_BYTES;
}

/** Our metadata before the tenant's match, and what fills the match up to eight. */
const MATCH_MORE_BYTES = 24;

/** Of a rule whose match and instructions are kept at `at` (rule-record.ts): of its row. Hot. */
export function ruleBytes(
  dv: DataView,
  at: number,
  matchSize: number,
  instructionsSize: number,
): number {
  let bytes = flowRow.layout.size + matchSize + MATCH_MORE_BYTES;
  const end = at + matchSize + instructionsSize;
  for (let one = at + matchSize; one < end; ) {
    const type = dv.getUint16(one);
    const length = dv.getUint16(one + 2);
    const hasActions = type === instructionIds.applyActions || type === instructionIds.writeActions;
    bytes += hasActions ? actionsBytes(dv, one, one + length) : length;
    one += length;
  }
  return bytes;
}

/** Of an instruction with actions. */
function actionsBytes(dv: DataView, at: number, end: number): number {
  const head = actionsHead.size;
  let bytes = head;
  for (let one = at + head; one < end; ) {
    const type = dv.getUint16(one);
    const length = dv.getUint16(one + 2);
    if (type === actionIds.output) bytes += outputBytes(dv.getUint32(one + 4));
    else if (type === experimenterType) bytes += LEGACY_BYTES;
    else if (type === actionIds.group) bytes += GROUP_BYTES;
    else bytes += Math.max(OTHER_BYTES, length);
    one += length;
  }
  return bytes;
}
