/**
 * Reserved ports and numbers that no port has: our table against what Open vSwitch 3.1 did with
 * each, sent by hand to a bridge with ports 1 to 3 (OpenFlow 1.3).
 */

import t from 'tap';
import { errorName, port as ofpp } from '../../openflow/values/constants.ts';
import type { OfError } from '../../openflow/values/values.ts';
import {
  port16,
  portOf16,
  refuseIngress,
  refuseInPort,
  refuseOutput,
  reservedPorts,
} from '../../translation/entries/reserved.ts';

const FINE = 'fine';
const OUT = 'badAction/badOutPort';
const PORT = 'badRequest/badPort';
const VALUE = 'badMatch/badValue';

/** Port; output in a flow-mod; in a packet-out; in_port of a packet-out; in_port of a match. */
const seen: readonly (readonly [number, string, string, string, string])[] = [
  [0, FINE, FINE, FINE, FINE],
  [1, FINE, FINE, FINE, FINE],
  [77, FINE, FINE, FINE, FINE],
  [0xfeff, FINE, FINE, FINE, FINE],
  [0xff00, OUT, OUT, OUT, VALUE],
  [0xfffe, OUT, OUT, OUT, VALUE],
  [0xffff, OUT, OUT, OUT, VALUE],
  [0x10000, OUT, OUT, OUT, VALUE],
  [0xfffffeff, OUT, OUT, OUT, VALUE],
  [0xffffff00, OUT, OUT, PORT, FINE],
  [0xffffff01, OUT, OUT, PORT, FINE],
  [0xfffffff7, OUT, OUT, PORT, FINE],
  [ofpp.inPort, FINE, FINE, PORT, FINE],
  [ofpp.table, FINE, FINE, PORT, FINE],
  [ofpp.normal, FINE, FINE, PORT, FINE],
  [ofpp.flood, FINE, FINE, PORT, FINE],
  [ofpp.all, FINE, FINE, PORT, FINE],
  [ofpp.controller, FINE, FINE, FINE, FINE],
  [ofpp.local, FINE, FINE, FINE, FINE],
  [ofpp.any, OUT, OUT, FINE, FINE],
];

/** Where we differ, by port and column; reserved.ts says why. */
const ours = new Map([[`${ofpp.table} 0`, OUT]]);

const named = (error: OfError | undefined) =>
  error === undefined ? FINE : errorName(error.errorType, error.errorCode);

t.test('as Open vSwitch, but for one', async (t) => {
  for (const [port, ...theirs] of seen) {
    const want = theirs.map((one, i) => ours.get(`${port} ${i}`) ?? one);
    const found = [
      refuseOutput(port, 'flowMod'),
      refuseOutput(port, 'packetOut'),
      refuseIngress(port),
      refuseInPort(port),
    ];
    t.strictSame(found.map(named), want, `0x${port.toString(16)}`);
  }
});

t.test('every reserved port of the specification has its line', async (t) => {
  t.strictSame(
    Object.keys(reservedPorts).sort(),
    Object.keys(ofpp)
      .filter((n) => n !== 'max')
      .sort(),
  );
  for (const one of Object.values(reservedPorts)) t.not(one.meaning, '');
});

t.test('16 bits name a port and no other', async (t) => {
  for (const port of [0, 1, 0xfeff, ...Object.values(ofpp)]) t.equal(portOf16(port16(port)), port);
});
