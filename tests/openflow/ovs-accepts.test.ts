/**
 * Every golden frame that we would send, Open vSwitch takes without a complaint.
 *
 * Those about things that it does not implement say `(not for OVS)` and why in their comment.
 */

import t from 'tap';
import { goldenFiles, readGoldens } from './golden.ts';
import { ovsPrint } from './ovs.ts';

const complaint = /\*\*\*|\|WARN\||\|ERR\|/;

for (const file of goldenFiles()) {
  t.test(file, (t) => {
    for (const { why, frame, line } of readGoldens(file)) {
      if (line.startsWith('!') || why.includes('(not for OVS)')) continue;
      const said = ovsPrint([frame]).join('');
      t.match(said, /^(OFP(T|ST)|NXT)_/, why);
      t.notMatch(said, complaint, why);
    }
    t.end();
  });
}
