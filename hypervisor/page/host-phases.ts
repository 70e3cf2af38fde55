/**
 * The phases of a host's move as a lane with times, and the host's place at any moment.
 */
import type { HostMoved } from './documents.ts';
import { hasEnded, type Segment } from './phases.ts';

interface HostPicture {
  readonly title: string;
  readonly says: string;
  /** Which places give frames to its vport and get them. */
  readonly leads: 'from' | 'both' | 'to';
  /** Where it runs; `moving`: its driver has it go from one to the other. */
  readonly runs: 'from' | 'moving' | 'to';
}

/** By the states of translation/migration/host-move.ts. */
export const hostPictures = {
  open: {
    ...{ title: 'Open', says: 'Both places give frames to its port, and get its frames.' },
    ...{ leads: 'both', runs: 'from' },
  },
  run: {
    ...{ title: 'Run', says: 'Its driver has it run at the new place.' },
    ...{ leads: 'both', runs: 'moving' },
  },
  close: {
    ...{ title: 'Close', says: 'It runs there; what was on its way to the old place arrives.' },
    ...{ leads: 'to', runs: 'to' },
  },
  done: {
    ...{ title: 'Done', says: 'It is plugged in at its new place.' },
    ...{ leads: 'to', runs: 'to' },
  },
  undo: {
    ...{ title: 'Back', says: 'The new place is left: the host is where it was.' },
    ...{ leads: 'from', runs: 'from' },
  },
  undone: {
    ...{ title: 'Undone', says: 'It is plugged in where it was.' },
    ...{ leads: 'from', runs: 'from' },
  },
} as const satisfies Record<string, HostPicture>;

export type HostPhase = keyof typeof hostPictures;

const order: readonly HostPhase[] = ['open', 'run', 'close', 'done'];

function phaseOf(name: string): HostPhase {
  return name in hostPictures ? (name as HostPhase) : 'open';
}

/** What was, what is, and what comes if nothing goes wrong. */
export function hostLaneOf(
  move: HostMoved,
  nowMs: number,
): readonly (Omit<Segment, 'name'> & { readonly name: HostPhase })[] {
  const { phases, state, stateSinceMs } = move;
  const past = phases.map(({ name, startedMs, endedMs }) => {
    return { name: phaseOf(name), when: 'past', tookMs: endedMs - startedMs } as const;
  });
  const now = phaseOf(state.type);
  if (hasEnded(move)) return [...past, { name: now, when: 'past' }];
  const coming = now === 'undo' ? (['undone'] as const) : order.slice(order.indexOf(now) + 1);
  return [
    ...past,
    { name: now, when: 'now', tookMs: Math.max(0, nowMs - stateSinceMs) },
    ...coming.map((name) => ({ name, when: 'coming' }) as const),
  ];
}

export interface HostMoment {
  readonly name: HostPhase;
  readonly picture: HostPicture;
}

/** Where it was at a moment; before it began, where it was plugged in. */
export function hostMomentOf(move: HostMoved, atMs: number): HostMoment {
  if (atMs < move.startedMs) return { name: 'open', picture: hostPictures.undone };
  const name = phaseOf(move.phases.find(({ endedMs }) => atMs < endedMs)?.name ?? move.state.type);
  return { name, picture: hostPictures[name] };
}

/** `s1:3`. */
export function placeText({ device, port }: HostMoved['from']): string {
  return `${device}:${port}`;
}

/** Where a host is while it moves, in a few words. */
export function whereText(move: HostMoved, { picture }: HostMoment): string {
  const [from, to] = [placeText(move.from), placeText(move.to)];
  if (picture.runs === 'moving') return `${from} → ${to}`;
  const at = picture.runs === 'to' ? to : from;
  return picture.leads === 'both' ? `${at}, and ${to} opened` : at;
}
