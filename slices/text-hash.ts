/**
 * Hashes of names and keys of our own. Bytes that tenants choose, and could make collide, have
 * rules/key-hash.ts.
 */
const [BASIS, PRIME] = [0x811c_9dc5, 0x0100_0193];

/** FNV-1a (Fowler, Noll and Vo), of texts of one byte a character; 32 bits without a sign. */
export function fnv(text: string): number {
  let hash = BASIS;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  return hash >>> 0;
}

/** The same, mixed once more: keys that differ at their end differ in their low bits. */
export function hashOf(key: string | number): number {
  let hash = typeof key === 'number' ? Math.imul(BASIS ^ key, PRIME) : fnv(key);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
