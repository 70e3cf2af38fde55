/**
 * The parts of an address such as `#/migrations/12`, which may be anything that somebody wrote.
 */
export function routeIn(hash: string): readonly string[] {
  try {
    return hash.replace(/^#\//, '').split('/').map(decodeURIComponent);
  } catch {
    return ['']; // It is no percent-encoded text.
  }
}
