/** A big switch with a host at each of three switches, and moves of its members. */
import { type MemberMoved, migrateMember } from '../../hypervisor/operator/control-members.ts';
import type { MemberPlan } from '../../translation/migration/member-move.ts';
import type { MemberMigration } from '../../translation/migration/member-states.ts';
import type { Problems } from '../../translation/migration/plan.ts';
import type { FakeNetwork } from './fake-switches.ts';

export const WITHIN_MS = 6_000;

export function textOf(on: string, consistency = 'strict', more = ''): string {
  return `
${more}
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links: [s1:3 - s2:3, s2:4 - s3:3, s3:4 - s1:4, s4:3 - s1:2]
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches:
      v1: { dpid: 1, on: ${on}${on.startsWith('[') ? `, consistency: ${consistency}` : ''} }
    hosts:
      h1: { port: v1:1, at: s1:1 }
      h2: { port: v1:2, at: s2:1 }
      h3: { port: v1:3, at: s3:1 }
`;
}

export interface Answer {
  readonly plan: MemberPlan | Problems;
  readonly member?: MemberMoved;
}

/** What came of it, as far as it has. */
export interface Moving {
  answer?: Answer;
  /** As who asked was told of it. */
  readonly states: MemberMigration[];
}

/** `limevisor migrate red/v1 --from ... --to ...`; nothing has happened yet. */
export function moving(
  { hypervisor }: FakeNetwork,
  from: string | undefined,
  to: string,
  isDry = false,
): Moving {
  const seen: Moving = { states: [] };
  const asked = { names: ['red/v1'], to: [to], isDry, ...(from !== undefined && { from }) };
  migrateMember(hypervisor, asked, {
    result(answer: Answer): void {
      seen.answer = answer;
    },
    event: (one: MemberMigration): void => void seen.states.push(one),
    onGone: () => undefined,
  });
  return seen;
}

/** The same, to its end. */
export function moved(
  network: FakeNetwork,
  from: string | undefined,
  to: string,
  isDry = false,
): Answer | undefined {
  const seen = moving(network, from, to, isDry);
  network.run(WITHIN_MS);
  return seen.answer;
}
