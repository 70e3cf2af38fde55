/**
 * Owners' networks in words and as bars, and the actions that each user may take on one.
 */
import type { ListedDocument, QuotaDocument, Self } from './documents.ts';
import { type Bar, barOf } from './use.ts';

/** Said in words; the level is how it is coloured. */
export interface StateWords {
  readonly says: string;
  readonly level: 'good' | 'warn' | 'bad';
}

export function stateOf(of: ListedDocument): StateWords {
  const { state, owner, frozen, isEnding, missing = [] } = of;
  if (isEnding === true) return { says: 'ending', level: 'warn' };
  if (state === 'pending') return { says: 'waits for approval', level: 'warn' };
  if (state === 'rejected') return { says: 'not approved', level: 'bad' };
  if (frozen !== undefined) return { says: 'frozen', level: 'bad' };
  if (state === 'paused') return { says: 'paused', level: 'warn' };
  if (owner === undefined) return { says: 'of the file', level: 'good' };
  return missing.length > 0
    ? { says: 'not ready', level: 'warn' }
    : { says: 'serves', level: 'good' };
}

/** Why it is as it is, a line each. */
export function whyOf({ frozen, missing = [] }: ListedDocument): readonly string[] {
  const isSaid = frozen === undefined || missing.some((line) => line.endsWith(frozen));
  return isSaid ? missing : [...missing, `the operator has frozen it: ${frozen}`];
}

/** Those first that an operator has to see to. */
export function inOrder(all: readonly ListedDocument[]): readonly ListedDocument[] {
  const rank = ({ state }: ListedDocument): number => (state === 'pending' ? 0 : 1);
  return [...all].sort((a, b) => {
    return rank(a) - rank(b) || a.name.localeCompare(b.name, 'en', { numeric: true });
  });
}

const sizes = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** `2d`, `12h`: whole units, rounded down; at least a second. */
export function spanText(ms: number): string {
  const [unit, size] = sizes.find(([, one]) => ms >= one) ?? ['s', 1_000];
  return `${Math.max(1, Math.floor(ms / size))}${unit}`;
}

/** Milliseconds of `12h` or `3d`; undefined: it is no such time. */
export function spanIn(text: string): number | undefined {
  const [, number, unit] = /^([1-9][0-9]{0,5})([smhd])$/.exec(text.trim()) ?? [];
  const size = sizes.find(([one]) => one === unit)?.[1];
  return size === undefined ? undefined : Number(number) * size;
}

/** Empty: it has no end. */
export function endsText({ endsMs, endsSoon }: ListedDocument, nowMs: number): string {
  if (endsMs === undefined) return '';
  const at = new Date(endsMs).toISOString().slice(0, 16).replace('T', ' ');
  const left = endsMs <= nowMs ? 'now' : `in ${spanText(endsMs - nowMs)}`;
  return `ends ${endsSoon === true ? 'soon, ' : ''}${left} (${at} UTC)`;
}

/** Of all networks of an owner together. */
export function quotaBars({ most, used }: QuotaDocument): readonly Bar[] {
  const titles = new Set([...Object.keys(most), ...Object.keys(used)]);
  return [...titles].map((title) => barOf(title, used[title] ?? 0, most[title], ''));
}

/** What is typed before something is done. */
export interface Field {
  readonly label: string;
  readonly value: string;
  /** What is asked of the API; a text: why that cannot be. */
  readonly body: (text: string) => object | string;
}

export interface Action {
  /** As the command line has it. */
  readonly name: string;
  readonly title: string;
  readonly method: 'POST' | 'PUT' | 'DELETE';
  /** Behind the network's. */
  readonly path: string;
  readonly body?: object;
  /** What will be, to be confirmed before; absent: it is done at once. */
  readonly confirm?: string;
  readonly field?: Field;
  readonly isDanger?: true;
}

const post = { method: 'POST', body: {} } as const;

const why: Field = {
  label: 'Why, for its owner',
  value: '',
  body: (text) => (text.trim() === '' ? 'say why: its owner reads it' : { why: text.trim() }),
};

const until: Field = {
  label: 'How long from now: 12h, 3d',
  value: '1d',
  body(text) {
    const lifetimeMs = spanIn(text);
    return lifetimeMs === undefined ? `"${text}" is not a time; write 12h, or 7d` : { lifetimeMs };
  },
};

const elsewhere: Field = {
  label: 'Controllers of all its vswitches, tcp:ADDRESS:PORT each',
  value: '',
  body: (text) => ({ controllers: wordsIn(text) }),
};

/** Texts that stand behind commas or blanks. */
export function wordsIn(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

const approve: Action = { ...post, name: 'approve', title: 'Approve', path: '/approval' };
const reject: Action = {
  ...{ ...post, name: 'reject', title: 'Reject', path: '/rejection', isDanger: true },
  ...{ confirm: 'It is not made.', field: why },
};
const resume: Action = { ...post, name: 'resume', title: 'Resume', path: '/resume' };
const pause: Action = {
  ...{ ...post, name: 'pause', title: 'Pause', path: '/pause' },
  confirm:
    'Its controllers are let go and no frame passes until it is resumed. Its rules, the ports of ' +
    'its hosts and its places are kept for it.',
};
const controllers: Action = {
  ...{ name: 'controllers', title: 'Controllers', method: 'PUT', path: '/controllers' },
  ...{ confirm: 'Those that stay keep their connections.', field: elsewhere },
};
const extend: Action = {
  ...{ ...post, name: 'extend', title: 'Extend', path: '/extension' },
  ...{ confirm: 'It ends so long from now.', field: until },
};
const remove: Action = {
  ...{ name: 'delete', title: 'Delete', method: 'DELETE', path: '', isDanger: true },
  confirm: 'It ends now, with all its rules. This is not taken back.',
};
const freeze: Action = {
  ...{ ...post, name: 'freeze', title: 'Freeze', path: '/freeze', isDanger: true },
  confirm: 'Its controllers are disconnected and change nothing; frames go on as its rules say.',
  field: why,
};
const unfreeze: Action = {
  ...{ name: 'unfreeze', title: 'Unfreeze', method: 'POST', path: '/unfreeze' },
};

/** What the API would let this caller do with it as it is now. */
export function actionsOf(
  { owner, state, frozen, endsMs }: ListedDocument,
  role: Self['role'],
): readonly Action[] {
  const isOperator = role === 'operator';
  if (!isOperator && (role !== 'owner' || frozen !== undefined)) return [];
  const all: readonly (readonly [Action, boolean])[] = [
    [approve, isOperator && state === 'pending'],
    [reject, isOperator && state === 'pending'],
    [pause, state === 'running'],
    [resume, state === 'paused'],
    [controllers, state === 'running'],
    [extend, endsMs !== undefined && state !== 'rejected'],
    [freeze, isOperator && frozen === undefined],
    [unfreeze, isOperator && frozen !== undefined],
    [remove, owner !== undefined],
  ];
  return all.flatMap(([action, isNow]) => (isNow ? [action] : []));
}

/** As `limevisor network template` has them (a test holds the two together). */
export const shapes = ['big-switch', 'single', 'linear', 'ring', 'star', 'tree'] as const;

export interface Wanted {
  readonly name: string;
  readonly shape: string;
  /** Offers, in the order of the shape. */
  readonly hosts: readonly string[];
  readonly controllers: readonly string[];
}

/** What does the same where somebody types it. */
export function commandOf({ name, shape, hosts, controllers: all }: Wanted): string {
  const called = name === '' || name === shape ? [] : [`--name ${name}`];
  return [
    `limevisor network template ${shape} --hosts ${hosts.join(',') || 'a,b'}`,
    ...(all.length > 0 ? all : ['tcp:ADDRESS:PORT']).map((one) => `--controller ${one}`),
    ...called,
  ].join(' ');
}
