/**
 * What is repeated in `make test` for another version, or at another moment, is held once there:
 * with ALL_PARTS set, as tests/soak/ does, every time.
 */
export function partsOf<T>(all: readonly T[], short: readonly T[]): readonly T[] {
  return process.env['ALL_PARTS'] === undefined ? short : all;
}
