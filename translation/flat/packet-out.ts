/**
 * A tenant's packet-out on a datapath of the flat encoding.
 *
 * Its actions are a rule's, with one difference: OFPP_TABLE is looked up in the rulebook, for the
 * datapath's own table would be entered by a real port only.
 */
import { NO_BUFFER, port as ofpp } from '../../openflow/values/constants.ts';
import { isError, ofError } from '../../openflow/values/errors.ts';
import type { Action, OfError } from '../../openflow/values/values.ts';
import type { Tag } from '../../slices/ids.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { refuseLongPacket } from '../requests/fit.ts';
import type { PacketOut } from '../requests/packet-out.ts';
import { flatActions, type Lost, tagging, tagOverLink } from './actions.ts';
import type { FlatContext } from './context.ts';
import { longestActions } from './longest-entry.ts';
import { tagsIn } from './tenant-tags.ts';

export interface FlatPacket {
  readonly out: PacketOut;
  /** What is not sent for a tag of its own: the rules of its table may say so. */
  readonly lost: readonly Lost[];
}

/**
 * `actions` say where the packet goes, OFPP_TABLE no longer among them; nor is the controller,
 * unless the packet was changed before.
 */
export function flatPacketOut(
  context: FlatContext,
  vswitch: Vswitch,
  inPort: number,
  actions: readonly Action[],
  data: Uint8Array,
): FlatPacket | OfError {
  const site = context.site();
  // What comes back up must say where the tenant wants it to have entered.
  const isUp = actions.some(
    (action) => action.type === 'output' && action.port === ofpp.controller,
  );
  const entrance = isUp
    ? context.entrances(vswitch).find(({ vport }) => vport === inPort)
    : undefined;
  if (isUp && entrance === undefined) {
    const why = 'changing a packet before output to CONTROLLER needs an in_port';
    return ofError('badAction', 'unsupportedOrder', why);
  }
  const enters = entrance?.tag === undefined ? [] : tagging(site.speaks, entrance.tag, false);
  const flat = flatActions(
    {
      ...site,
      vswitch,
      vport: inPort,
      inPort: entrance?.inPort,
      tag: entrance?.tag,
      theirs: tagsIn(data),
      areMixed: false,
    },
    actions,
  );
  if (isError(flat)) return flat;
  const out: PacketOut = {
    type: 'packetOut',
    xid: 0,
    bufferId: NO_BUFFER,
    inPort: entrance?.inPort ?? ofpp.controller,
    actions: [...enters, ...flat.actions],
    data,
  };
  return { out, lost: flat.lost };
}

/**
 * Why a packet-out cannot be sent there: for what it does, or because it may be too long. What goes
 * up or into the table is not the datapath's affair (hypervisor/tenant/packet-outs.ts).
 */
export function refuseFlatPacket(
  context: FlatContext,
  vswitch: Vswitch,
  inPort: number,
  actions: readonly Action[],
  data: Uint8Array,
): OfError | undefined {
  const { snapshot, datapath } = context.site();
  // A body to be: its ways are not there yet, and nothing is sent from it before they are.
  if (snapshot.placements.get(vswitch.name)?.bodies.includes(datapath) !== true) return undefined;
  const onward = actions.filter((action) => !isOurs(action));
  const made = flatPacketOut(context, vswitch, inPort, onward, data);
  if (isError(made)) return made;
  if (made.lost.some((one) => !one.isOfTrunk)) return tagOverLink;
  const site = context.site();
  const enters = tagging(site.speaks, 1 as Tag, false);
  const derived = [...enters, ...longestActions({ ...site, vswitch }, actions)];
  const head = { type: 'packetOut', xid: 0, bufferId: NO_BUFFER, inPort: ofpp.controller } as const;
  return refuseLongPacket(site.speaks, { ...head, actions: derived, data });
}

function isOurs(action: Action): boolean {
  const ports: readonly number[] = [ofpp.table, ofpp.controller];
  return action.type === 'output' && ports.includes(action.port);
}
