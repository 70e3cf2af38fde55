/**
 * Where the hosts of a tenant are, seen from each of its vswitches.
 */

export const H1 = 0x020000000001;
export const H2 = 0x020000000002;
/** Of red, where it has one. */
export const H3 = 0x020000000003;

/** On all vswitches but the one that stamps: dpid -> (address -> port). */
export const ways = new Map([
  [
    1n,
    new Map([
      [H1, 1],
      [H2, 2],
    ]),
  ],
  [
    2n,
    new Map([
      [H1, 2],
      [H2, 1],
    ]),
  ],
  // Between v3 and v2, where there are any.
  ...[4n, 5n].map((dpid): [bigint, Map<number, number>] => {
    const both: [number, number][] = [
      [H1, 1],
      [H2, 2],
    ];
    return [dpid, new Map(both)];
  }),
]);
