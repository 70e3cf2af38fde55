/**
 * What Open vSwitch's own tool says of frames: the other implementation that tests compare with.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `ovs-ofctl ofp-parse` of these frames, warnings included: one text a frame. */
export function ovsPrint(frames: readonly Uint8Array[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'limevisor-ovs-'));
  try {
    const file = join(folder, 'frames');
    writeFileSync(file, Uint8Array.from(frames.flatMap((frame) => Array.from(frame))));
    // The tool ends with 1 for some errors; what it prints is what counts.
    const command = 'ovs-ofctl -O OpenFlow10,OpenFlow13 ofp-parse "$0" 2>&1 || true';
    const text = execFileSync('sh', ['-c', command, file], { maxBuffer: 1 << 28 }).toString();
    // Remarks on what is old-fashioned are no complaints; warnings are.
    const said = text.replace(/^.*\|INFO\|.*\n/gm, '');
    return said.split(/^(?=(?:OFP(?:T|ST|RAW)|NXT|ONFT)_)/m);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
