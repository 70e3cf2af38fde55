/** The paper's sections 4.2 and 5, sentence by sentence (sentences.ts). */
import type { Sentence } from './sentences.ts';

export const semantics: readonly Sentence[] = [
  {
    section: '4.2',
    says: 'Control applications should not require modification to work correctly under ensemble',
    heldBy: [
      ['live/protecting.test.ts', 'a stateful firewall and an intrusion detection misjudge nobody'],
      ['live/protecting-flat.test.ts', 'on datapaths of OpenFlow 1.0 nobody is misjudged, either'],
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
    says: 'a rich API that works correctly throughout the migration',
    heldBy: [['live/mirror/moving.test.ts', 'it moved all the time']],
  },
  {
    section: '4.2',
    says: 'combining the results from multiple switches and emulating any necessary API features',
    heldBy: [
      [
        'hypervisor/two-bodies.test.ts',
        'a rule that goes is reported once, with what both have counted',
      ],
      ['paper/moving-time-outs.test.ts', 'none is early, none later than it may be'],
    ],
  },
  {
    section: '4.2',
    says: 'To preserve the illusion of a single switch, LIME must combine information from both',
    heldBy: [
      ['paper/barriers.test.ts', 'it is answered when both bodies have answered'],
      ['slices/rule-counters.test.ts', 'the total is the sum of what the bodies count'],
      ['sim/streams.test.ts', 'each once'],
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
    says: 'LIME does not use certain switch features (e.g., soft timeouts) during the migration',
    heldBy: [['paper/time-outs.test.ts', 'no switch is told of a time-out']],
  },
  {
    section: '4.2',
    says: 'This does not mean that controller applications cannot use these features',
    heldBy: [['paper/moving-time-outs.test.ts', 'none is early, none later than it may be']],
  },
  {
    section: '4.2',
    says: 'polling the traffic counters on the switches and deleting the rule in both switches if',
    heldBy: [
      ['slices/rulebook-time.test.ts', 'idle: never before its time after a packet, whenever that'],
      ['paper/time-outs.test.ts', 'used at one of two bodies it lives; unused at both it goes'],
      ['paper/moving-time-outs.test.ts', 'none is early, none later than it may be'],
    ],
  },
  {
    section: '4.2',
    says: 'LIME can install a rule with a “send the controller” action',
    instead:
      'only while another body takes over: then what may go up and on comes up to us, by an ' +
      'entry above every guard (DESIGN 5, "Rules that send up and on")',
    heldBy: [
      ['translation/punt-and-forward.test.ts', 'only up, or only on: nothing is held'],
      ['sim/order-canary.test.ts', 'canary: nothing is held while the primary changes, and it'],
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

export const evaluation: readonly Sentence[] = [
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
    says: 'performing migration with substantially reduced outage time (measured by packet loss)',
    heldBy: [['live/demo.test.ts', 'LIME loses nothing while rules change; freeze-and-copy does']],
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
      [
        'hypervisor/turn-share.test.ts',
        'in each turn a tenant has one share, whatever connections it has',
      ],
      [
        'translation/flow-mod-bytes.test.ts',
        'whatever stays bytes is what the values would have made of it',
      ],
    ],
  },
];
