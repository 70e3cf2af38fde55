/**
 * A virtual network as its owner sees it. Nothing physical appears here: each field is copied by
 * name, and reasons that could name something physical are worded anew.
 */
import Type, { type Static } from 'typebox';
import { versionName } from '../../openflow/messages/negotiation.ts';
import { vportText } from '../../slices/config/port-identity.ts';
import { listenText, targetText } from '../../slices/config/target.ts';
import { dpidText, endText, tenantOf, type VswitchName } from '../../slices/ids.ts';
import type { Attachment } from '../../slices/network/snapshot.ts';
import type { Controller } from '../controller/controller.ts';
import type { Operated } from '../operator/control.ts';
import { portReports } from '../operator/port-report.ts';
import { topReport } from '../operator/top.ts';
import type { Event } from '../world/event-log.ts';
import { Life, missingOf } from './owned-view.ts';
import { closed, titled } from './response-values.ts';
import { OwnUseSchema } from './use-responses.ts';

const text = (description: string) => Type.String({ description });
const why = text('empty where there is nothing to say');

export const NetworkController = closed({
  target: text('as the file has it'),
  state: text('up, dialling, waiting, idle'),
  why,
  openflow: text('the version that it speaks: 1.3'),
  role: text('equal, master or slave'),
  droppedPacketIns: Type.Integer({
    description: 'since it read too slowly, or asked for more than was read',
  }),
});

const NetworkPort = closed({
  port: text('its number, or LOCAL'),
  name: Type.String(),
  mac: Type.String(),
  leadsTo: text('host red/h1, or red/v2:3'),
  state: text('up or down'),
  why,
  config: Type.Array(text('what a controller has configured')),
});

const Refused = closed({
  request: text('the message that was refused'),
  error: text('what it got: badMatch/badPrereq'),
  count: Type.Integer(),
});

const NetworkVswitch = closed({
  name: text('red/v1'),
  dpid: text('16 hex digits'),
  state: text('up or down'),
  why,
  rules: Type.Integer(),
  ports: Type.Array(NetworkPort),
  controllers: Type.Array(NetworkController),
  refused: Type.Array(Refused, { description: 'requests of its controllers, by kind' }),
});

export const Network = titled('Network', {
  name: Type.String(),
  vswitches: Type.Array(NetworkVswitch),
  hosts: Type.Array(closed({ name: text('red/h1'), port: text('red/v1:1'), state: why })),
  links: Type.Array(closed({ ends: Type.Array(text('red/v1:2'), { minItems: 2, maxItems: 2 }) })),
  use: OwnUseSchema,
  missing: Type.Array(Type.String(), {
    description: 'until it serves, a line each; none: it does',
  }),
  life: Type.Optional(Life),
});

export type Network = Static<typeof Network>;

const AWAY = 'the network below it is not there now; its rules are kept';

/** Undefined when there is no such tenant; `life`: of one that its owner has made. */
export function networkOf(
  context: Operated,
  tenant: string,
  life: Life | undefined,
): Network | undefined {
  const snapshot = context.snapshot();
  const vswitches = snapshot.tenants.get(tenant) ?? (life && []);
  if (vswitches === undefined) return undefined;
  const own = new Set<VswitchName>(vswitches.map(({ name }) => name));
  const seen = vswitches.map(({ name }) => vswitchSeen(context, name));
  const states = new Map(
    seen.flatMap(({ name, ports }) => ports.map((one) => [`${name}:${one.port}`, one.state])),
  );
  const hosts = snapshot.config.hosts
    .filter(({ name }) => tenantOf(name) === tenant)
    .map(({ name, port }) => {
      const at = endText(port);
      return { name, port: at, state: states.get(at) ?? 'down' };
    });
  return {
    ...{ name: tenant, vswitches: seen, hosts },
    missing: [...missingOf({ vswitches: seen, hosts }, life, seen.length > 0)],
    ...(life && { life }),
    links: snapshot.config.vlinks
      .filter(([{ device }]) => own.has(device))
      .map((ends) => ({ ends: ends.map(endText) })),
    use: useOf(context, tenant),
  };
}

/** Without limits on datapaths, which have names. */
function useOf(context: Operated, tenant: string): Network['use'] {
  const all = context.snapshot().tenants.get(tenant) ?? [];
  const runtimes = () => all.flatMap(({ name }) => context.runtime(name) ?? []);
  const { world, startedMs } = context;
  const [found] = topReport({ world, startedMs, runtimes }).tenants;
  if (found === undefined) return {};
  const { tables, messages, rates, connections, waiting, outboxBytes } = found;
  return { tables, messages, rates, connections, waiting, outboxBytes };
}

function vswitchSeen(context: Operated, name: VswitchName): Network['vswitches'][number] {
  const runtime = context.runtime(name);
  const vswitch = context.snapshot().vswitches.get(name);
  if (runtime === undefined || vswitch === undefined) throw new Error(`no vswitch ${name}`);
  const isDown = runtime.whyDown() !== undefined;
  const leading = new Map([...vswitch.ports].map(([vport, one]) => [vportText(vport), one]));
  return {
    ...{ name, dpid: dpidText(vswitch.dpid), rules: runtime.rulebook.size },
    ...{ state: isDown ? 'down' : 'up', why: isDown ? AWAY : '' },
    ports: portReports(context, runtime).map((one) => {
      const { port, name: portName, mac, state, config } = one;
      return {
        ...{ port, name: portName, mac, state, config: [...config] },
        leadsTo: leadsTo(leading.get(port)),
        why: one.why === '' ? '' : portTrouble(config),
      };
    }),
    controllers: runtime.controllers.map((one) => controllerSeen(one, isDown)),
    // Why is said in the operator's words, which may name what is physical.
    refused: runtime.tenant.refusedRequests.of(name).map(({ request, error, count }) => {
      return { request, error, count };
    }),
  };
}

function leadsTo(attachment: Attachment | undefined): string {
  if (attachment === undefined) return 'nothing';
  return attachment.type === 'host' ? `host ${attachment.host}` : endText(attachment.peer);
}

function portTrouble(config: readonly string[]): string {
  if (config.includes('portDown')) return 'a controller took it down (PORT_DOWN)';
  return 'no cable of the network below leads to its other end now';
}

function controllerSeen(one: Controller, isDown: boolean): Static<typeof NetworkController> {
  const { state, target, kind, connectionState, droppedPacketIns } = one;
  const waits = state.type === 'idle' && kind === 'dialled' && isDown ? AWAY : '';
  return {
    target: kind === 'guest' ? listenText(target) : targetText(target),
    ...{ state: state.type, why: state.type === 'waiting' ? withoutFiles(state.why) : waits },
    openflow: versionName(one.version),
    role: roleNames[connectionState.role] ?? 'equal',
    droppedPacketIns,
  };
}

/** Why a controller is away, in its own words or without the operator's files. */
function withoutFiles(why: string): string {
  if (!why.includes('/') || why.startsWith('refused: ')) return why;
  const [, stranger] = /^(its certificate is not signed by the CA) in /.exec(why) ?? [];
  return stranger === undefined ? UNUSABLE : `${stranger} that the operator has for it`;
}

const UNUSABLE = 'it cannot be reached as things are; the operator is told why';

/** By OFPCR_ROLE_*. */
const roleNames = ['equal', 'equal', 'master', 'slave'] as const;

/** What may fail for what is below: the owner is told so, in words of ours. */
const notDone = [
  ...['network made', 'network approved', 'network resumed', 'network paused'],
  ...['network has other controllers', 'network deleted', 'network ended'],
];

/** Of what happens, what an owner is told, and of it these fields alone. */
const told: ReadonlyMap<string, readonly string[]> = new Map([
  ['controller up', ['vswitch', 'controller', 'openflow']],
  ['controller away', ['vswitch', 'controller', 'why']],
  ['controller changed', ['vswitch', 'controller', 'why']],
  ['request refused', ['vswitch', 'controller', 'request', 'error', 'times', 'bytes']],
  ...notDone.map((what): [string, readonly string[]] => {
    return [`not done: ${what}`, ['tenant', 'owner', 'told']];
  }),
  ...[
    ...['network asked for', 'network approved', 'network refused', 'network made'],
    ...['network has other controllers', 'network paused', 'network resumed'],
    ...['network ends later', 'network ends soon', 'network ended', 'network deleted'],
  ].map((what): [string, readonly string[]] => [what, ['tenant', 'owner', 'ends', 'why']]),
  ['network frozen', ['tenant', 'why']],
  ['network unfrozen', ['tenant']],
  ['token expires soon', ['tenant', 'token', 'expires']],
]);

/** As the owner of a tenant sees it; undefined: it is nothing of theirs. */
export function eventSeen(event: Event, tenant: string): Event | undefined {
  const fields = told.get(event.what);
  if (fields === undefined) return undefined;
  const { vswitch, tenant: named } = event.about;
  const whose = typeof vswitch === 'string' ? tenantOf(vswitch) : named;
  if (whose !== tenant) return undefined;
  const about = Object.fromEntries(
    Object.entries(event.about)
      .filter(([name]) => fields.includes(name))
      .map(([name, value]) => {
        if (name === 'told') return ['why', value];
        return [name, name === 'why' ? withoutFiles(String(value)) : value];
      }),
  );
  return { ...event, about };
}
