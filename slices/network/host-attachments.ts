/**
 * The ports at which a host is plugged in: one port of a datapath, or two while it moves. Until it
 * has moved its vport sends frames to both places, and receives from both; the host runs at one of
 * them, so it gets one copy of each.
 */
import type { PhysicalEnd } from '../config/values.ts';
import type { DatapathName } from '../ids.ts';
import type { Attachment } from './values.ts';

export type HostAttachment = Extract<Attachment, { type: 'host' }>;

/** The attachment for each of its places, as if that were the only one. */
export function endsOf(host: HostAttachment): readonly HostAttachment[] {
  const { also, ...first } = host;
  return also === undefined ? [host] : [first, { ...first, at: also, isSecond: true }];
}

/**
 * Those that a datapath sends to one by one: from elsewhere a single way leads to two ports of the
 * same datapath, and gives a copy to each.
 */
export function endsFrom(host: HostAttachment, datapath: DatapathName): readonly HostAttachment[] {
  const isOne = host.also?.device === host.at.device && host.at.device !== datapath;
  return isOne ? [host] : endsOf(host);
}

/** Those on a datapath. */
export function endsOn(host: HostAttachment, datapath: DatapathName): readonly HostAttachment[] {
  return endsOf(host).filter(({ at }) => at.device === datapath);
}

export function placesOf({ at, also }: HostAttachment): readonly PhysicalEnd[] {
  return also === undefined ? [at] : [at, also];
}

/** Whether a vport leads to a host that is plugged in on this datapath. */
export function isHostOn(attachment: Attachment | undefined, datapath: DatapathName): boolean {
  return (
    attachment?.type === 'host' && placesOf(attachment).some(({ device }) => device === datapath)
  );
}

/** The same of one that is plugged in nowhere else: where a frame leaves there, it has left. */
export function isHostOnlyOn(attachment: Attachment | undefined, datapath: DatapathName): boolean {
  return (
    attachment?.type === 'host' && placesOf(attachment).every(({ device }) => device === datapath)
  );
}
