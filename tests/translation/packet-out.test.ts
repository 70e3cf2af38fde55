/**
 * Packet-outs: what is refused, and that a vswitch's words mean what they should.
 */

import t from 'tap';
import { printMessage } from '../../openflow/print/print.ts';
import { errorName } from '../../openflow/values/constants.ts';
import type { Action } from '../../openflow/values/values.ts';
import {
  type PacketOut,
  packetOutAt,
  refusePacketOut,
} from '../../translation/requests/packet-out.ts';
import { exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { output } from '../slices/rules.ts';
import { packetBytes } from './packets.ts';

const snapshot = snapshotOf(exampleText());
const v3 = vswitchOf(snapshot, 'red/v3');
const controller = 0xfffffffd;

function packetOut(inPort: number, actions: readonly Action[] = [], more = {}): PacketOut {
  const head = { type: 'packetOut', xid: 5, bufferId: 0xffffffff } as const;
  return { ...head, inPort, actions, data: packetBytes, ...more };
}

const refusal = (out: PacketOut) => {
  const error = refusePacketOut(out);
  return error === undefined ? 'fine' : errorName(error.errorType, error.errorCode);
};

t.test('in_port: a number of a port, the controller, LOCAL, or any (I18)', async (t) => {
  for (const inPort of [0, 1, 77, controller, 0xfffffffe, 0xffffffff]) {
    t.equal(refusal(packetOut(inPort)), 'fine');
  }
  for (const inPort of [0xfffffff8, 0xfffffff9]) {
    t.equal(refusal(packetOut(inPort)), 'badRequest/badPort', inPort.toString(16));
  }
});

t.test('actions are a rule’s, and OFPP_TABLE', async (t) => {
  t.equal(refusal(packetOut(1, [output(0xfffffff9)])), 'fine');
  t.equal(refusal(packetOut(1, [output(0xfffffffa)])), 'fine');
});

function below(out: PacketOut): string {
  const message = packetOutAt(v3, out.inPort, out.actions, out.data);
  const line = printMessage(message).replace(/ unbuffered data=.*/, '');
  return line.replace('packetOut xid=0x0 in_port=CONTROLLER ', '');
}

t.test('below: where it is comes first, then what is to be done', async (t) => {
  const at1 = 'set_field:0x3000100000000->metadata';
  const nowhere = 'set_field:0x3fffd00000000->metadata';
  t.equal(below(packetOut(1, [output(2)])), `actions=${at1},set_field:0x2->reg0,resubmit(,250)`);
  t.equal(
    below(packetOut(controller, [output(0xfffffffb)])),
    `actions=${nowhere},set_field:0x10002->reg0,resubmit(,250)`,
  );
  t.equal(
    below(packetOut(1, [output(0xfffffff8)])),
    `actions=${at1},set_field:0x10001->reg0,resubmit(,250)`,
  );
  t.equal(below(packetOut(1, [output(0xfffffff9)])), `actions=${at1},resubmit(,1)`, 'TABLE');
  t.equal(below(packetOut(1, [output(controller)])), `actions=${at1},CONTROLLER:65535`);
  t.equal(below(packetOut(1)), `actions=${at1}`, 'nothing to do is a drop');
});

t.test('the packet goes down as it came', async (t) => {
  const message = packetOutAt(v3, 1, [output(2)], packetBytes);
  t.strictSame(message.data, packetBytes);
  t.equal(message.bufferId, 0xffffffff);
});
