/**
 * Rules as rows: the search, the physical entries of each virtual rule, and the difference between
 * two moments.
 */
export interface Row {
  /** As ovs-ofctl writes it. */
  readonly text: string;
  /** Its match with the priority, and its actions: what it is, without what it has counted. */
  readonly what: string;
  readonly packets: string;
  readonly table: string;
}

const counted = /\b(cookie|duration|n_packets|n_bytes|table|idle_age|hard_age)=[^, ]*,? ?/g;

export function rowOf(text: string): Row {
  return {
    text,
    what: text.replaceAll(counted, '').replace(/^[ ,]+/, ''),
    packets: /\bn_packets=(\d+)/.exec(text)?.[1] ?? '',
    table: /\btable=(\d+)/.exec(text)?.[1] ?? '0',
  };
}

/** Whether a text has every word that is looked for. */
export function hasWords(text: string, wanted: string): boolean {
  const lower = text.toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}

export interface Change {
  readonly sign: '+' | '-' | ' ';
  readonly text: string;
}

/** What came and what went, in order; what only counted on is the same. */
export function changesBetween(
  before: readonly string[],
  after: readonly string[],
): readonly Change[] {
  const keyOf = (text: string): string => {
    const { table, what } = rowOf(text);
    return `table=${table} ${what}`;
  };
  const [were, are] = [before.map(keyOf), after.map(keyOf)];
  const [old, now] = [new Set(were), new Set(are)];
  const gone = were.filter((key) => !now.has(key)).map((text): Change => ({ sign: '-', text }));
  const rest = are.map((text): Change => ({ sign: old.has(text) ? ' ' : '+', text }));
  return [...gone, ...rest];
}
