/**
 * The answers of `status`, `links` and `readiness`.
 */
import Type from 'typebox';
import type { HostReport } from '../operator/host-report.ts';
import type { LinkReport } from '../operator/link-report.ts';
import type { PortReport } from '../operator/port-report.ts';
import type { StatusReport } from '../operator/report.ts';
import type { WaitingReport } from '../operator/waiting.ts';
import {
  EnsembleSchema,
  HostMoveSchema,
  MemberMove,
  MigrationSchema,
} from './migration-responses.ts';
import {
  closed,
  count,
  ends,
  listOf,
  may,
  named,
  number,
  oneOf,
  says,
  since1970,
  text,
  texts,
  titled,
  why,
} from './response-values.ts';

const isDrained = Type.Boolean({ description: 'ways are led around it' });
const isHeld = Type.Boolean({ description: 'nothing is placed there' });
const agoSec = count('since the last time, seconds');
const times = { why: text(), count: count(), agoSec };

export const LinkSchema = says<LinkReport>()(
  titled('Link', {
    ends,
    state: oneOf(['up', 'down', 'unverified', 'miswired', 'tooSmall', 'silent']),
    text: text('the state in words'),
    latencyMs: may(number('of a small frame, in the slower direction')),
    isSlow: Type.Boolean({ description: 'it takes much longer than others' }),
  }),
);

export const PortSchema = says<PortReport>()(
  titled('Port', {
    ...{ port: text('its number, or LOCAL'), name: text(), mac: text() },
    leadsTo: text('host red/h1 at s1:1, or red/v2:3'),
    paths: may(count('over how many paths its flows are spread')),
    ...{ state: oneOf(['up', 'down']), why },
    config: texts('what a controller has configured'),
  }),
);

const HostSchema = says<HostReport>()(
  closed({
    ...{ name: text('red/h1'), port: text('red/v1:1'), at: texts('two places while it moves') },
    shares: may(text('how it shares that port')),
    ...{ state: oneOf(['up', 'down']), why },
  }),
);

const counted = { packets: number(), bytes: number() };
const Through = closed({
  ...{ tenant: text(), what: text(), from: text(), to: text() },
  ...{ packets: may(number()), bytes: may(number()) },
});

const Datapath = titled('Datapath', {
  ...{ name: text(), dpid: text('16 hex digits'), state: text('ready, away, ...'), why },
  ack: text('how it acknowledges, and why not better'),
  version: may(text('of OpenFlow: 1.3; absent while it is away')),
  encoding: oneOf(['pipeline', 'flat']),
  bodies: texts('vswitches that live there'),
  hosts: texts('that are plugged in'),
  through: listOf(Through, 'ways between others that lead through it'),
  carried: listOf(closed({ tenant: text(), ...counted }), 'by tenant'),
  ...{ isDrained, isHeld, warnings: texts('what somebody has to see to') },
  software: text('what it says that it is'),
  forgets: text('that its cached flows have to be healed, if they have'),
});

const ControllerSchema = closed({
  ...{ target: text(), state: text('up, dialling, waiting, idle'), why },
  ...{ version: text('of OpenFlow: 1.3'), role: oneOf(['equal', 'master', 'slave']) },
  droppedPacketIns: count('since it read too slowly, or asked for more than was read'),
});

const VswitchSchema = titled('Vswitch', {
  ...{ name: text('red/v1'), dpid: text('16 hex digits'), on: texts('datapaths') },
  bigSwitch: may(
    closed({
      consistency: oneOf(['strict', 'eventual']),
      primary: text('the member that processes every packet'),
      without: texts('members that process nothing now'),
      partial: may(texts('members that hold a part of its rules')),
    }),
  ),
  rules: count(),
  down: may(text('why it does not serve')),
  ...{ ports: listOf(PortSchema), controllers: listOf(ControllerSchema) },
  refusedRequests: listOf(
    closed({ request: text(), error: text('badMatch/badPrereq'), count: count(), why }),
    'of its controllers, by kind',
  ),
});

const LeftSchema = closed({
  ...{ vswitch: text(), sinceMs: since1970 },
  contents: closed({ rules: count(), groups: count(), meters: count() }),
  hasHeir: Type.Boolean({ description: 'one of its name is in the file, and waits' }),
  isRestored: Type.Boolean({ description: 'that one gets the rules at the next start' }),
});

export const StatusSchema = says<StatusReport>()(
  titled('Status', {
    uptimeSec: count(),
    store: closed({
      ...{ id: text('16 hex digits'), generation: count(), waits: may(text()) },
      sync: oneOf(['always', 'background'], 'what a barrier waits for: the disk, or not'),
    }),
    datapaths: listOf(Datapath),
    links: listOf(LinkSchema),
    off: may(texts('what carries nothing, and was switched off')),
    suspicions: listOf(closed({ port: text('s1:3'), ...times }), 'what looks like a probe'),
    refused: listOf(closed({ peer: text(), ...times }), 'connections of switches'),
    hosts: listOf(HostSchema),
    unknown: listOf(
      closed({ dpid: text(), peer: text(), version: text() }),
      'switches that connect and are not in the file',
    ),
    vswitches: listOf(VswitchSchema),
    atLimits: listOf(closed({ tenant: text(), what: texts() }), 'tenants that are at a limit'),
    migrations: listOf(MigrationSchema),
    ensembles: listOf(EnsembleSchema),
    hostMoves: listOf(HostMoveSchema),
    memberMoves: may(listOf(MemberMove)),
    left: listOf(LeftSchema, 'vswitches that the store keeps and the file does not have'),
    alarms: named(count(), 'how often since the start, by kind'),
    givenUp: named(text(), 'after a fault of Limevisor: what, and why'),
  }),
);

export const WaitingSchema = says<WaitingReport>()(
  closed({ missing: texts('the first of them'), count: count('how many there are') }),
);
