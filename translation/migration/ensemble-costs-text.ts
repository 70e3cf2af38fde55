/**
 * The costs of a migration (ensemble-costs.ts), for people.
 */
import { plural } from '../../slices/plural.ts';
import type { Cost } from './ensemble-costs.ts';
import type { Estimate } from './estimate.ts';

/** What it costs, a line each. */
export function costText({
  rules,
  entries,
  labels,
  tags,
  peaks,
  ...rest
}: Cost): readonly string[] {
  const ours = entries.map(({ datapath, count }) => `${count} on ${datapath}`).join(', ');
  const ways = [
    ...(labels > 0 ? [plural(labels, 'label')] : []),
    ...(tags > 0 ? [plural(tags, 'VLAN tag')] : []),
  ];
  const room = peaks.map(({ datapath, what, count, capacity }) => {
    const of = capacity === undefined ? '' : ` of ${capacity}`;
    return `${datapath} ${plural(count, singular[what])}${of}`;
  });
  const { groups, meters, boundaryPeak, time } = rest;
  return [
    `copied: ${plural(rules, 'rule')}, ${plural(groups, 'group')}, ${plural(meters, 'meter')}`,
    ...(ours === '' ? [] : [`entries of ours: ${ours}`]),
    ...(ways.length === 0 ? [] : [`ways beside those in use: ${ways.join(', ')}`]),
    `room at the peak: ${room.join(', ')}`,
    ...(boundaryPeak === undefined
      ? []
      : [`between what has moved and what has not: ${rateText(boundaryPeak)} at most`]),
    timeText(time),
  ];
}

function timeText({ ms, by, byPerson }: Estimate): string {
  const how = by === 0 ? 'by typical values' : `by ${plural(by, 'move')} of before`;
  const person =
    byPerson === 0 ? '' : `, and what it takes you to move ${plural(byPerson, 'host')}`;
  return `takes about ${(ms / 1000).toFixed(1)} s${person} (${how})`;
}

const singular = { rules: 'rule', groups: 'group', meters: 'meter', vswitches: 'vswitch' } as const;

export function rateText(bytesPerSec: number): string {
  const bits = bytesPerSec * 8;
  if (bits >= 1e6) return `${(bits / 1e6).toFixed(1)} Mbit/s`;
  return `${(bits / 1e3).toFixed(1)} kbit/s`;
}
