/**
 * The port-status messages that Open vSwitch 3.1 sends, as they were seen there with veth ports.
 */

import t from 'tap';
import { portSteps, portView } from '../../translation/controllers/ports.ts';

/** `config:state` of each message. */
function steps(from: [number, boolean], to: [number, boolean]): string {
  const found = portSteps(portView(...from), portView(...to));
  return found.map(({ config, state }) => `${config}:${state}`).join(' ');
}

t.test('nothing changes, nothing is said', async (t) => {
  for (const config of [0, 1, 0x60]) {
    for (const hasLink of [true, false]) t.equal(steps([config, hasLink], [config, hasLink]), '');
  }
});

t.test('the link goes: not live, then no link; it comes: live', async (t) => {
  t.equal(steps([0, true], [0, false]), '0:0 0:1');
  t.equal(steps([0, false], [0, true]), '0:4');
});

t.test('PORT_DOWN is told before the link follows it, and so is its end', async (t) => {
  t.equal(steps([0, true], [1, true]), '1:0 1:1');
  t.equal(steps([1, true], [0, true]), '0:1 0:4');
});

t.test('what leaves the link as it is, is told once', async (t) => {
  t.equal(steps([0, true], [0x20, true]), '32:4');
  t.equal(steps([1, true], [0x21, true]), '33:1');
  t.equal(steps([1, true], [1, false]), '', 'a port that is down shows no link in any case');
  t.equal(steps([0x21, false], [0, false]), '0:1');
});
