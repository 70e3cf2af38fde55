/** The parts of `#/migrations/12`; whoever makes a link may have written anything. */
export function routeIn(hash: string): readonly string[] {
  try {
    return hash.replace(/^#\//, '').split('/').map(decodeURIComponent);
  } catch {
    return ['']; // It is no percent-encoded text.
  }
}
