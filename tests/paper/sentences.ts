/**
 * Each normative sentence of the paper (sections 3, 4.1, 4.2 and 5), and the tests that hold us to
 * it: by file and title. Where we do something else than it says, `instead` says what and where
 * docs/DESIGN.md argues for it, and the tests hold that.
 */

export interface Sentence {
  readonly section: '3' | '4' | '4.1' | '4.2' | '5';
  /** Its words. */
  readonly says: string;
  /** File under tests/, and the title of a test or of an assertion in it. */
  readonly heldBy: readonly (readonly [file: string, title: string])[];
  readonly instead?: string;
}

const architecture: readonly Sentence[] = [
  {
    section: '3',
    says: 'eliminating the need for controller applications to deal with these changes',
    heldBy: [
      ['live/mirror/moving.test.ts', 'it moved all the time'],
      ['live/one-app.test.ts', 'a stateful firewall and an intrusion detection misjudge nobody'],
    ],
  },
  {
    section: '3',
    says: 'maintain the abstraction provided to each of the virtual networks',
    heldBy: [
      ['sim/continuity.test.ts', 'no frame reached another tenant'],
      ['live/demo.test.ts', 'two tenants with the same addresses reach their own hosts, and only'],
    ],
  },
  {
    section: '3',
    says: 'an API for specifying which elements to collectively migrate, and where to migrate them',
    heldBy: [
      ['live/ensembles.test.ts', 'to a zone and back, under ping'],
      ['translation/ensemble.test.ts', 'what one cannot do, none does'],
    ],
  },
  {
    section: '3',
    says: 'to allocate resources for the migration process',
    heldBy: [
      ['translation/fit.test.ts', 'a plan to where a rule does not fit names the rule'],
      ['live/trouble.test.ts', 'what cannot work is refused before anything changes'],
    ],
  },
  {
    section: '3',
    says: 'LIME masks the effects of migration from controller applications',
    heldBy: [['sim/transparency.test.ts', "the tenant's controller received nothing"]],
  },
  {
    section: '3',
    says: 'a network abstraction that remains constant throughout the migration',
    heldBy: [
      ['hypervisor/port-status.test.ts', 'a migration says nothing'],
      ['live/demo.test.ts', 'a quiet move changes nothing that the tenant can see'],
    ],
  },
  {
    section: '3',
    says: 'LIME first clones one or more switches, and then iteratively migrates VMs',
    heldBy: [
      ['translation/migration.test.ts', 'the way through, by both strategies'],
      [
        'translation/ensemble.test.ts',
        'nothing moves before all are cloned, nothing retires before all have arrived',
      ],
      [
        'hypervisor/host-moves.test.ts',
        'a host moves: both places, then the driver, then the new one',
      ],
    ],
  },
  {
    section: '3',
    says: 'ingress traffic (from a VM) is processed entirely within the network where that VM is',
    instead:
      'one body processes every packet, so that a change of a rule is one change (DESIGN 5); ' +
      'the members of an eventual big switch process where a host is',
    heldBy: [
      [
        'translation/migration.test.ts',
        'one body is the primary, and it changes while all ports are on one body',
      ],
      ['paper/boundary.test.ts', 'the packets of hosts on the old side cross once, there and back'],
    ],
  },
  {
    section: '3',
    says: 'only gets tunneled to the other network when the destination VM is in a different',
    heldBy: [
      ['paper/boundary.test.ts', 'between hosts on the new side nothing crosses the boundary'],
      ['paper/boundary.test.ts', 'between a host here and one there it crosses once'],
    ],
  },
  {
    section: '3',
    says: 'the traffic does not need to traverse a longer path through the old switches',
    heldBy: [
      ['paper/boundary.test.ts', 'between hosts on the new side nothing crosses the boundary'],
    ],
  },
  {
    section: '3',
    says: 'no traffic flows through the original switches, so they can be deleted',
    heldBy: [
      [
        'hypervisor/two-bodies.test.ts',
        'the old body is left when its counters have stood still, and no earlier',
      ],
      ['live/in-flight.test.ts', 'a cable stands still for five seconds: nothing is lost'],
    ],
  },
  {
    section: '3',
    says: 'must maintain the logical connections as seen by the control application',
    heldBy: [
      ['translation/wiring-walk.test.ts', 'random networks, cloned vswitches, every vport at'],
      ['hypervisor/port-status.test.ts', 'a migration that would take a link away is refused'],
    ],
  },
  {
    section: '3',
    says: 'either altering the virtual port to be the physical port [...] or by creating a tunnel',
    heldBy: [
      ['translation/flat-rules.test.ts', 'one entry for each way in; the tag says which link, and'],
      [
        'translation/ways.test.ts',
        'labels where every datapath has several tables, tags over a flat one',
      ],
    ],
  },
  {
    section: '3',
    says: 'traffic from two instances of a cloned switch to a VM must be ‘merged’',
    heldBy: [['translation/switchover.test.ts', 'no frame goes astray while a vswitch migrates']],
  },
  {
    section: '3',
    says: 'duplicating rules when a rule matches on an input port where traffic can now come from',
    heldBy: [
      ['translation/wiring-walk.test.ts', 'the example, while red/v3 is on two bodies'],
      ['translation/flat-rules.test.ts', 'one entry for each way in; the tag says which link, and'],
    ],
  },
  {
    section: '3',
    says: 'primitives that ensure certain ordering conditions on operations are met',
    heldBy: [
      [
        'translation/switchover.test.ts',
        'make before change before break is safe even when all moves at once',
      ],
      ['hypervisor/two-bodies.test.ts', 'no step is done before it is kept'],
    ],
  },
];

const packets: readonly Sentence[] = [
  {
    section: '4',
    says: 'in practice multiple instances may coexist',
    heldBy: [['sim/big-switch.test.ts', 'one switch']],
  },
  {
    section: '4.1',
    says: 'Data packets must be handled in a way that could have happened in a migration-free',
    heldBy: [['sim/one-switch.test.ts', 'one switch could have shown all of it']],
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
    instead:
      'packets go up and on in the one body; while another takes over, those that may go both ' +
      'ways are held (DESIGN 5, "Rules that send up and on")',
    heldBy: [
      [
        'translation/punt-and-forward.test.ts',
        'rules of the first table that do both: their own matches, and no other',
      ],
      ['sim/order-canary.test.ts', 'canary: nothing is held while the primary changes, and it'],
    ],
  },
];

const semantics: readonly Sentence[] = [
  {
    section: '4.2',
    says: 'Control applications should not require modification to work correctly under ensemble',
    heldBy: [
      ['live/one-app.test.ts', 'a stateful firewall and an intrusion detection misjudge nobody'],
    ],
  },
  {
    section: '4.2',
    says: 'Controller applications should be shielded from the ensemble migration taking place',
    heldBy: [
      ['live/demo.test.ts', 'a quiet move changes nothing that the tenant can see'],
      ['live/mirror/moving.test.ts', 'it moved all the time'],
    ],
  },
  {
    section: '4.2',
    says: 'LIME should wait to receive notification from both switches before notifying',
    heldBy: [['paper/barriers.test.ts', 'it is answered when both bodies have answered']],
  },
  {
    section: '4.2',
    says: 'If a link fails at one switch instance, LIME should report a link failure',
    heldBy: [
      [
        'hypervisor/port-status.test.ts',
        'a physical link without another: both ends of the virtual link, no other',
      ],
      ['slices/required-ports.test.ts', 'a clone counts from its first vport on'],
      ['hypervisor/port-status.test.ts', 'while there is another way nobody is told of anything'],
    ],
  },
  {
    section: '4.2',
    says: 'if either switch instance fails, LIME should report a switch failure',
    instead: 'a body that carries nothing yet is dropped, and the tenant never hears of it',
    heldBy: [
      [
        'live/trouble.test.ts',
        'the connection of the new switch is cut: it comes back, and nothing is lost',
      ],
      [
        'hypervisor/clone-refuses.test.ts',
        'one that goes away before it carries anything: the controller stays',
      ],
      ['paper/failures.test.ts', 'a body that carries traffic goes away: the tenant is told'],
    ],
  },
  {
    section: '4.2',
    says: 'LIME should query both switches and sum the results',
    heldBy: [['slices/rule-counters.test.ts', 'the total is the sum of what the bodies count']],
  },
  {
    section: '4.2',
    says: 'after migration completes, LIME must maintain traffic statistics from the old switch',
    heldBy: [
      [
        'hypervisor/two-bodies.test.ts',
        'what a body has counted stays in the total, and once, if it is one again',
      ],
      ['slices/port-counters.test.ts', 'sources that come, go and begin anew, through the store'],
    ],
  },
  {
    section: '4.2',
    says: 'the data coming from the switches can be combined correctly',
    heldBy: [
      [
        'slices/rule-counters.test.ts',
        'over any history of two bodies: never back, and never more than happened',
      ],
      ['live/one-switch.test.ts', 'counters: exact in the sum, and where there is one rule, exact'],
    ],
  },
  {
    section: '4.2',
    says: 'polling the traffic counters on the switches and deleting the rule in both switches if',
    heldBy: [
      ['slices/rulebook-time.test.ts', 'idle: never before its time after a packet, whenever that'],
      ['paper/time-outs.test.ts', 'used at one of two bodies it lives; unused at both it goes'],
    ],
  },
  {
    section: '4.2',
    says: 'apply the appropriate policy to the packet at the controller, without the',
    heldBy: [
      ['translation/round.test.ts', 'what is held comes up, above every guard, and is told from'],
    ],
  },
];

const evaluation: readonly Sentence[] = [
  {
    section: '5',
    says: 'an API to enable the network operator to issue migration commands',
    heldBy: [
      ['hypervisor/control.test.ts', 'a migration that cannot be says all that stands against it'],
      ['hypervisor/history-commands.test.ts', 'several that are one: what was planned, then each'],
    ],
  },
  {
    section: '5',
    says: 'packet loss is 0% with LIME while it is quite considerable with freeze-and-copy',
    heldBy: [
      ['live/demo.test.ts', 'LIME loses nothing while rules change; freeze-and-copy does'],
      ['sim/continuity.test.ts', 'none was lost'],
    ],
  },
  {
    section: '5',
    says: 'without imposing much overhead',
    instead: 'a number of a machine is no assertion: `make bench`, docs/BENCHMARKS.md',
    heldBy: [
      ['hypervisor/turn-share.test.ts', 'the time of a turn is shared'],
      ['translation/flow-mod-bytes.test.ts', 'the same bytes'],
    ],
  },
];

export const sentences: readonly Sentence[] = [
  ...architecture,
  ...packets,
  ...semantics,
  ...evaluation,
];
