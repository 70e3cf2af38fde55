/**
 * Circles of imports that are larger than two files and still there: no file may be added to one,
 * and who ends one deletes its row (tests/layers.test.ts, `make graph`).
 *
 * Files import each other when a type of either stands in the other; what both name belongs in a
 * file of its own.
 */

/** By the room that the files are in: their names, several in a line. */
type Circle = Readonly<Record<string, readonly string[]>>;

const circles: readonly Circle[] = [
  {
    'hypervisor/datapath': [
      'audit connected corrections discrepancies entry-owners identity inventory reconcile',
    ],
    hypervisor: ['hypervisor options recovery-user'],
    'hypervisor/tenant': ['reopening'],
  },
];

/** The files of each. */
export const knownCircles: readonly (readonly string[])[] = circles.map((circle) =>
  Object.entries(circle).flatMap(([room, names]) =>
    names
      .join(' ')
      .split(' ')
      .map((name) => `${room}/${name}.ts`),
  ),
);
