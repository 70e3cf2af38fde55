/** The paper's section 3, sentence by sentence (sentences.ts). */
import type { Sentence } from './sentences.ts';

export const architecture: readonly Sentence[] = [
  {
    section: '3',
    says: 'eliminating the need for controller applications to deal with these changes',
    heldBy: [['live/mirror/moving.test.ts', 'it moved all the time']],
  },
  {
    section: '3',
    says: 'efficiently migrate subcollections of components at a time',
    heldBy: [
      ['live/ensembles.test.ts', 'to a zone and back, under ping'],
      [
        'hypervisor/partial-clones.test.ts',
        'when the last host is there it has migrated, or it leaves again',
      ],
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
    says: 'allowing them to continue operating in a seamless fashion',
    heldBy: [
      ['live/protecting.test.ts', 'a stateful firewall and an intrusion detection misjudge nobody'],
      ['sim/whole.test.ts', 'one switch each could have shown all of it'],
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
      ['live/packets-under-way.test.ts', 'a cable stands still for five seconds: nothing is lost'],
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
    says: 'LIME must perform a sequence of translations of packet-forwarding rules',
    instead: 'with several tables a rule is the same everywhere, and wiring around it changes',
    heldBy: [
      ['translation/wiring-walk.test.ts', 'the example, while red/v3 is on two bodies'],
      ['translation/flat-rules.test.ts', 'when a neighbour moves, the rules that send there are'],
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
  {
    section: '3',
    says: 'the preservation of semantics of packet forwarding and control application behavior',
    heldBy: [
      ['sim/named-cases.test.ts', 'one switch could have shown it, while it migrates'],
      ['live/mirror/moving.test.ts', 'it moved all the time'],
    ],
  },
];
