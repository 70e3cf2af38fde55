/**
 * Flow-mods of OpenFlow 1.0 mean what ovs-ofctl says of the same bytes: match, priority, actions.
 *
 * 900 random ones in one run of the tool.
 */

import t from 'tap';
import { decode } from '../../openflow/messages/codec.ts';
import { flowMod10 as flowMod } from '../../openflow/messages/messages.ts';
import { printInstructions, printMatch } from '../../openflow/print/print.ts';
import { version } from '../../openflow/values/constants.ts';
import type { FlowMod } from '../../openflow/values/values.ts';
import { viewOf } from './hex.ts';
import { ovsPrint } from './ovs.ts';
import { Random } from './random.ts';
import { randomFrame10 } from './random10.ts';

/** A random flow-mod: an add, without what is printed before and after what is compared. */
function randomAdd(seed: number): Uint8Array | undefined {
  const frame = randomFrame10(new Random(seed), 'flowMod');
  const dv = viewOf(frame);
  const plain = { command: 0, idleTimeoutSec: 0, hardTimeoutSec: 0, flags: 0, priority: 5 };
  const more = { cookie: 1n, bufferId: 0xffffffff, outPort: 0xffffffff };
  flowMod.write(dv, 0, { ...flowMod.read(dv, 0), ...plain, ...more });
  const source = randomFrame10(new Random(seed), 'flowMod');
  frame.set(source.subarray(8, 48), 8);
  const message = decode(version.of10, dv, 0, frame.length);
  if (message.type !== 'flowMod') throw new Error('not a flow-mod');
  const text = printInstructions(message.instructions);
  // Open vSwitch knows no vendor but its own, and has nothing to say of its action.
  return text.includes('experimenter') ? undefined : frame;
}

function line(frame: Uint8Array): string {
  const mod = decode(version.of10, viewOf(frame), 0, frame.length) as FlowMod;
  const rule = [`priority=${mod.priority}`, printMatch(mod.match)].filter((part) => part !== '');
  return `ADD ${rule.join(',')} cookie:0x1 actions=${printInstructions(mod.instructions)}`;
}

/** Values have 1.3's words for what both versions say: no tag at all, and to set an address. */
function inOurWords(said: string): string {
  return said
    .trim()
    .replace(/^OFPT_FLOW_MOD \(xid=0x[0-9a-f]+\): /, '')
    .replace(/vlan_tci=0x0000\b/, 'vlan_tci=0x0000/0x1fff')
    .replace(/mod_dl_(src|dst):([0-9a-f:]{17})/g, 'set_field:$2->eth_$1');
}

t.test('random flow-mods', (t) => {
  const frames = Array.from({ length: 900 }, (_, seed) => randomAdd(seed)).filter(
    (frame) => frame !== undefined,
  );
  t.ok(frames.length > 600);
  const said = ovsPrint(frames);
  t.equal(said.length, frames.length);
  for (const [index, frame] of frames.entries()) {
    const theirs = inOurWords(said[index] ?? '');
    if (theirs !== line(frame)) t.equal(line(frame), theirs);
  }
  t.end();
});
