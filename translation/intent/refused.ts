/**
 * The entry, group or meter that a datapath is believed to hold after it refused a message about
 * it.
 */
import {
  flowCommand,
  groupCommand,
  groupType,
  meterCommand,
} from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import {
  flowKey,
  type PhysicalFlow,
  type PhysicalGroup,
  type PhysicalMeter,
  unsure,
} from '../entries/physical-tables.ts';
import { readCookie } from '../entries/pipeline.ts';

export interface Doubt<K, V> {
  readonly key: K;
  /** Undefined when it was to go. */
  readonly asked: V | undefined;
  /** What is believed instead; undefined when it is not there. */
  readonly doubted: V | undefined;
}

type Refused = (
  | ({ readonly type: 'flow' } & Doubt<string, PhysicalFlow>)
  | ({ readonly type: 'group' } & Doubt<number, PhysicalGroup>)
  | ({ readonly type: 'meter' } & Doubt<number, PhysicalMeter>)
) & {
  /** A tenant's: what becomes of those is for their tables to say (refused-changes.ts). */
  readonly isRule?: boolean;
};

/** Undefined when it is about nothing of the three. */
export function refusedIn(message: Message): Refused | undefined {
  if (message.type === 'flowMod') {
    const { command, cookie } = message;
    const kind = readCookie(cookie)?.kind;
    return {
      type: 'flow',
      key: flowKey(message),
      asked: command >= flowCommand.delete ? undefined : message,
      doubted: command === flowCommand.add ? undefined : { ...message, instructions: unsure },
      isRule: kind === 'rule' || kind === 'tagged',
    };
  }
  if (message.type === 'groupMod') {
    const { groupId: key, command } = message;
    const asked = command === groupCommand.delete ? undefined : message;
    const doubted = command === groupCommand.add ? undefined : { groupId: key, ...unsureGroup };
    return { type: 'group', key, asked, doubted };
  }
  if (message.type !== 'meterMod') return undefined;
  const { meterId: key, command } = message;
  const asked = command === meterCommand.delete ? undefined : message;
  const doubted = command === meterCommand.add ? undefined : { meterId: key, ...unsureMeter };
  return { type: 'meter', key, asked, doubted };
}

/** Of which a change was refused: what one does is never what it should. */
const unsureGroup = { groupType: groupType.all, buckets: [] };
const unsureMeter = { flags: 0, bands: [] };
