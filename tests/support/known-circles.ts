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
    'hypervisor/datapath': ['entry-rows fresh-counters heals markers strays'],
    'hypervisor/tenant': [
      'acknowledged aside bodies buffer-use changes flow-mods flow-removed',
      'flow-statistics groups hand-over hub led-packets meters misses missing packet-ins',
      'packet-outs port-counters ports queues refused requests rounds rule-counters',
      'single-body statistics vswitch',
    ],
  },
  {
    'hypervisor/datapath': [
      'audit connected corrections discrepancies identity inventory parts reconcile',
      'tables',
    ],
    hypervisor: ['hypervisor options recovery-user'],
    'hypervisor/migrate': ['draining executor-user executor placing watching when-back'],
    'hypervisor/tenant': ['from-below reopening'],
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
