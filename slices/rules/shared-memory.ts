/**
 * Memory for objects that exist by the million (record-pages.ts, byte-arena.ts).
 *
 * Shared, though nobody shares it: V8 counts the bytes of every other buffer as its own, and looks
 * through the whole heap whenever some ten megabytes of them are new. While a tenant installs
 * rules that was ten times a second, a fifth of the process's time.
 */

/** So many bytes, all zero. */
export function memory(size: number): DataView {
  return new DataView(new SharedArrayBuffer(size));
}
