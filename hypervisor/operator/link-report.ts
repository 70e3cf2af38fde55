/**
 * The links of the file, and how the probes find them (hypervisor/datapath/link-watch.ts): rows of
 * `limevisor links`, and what `limevisor status` says of those that are not up.
 */
import { endText, type LinkState, stateText } from '../../slices/network/link-states.ts';
import type { LinkWatch } from '../datapath/link-watch.ts';

export interface LinkReport {
  /** As the file writes them: `s1:3`. */
  readonly ends: readonly [string, string];
  readonly state: LinkState['type'];
  /** The state in words, with both sides. */
  readonly text: string;
  /** Of a small frame, in the slower direction; absent while the link is not up. */
  readonly latencyMs?: number;
}

export interface LinksReported {
  readonly linkWatch: Pick<LinkWatch, 'states'>;
}

export function linkReports({ linkWatch }: LinksReported): readonly LinkReport[] {
  return linkWatch.states().map(({ ends, state }) => {
    const [one, other] = ends;
    return {
      ends: [endText(one), endText(other)],
      state: state.type,
      text: stateText(state),
      ...(state.type === 'up' && { latencyMs: state.latencyMs }),
    };
  });
}

/** What a person has to see to; what is down or away is told where ports and datapaths are. */
const troubles: readonly LinkState['type'][] = ['miswired', 'tooSmall', 'silent'];

export function linkWarnings(links: readonly LinkReport[]): readonly string[] {
  return links
    .filter(({ state }) => troubles.includes(state))
    .map(({ ends, text }) => `WARNING: link ${ends.join(' - ')}: ${text}`);
}
