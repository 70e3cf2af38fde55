/**
 * The kinds of load: who sends what, and which frame at which end says that it has arrived.
 */
import type { NumberedName } from './numbers.ts';

/** Templates of frames (sandwich.ts); `modify` adds a rule where none is yet, and is in turns. */
export type Sent =
  | 'packetIn'
  | 'packetOut'
  | 'flowMod'
  | 'setField'
  | 'modify'
  | 'modifyBack'
  | 'echoRequest'
  | 'barrierRequest';

export interface Kind {
  readonly name: string;
  readonly from: 'switch' | 'controller';
  readonly sends: Sent;
  /** What goes right behind each. */
  readonly behind?: Sent;
  /** The controller's answer to a packet-in, in cbench's manner. */
  readonly answers?: 'packetOut' | 'flowMod';
  readonly arrivesAt: 'switch' | 'controller';
  /** The message that is counted there. */
  readonly arrivesAs: NumberedName;
  /** How many rules the flow-mods of a lane name, one after the other, before the first again. */
  readonly rules: number;
}

/** Below the rulebook's limit: a flow-mod of the sandwich is a rule that was not there before. */
const NEW_RULES = 90_000;
/** cbench's default: MACs for each switch. A rule is soon one that replaces its like. */
const CBENCH_MACS = 100;

export type KindName =
  | 'packet-in'
  | 'packet-out'
  | 'flow-mod'
  | 'set-field'
  | 'modify'
  | 'mod+barrier'
  | 'echo'
  | 'barrier'
  | 'in+out'
  | 'in+mod';

export const kinds: Readonly<Record<KindName, Kind>> = {
  'packet-in': {
    name: 'packet-in',
    from: 'switch',
    sends: 'packetIn',
    arrivesAt: 'controller',
    arrivesAs: 'packetIn',
    rules: 0,
  },
  'packet-out': {
    name: 'packet-out',
    from: 'controller',
    sends: 'packetOut',
    arrivesAt: 'switch',
    arrivesAs: 'packetOut',
    rules: 0,
  },
  'flow-mod': {
    name: 'flow-mod',
    from: 'controller',
    sends: 'flowMod',
    arrivesAt: 'switch',
    arrivesAs: 'flowMod',
    rules: NEW_RULES,
  },
  // With actions that 1.0 and 1.3 say otherwise.
  'set-field': {
    name: 'set-field',
    from: 'controller',
    sends: 'setField',
    arrivesAt: 'switch',
    arrivesAs: 'flowMod',
    rules: NEW_RULES,
  },
  modify: {
    name: 'modify',
    from: 'controller',
    sends: 'modify',
    arrivesAt: 'switch',
    arrivesAs: 'flowMod',
    rules: CBENCH_MACS,
  },
  // As ovs-ofctl add-flows does it.
  'mod+barrier': {
    name: 'mod+barrier',
    from: 'controller',
    sends: 'flowMod',
    behind: 'barrierRequest',
    arrivesAt: 'controller',
    arrivesAs: 'barrierReply',
    rules: CBENCH_MACS,
  },
  // Limevisor answers echoes itself; without it the switch does.
  echo: {
    name: 'echo',
    from: 'controller',
    sends: 'echoRequest',
    arrivesAt: 'controller',
    arrivesAs: 'echoReply',
    rules: 0,
  },
  barrier: {
    name: 'barrier',
    from: 'controller',
    sends: 'barrierRequest',
    arrivesAt: 'controller',
    arrivesAs: 'barrierReply',
    rules: 0,
  },
  'in+out': {
    name: 'in+out',
    from: 'switch',
    sends: 'packetIn',
    answers: 'packetOut',
    arrivesAt: 'switch',
    arrivesAs: 'packetOut',
    rules: 0,
  },
  'in+mod': {
    name: 'in+mod',
    from: 'switch',
    sends: 'packetIn',
    answers: 'flowMod',
    arrivesAt: 'switch',
    arrivesAs: 'flowMod',
    rules: CBENCH_MACS,
  },
};

export function isKindName(name: string): name is KindName {
  return Object.hasOwn(kinds, name);
}
