/** The paper's section 4.1, sentence by sentence (sentences.ts). */
import type { Sentence } from './sentences.ts';

const HELD =
  'packets go up and on in the one body; while another takes over, those that may go both ' +
  'ways are held (DESIGN 5, "Rules that send up and on")';

export const packets: readonly Sentence[] = [
  {
    section: '4',
    says: 'LIME must hide the effects of migration from end hosts and controller applications',
    heldBy: [
      ['sim/whole.test.ts', 'one switch each could have shown all of it'],
      ['live/whole-tenant.test.ts', 'it moves whole, and nobody notices'],
    ],
  },
  {
    section: '4',
    says: 'preserve the rich API to controller applications',
    heldBy: [['live/mirror/moving.test.ts', 'it moved all the time']],
  },
  {
    section: '4',
    says: 'in practice multiple instances may coexist',
    heldBy: [['sim/big-switch.test.ts', 'one switch']],
  },
  {
    section: '4.1',
    says: 'Data packets must be handled in a way that could have happened in a migration-free',
    heldBy: [['sim/named-cases.test.ts', 'one switch could have shown it, while it migrates']],
  },
  {
    section: '4.1',
    says: 'LIME must respect (unspecified) dependencies between packets',
    heldBy: [
      ['sim/transparency.test.ts', 'no packet met an older rule than its cause'],
      [
        'sim/canary.test.ts',
        'with two bodies at work some packets meet an older rule than their cause',
      ],
    ],
  },
  {
    section: '4.1',
    says: 'the new switch instance starts with an up-to-date snapshot of the rules',
    heldBy: [
      [
        'hypervisor/clone-refuses.test.ts',
        'what uses groups changes before it is filled: that is no refusal',
      ],
      ['translation/round.test.ts', 'every body gets every change, at once, in the order of the'],
    ],
  },
  {
    section: '4.1',
    says: 'only LIME can modify the rules',
    heldBy: [
      ['hypervisor/one-writer.test.ts', 'whatever switches are sent, the writer has sent'],
      ['hypervisor/audit.test.ts', 'somebody has emptied its tables: all of it is sent again'],
    ],
  },
  {
    section: '4.1',
    says: 'the switch instances should not change rules autonomously',
    heldBy: [['paper/time-outs.test.ts', 'no switch is told of a time-out']],
  },
  {
    section: '4.1',
    says: 'switches should not apply soft timeouts that delete rules after a period of inactivity',
    heldBy: [['paper/time-outs.test.ts', 'no switch is told of a time-out']],
  },
  {
    section: '4.1',
    says: 'LIME can still offer controller applications an API with soft timeouts',
    heldBy: [['paper/moving-time-outs.test.ts', 'none is early, none later than it may be']],
  },
  {
    section: '4.1',
    says: 'LIME must prevent any inconsistent handling of these packets',
    heldBy: [
      ['sim/named-cases.test.ts', 'one switch could have shown it, while it migrates'],
      ['sim/named-cases.test.ts', 'the product without guards is found out as well'],
    ],
  },
  {
    section: '4.1',
    says: 'if the first packet was handled by a newly-installed rule, the second should not be',
    heldBy: [
      ['sim/transparency.test.ts', 'no packet met an older rule than its cause'],
      ['live/guard.test.ts', 'no version went back along any chain of cause and effect'],
    ],
  },
  {
    section: '4.1',
    says: 'LIME updates rules in two phases',
    instead:
      'what enters at another body is led to the one that processes everything, so a change is ' +
      'one phase, and nothing is dropped for it (DESIGN 5, "Why, measured")',
    heldBy: [
      ['translation/round.test.ts', 'a guard leads everything that enters to the primary, vport'],
      ['sim/named-cases.test.ts', 'one switch could have shown it, two phases'],
    ],
  },
  {
    section: '4.1',
    says: 'LIME installs a rule with the same pattern, but with a “drop” (or “send to controller”)',
    instead:
      'guards are there for the whole migration and for all packets, and lead or, if somebody ' +
      'asks for it, drop (DESIGN 5)',
    heldBy: [
      ['translation/round.test.ts', 'a guard leads everything that enters to the primary, vport'],
      ['sim/named-cases.test.ts', 'one switch could have shown it, with guards that drop'],
    ],
  },
  {
    section: '4.1',
    says: 'phase two installs the rule with the action specified by the application',
    heldBy: [['translation/round.test.ts', 'every body gets every change, at once, in the order']],
  },
  {
    section: '4.1',
    says: 'Once LIME knows that both switch instances have installed the new rule (e.g., through',
    heldBy: [
      [
        'translation/canary.test.ts',
        'when it is over no flow is older than the change, whatever the seed',
      ],
      ['hypervisor/datapath.test.ts', 'the barrier alone proves nothing'],
    ],
  },
  {
    section: '4.1',
    says: 'any dependent packet is dropped (or sent to the controller) or processed appropriately',
    heldBy: [['sim/named-cases.test.ts', 'one switch could have shown it']],
  },
  {
    section: '4.1',
    says: 'the packet loss [...] only affects traffic matching the pattern in the updated rule',
    instead: 'nothing is lost',
    heldBy: [['sim/continuity.test.ts', 'none was lost']],
  },
  {
    section: '4.1',
    says: 'LIME must merge the control messages from the two switches, while respecting',
    heldBy: [['sim/streams.test.ts', 'packet-ins in theirs']],
  },
  {
    section: '4.1',
    says: 'safely merge control messages from the two switches into a single stream',
    heldBy: [['sim/streams.test.ts', 'each once']],
  },
  {
    section: '4.1',
    says: 'A packet-in event triggered by the response packet could reach the controller before',
    heldBy: [
      ['sim/order-canary.test.ts', 'canary: two bodies at work, and the controller hears of'],
      ['sim/named-cases.test.ts', 'one switch could have shown it'],
    ],
  },
  {
    section: '4.1',
    says: 'LIME replaces any such rule with a single “send to the controller” action',
    instead: HELD,
    heldBy: [
      [
        'translation/punt-and-forward.test.ts',
        'rules of the first table that do both: their own matches, and no other',
      ],
      ['sim/order-canary.test.ts', 'canary: nothing is held while the primary changes, and it'],
    ],
  },
  {
    section: '4.1',
    says: 'and handles the packet accordingly',
    instead: HELD,
    heldBy: [
      ['live/one-switch.test.ts', 'bulk traffic, rules that change, a rule that sends up and on'],
      ['hypervisor/hand-over.test.ts', 'packets that come up meanwhile are told of at once, in'],
    ],
  },
];
