/**
 * The hint for a name that does not exist: similar names, or all names that there are.
 */

/** So many are all named. */
const LISTED_MAX = 12;
/** So many that are near are named. */
const NEAR_MAX = 3;
/** What is longer is no slip of anybody's. */
const NAME_CHARACTERS_MAX = 100;

/** `there is no vswitch "red/v9"; known: red/v1, red/v2`; of many, those that are near. */
export function noSuchText(kind: string, name: string, known: Iterable<string>): string {
  return `there is no ${kind} "${name}"; ${insteadText(name, known)}`;
}

/** What to write in place of it: `known: red/v1, red/v2`; `are`: what they all are. */
export function insteadText(name: string, known: Iterable<string>, are = 'known'): string {
  const all = [...known];
  if (all.length === 0) return `none is ${are}`;
  const near = nearNames(name, all);
  if (all.length <= LISTED_MAX || near.length === 0) return `${are}: ${listText(all)}`;
  return `did you mean ${near.join(' or ')}? (${all.length} are ${are})`;
}

/** `1, 2, 3`; of many, the first of them. */
export function listText(all: readonly (string | number)[]): string {
  const more = all.length - LISTED_MAX;
  return `${all.slice(0, LISTED_MAX).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** The nearest: those that a slip or two make of each other, or one of which begins so. */
export function nearNames(name: string, known: readonly string[]): readonly string[] {
  if (name.length > NAME_CHARACTERS_MAX) return [];
  const low = name.toLowerCase();
  const farthest = Math.max(1, Math.floor(name.length / 3));
  const rated = known.flatMap((one) => {
    const other = one.toLowerCase();
    const far =
      other.startsWith(low) || other.endsWith(`/${low}`) ? 1 : slips(low, other, farthest);
    return far <= farthest ? [{ one, far }] : [];
  });
  const nearest = Math.min(...rated.map(({ far }) => far));
  const all = rated.flatMap(({ one, far }) => (far === nearest ? [one] : []));
  return all.sort((a, b) => a.localeCompare(b)).slice(0, NEAR_MAX);
}

/** How many letters are other ones, too many or too few; above `max` any number above it. */
function slips(one: string, other: string, max: number): number {
  if (Math.abs(one.length - other.length) > max) return max + 1;
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j += 1) {
      const replaced = (row[j] ?? 0) + (other[j] === letter ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? max + 1;
}
