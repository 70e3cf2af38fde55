/**
 * The counters of a host's port, for its vport: also of a host that moves, and so has two ports
 * (slices/port-counters.ts), and of one that shares its port.
 */
import type { FlowStats, PortStats } from '../../openflow/values/values.ts';
import { isSameValue } from '../../slices/equality.ts';
import { endText, type Vport, type VswitchId } from '../../slices/ids.ts';
import { endsOf } from '../../slices/network/host-attachments.ts';
import { type HostAttachment, isShared, sharedText } from '../../slices/network/shared-ports.ts';
import type { Attachment } from '../../slices/network/snapshot.ts';
import { noCounts, type PortCounter, type PortCounts } from '../../slices/port-counters.ts';
import { everyFlow } from '../../translation/entries/physical-tables.ts';
import { cookieOf, tables, WHOLE_COOKIE_MASK } from '../../translation/entries/pipeline.ts';
import { TAG_BYTES } from '../../translation/wiring/egress.ts';
import { hostFrames } from '../../translation/wiring/shared-ports.ts';

/** Of which of a host's places a port is, while it moves; `moved`: of the one that it left. */
export type Part = 'all' | 'first' | 'second' | 'moved';

/** True if it is news; without a row there is no such port. */
export function look(
  counter: PortCounter,
  source: string,
  row: PortStats | undefined,
  part: Part,
  isCounted: (name: keyof PortCounts) => boolean,
): boolean {
  const { portNo: _no, durationSec: _sec, durationNsec: _nsec, ...shows } = row ?? noRow;
  switch (part) {
    case 'all':
      return counter.saw(source, shows, 'now', isCounted);
    case 'first':
      return counter.sawFirst(source, shows, 'now', isCounted);
    case 'second':
      return counter.sawSecond(source, row && shows, isCounted);
    case 'moved': {
      const isIn = (name: keyof PortCounts): boolean => !name.startsWith('tx') && isCounted(name);
      return counter.saw(source, shows, 'now', isIn);
    }
  }
}

const noRow: PortStats = { portNo: 0, durationSec: 0, durationNsec: 0, ...noCounts };

/** What counts for a host's vport. */
export function sourceOf(host: HostAttachment): string {
  const shared = sharedText(host);
  return shared === undefined ? endText(host.at) : `${endText(host.at)}/${shared}`;
}

/**
 * Of a port that hosts share, what came in for this one, without a tag that came off; undefined
 * when no entry knows it. A switch of 1.0 says all that it has: rules of this entrance, too, which
 * count by themselves.
 */
export function cameBy(
  host: HostAttachment,
  cookie: bigint,
  all: readonly FlowStats[],
): PortCounts | undefined {
  const frames = hostFrames(host);
  const rows = all.filter((row) => {
    return row.cookie === cookie && frames.some((one) => isSameValue(one, row.match));
  });
  if (rows.length === 0) return undefined;
  let [rxPackets, rxBytes] = [0n, 0n];
  for (const { packetCount, byteCount } of rows) {
    rxPackets += packetCount;
    rxBytes += byteCount - (host.vlan === undefined ? 0n : packetCount * BigInt(TAG_BYTES));
  }
  return { ...noCounts, rxPackets, rxBytes };
}

/** What reads the entries by which it comes. */
export function sharedFilter(id: VswitchId, vport: Vport) {
  const cookie = cookieOf('wiring', id, vport);
  return { ...everyFlow, cookie, cookieMask: WHOLE_COOKIE_MASK, tableId: tables.classifier };
}

/** The interface of a host goes from the first of its places to the second. */
export function goesAlong(
  counter: PortCounter | undefined,
  attachment: Attachment | undefined,
): void {
  const [one, other] = attachment?.type === 'host' ? endsOf(attachment) : [];
  if (one === undefined || other === undefined || isShared(one)) return;
  counter?.comesAlong(sourceOf(one), sourceOf(other));
}
