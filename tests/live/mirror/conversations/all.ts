/**
 * Every conversation, and those of them that OpenFlow 1.0 can have too.
 */
import { version } from '../../../../openflow/values/constants.ts';
import { bytesOf, type Conversation, type Sent } from '../conversation.ts';
import { actions } from './actions.ts';
import { additions } from './adding.ts';
import { bundles } from './bundles.ts';
import { changes } from './changing.ts';
import { errors } from './errors.ts';
import { exactTalks, exactTalks10 } from './exact.ts';
import { groups } from './groups.ts';
import { legacyTalks } from './legacy.ts';
import { matches } from './matches.ts';
import { smallMessages } from './messages.ts';
import { meters } from './meters.ts';
import { misusedBundles } from './misused-bundles.ts';
import { filterTalks, mixedTalks } from './mixed.ts';
import { multiparts } from './multiparts.ts';
import { normalFloods } from './normal.ts';
import { of10Talks } from './of10.ts';
import { orders } from './order.ts';
import { portTalks } from './ports.ts';
import { queues } from './queues.ts';
import { reservedMeters } from './reserved-meters.ts';
import { roleTalks } from './roles.ts';
import { statistics } from './statistics.ts';
import { tables } from './tables.ts';
import { unpromised } from './unpromised.ts';

export const all: readonly Conversation[] = [
  ...matches,
  ...actions,
  ...additions,
  ...changes,
  ...statistics,
  ...smallMessages,
  ...errors,
  ...portTalks,
  ...tables,
  ...groups,
  ...roleTalks,
  ...multiparts,
  ...meters,
  ...reservedMeters,
  ...unpromised,
  ...orders,
  ...queues,
  ...filterTalks,
  ...mixedTalks,
  ...exactTalks,
  ...bundles,
  ...misusedBundles,
  ...normalFloods,
];

/** What a bridge says to 1.0 where that is something else: other counters, no flags, no tables. */
const seen10: Readonly<Record<string, RegExp>> = {
  'add: the same match and priority replaces, counters go on': /n_packets=1/,
  'add: check_overlap finds the very same rule': /flows/,
  'add: flags that nobody knows': /flows/,
  'add: to table ALL': /flows/,
  'modify: actions change; cookie, counters and time-outs stay': /cookie=0x99/,
  'modify: reset_counts': /n_packets=1/,
  'packet-in of a table-miss rule': /packetIn/,
  'packet-in with the rule’s cookie': /packetIn/,
  'no table has number 255': /send/,
  // 1.0’s actions do nothing to a packet that has not what they change.
  ...Object.fromEntries(unpromised.map(({ name }) => [name, /send/])),
};

/**
 * In 1.0 a bridge takes dec_ttl also where packets may be no IP, and does it to those that are; on
 * a datapath of 1.3 that is refused, and so here (README.md).
 */
const unpromised10: ReadonlySet<string> = new Set([
  'action dec_nw_ttl without a match on IP',
  'packet-out, dec_nw_ttl of no IP',
]);

/** What is said in messages that have a form in 1.0; bytes of 1.3 have not. */
export const all10: readonly Conversation[] = all
  .filter(({ name }) => !unpromised10.has(name))
  .filter(({ steps }) => steps.every((step) => step.type !== 'send' || step.what.every(isSaid10)))
  .map((talk) => ({ ...talk, sees: seen10[talk.name] ?? talk.sees }))
  .concat(of10Talks, legacyTalks, exactTalks10);

function isSaid10(sent: Sent): boolean {
  if (sent instanceof Uint8Array) return false;
  try {
    bytesOf(sent, version.of10);
    return true;
  } catch {
    return false; // The codec says what 1.0 cannot.
  }
}
