/**
 * Prints a number of things in words, for people.
 */

/** `1 rule`, `2 rules`, `3 vswitches`. */
export function plural(count: number, what: string): string {
  if (count === 1) return `1 ${what}`;
  return what.endsWith('ch') ? `${count} ${what}es` : `${count} ${what}s`;
}
