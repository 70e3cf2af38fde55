/**
 * Networks that owners make, as resources: a caller whose token has a quota creates, changes,
 * pauses and deletes them; operators approve and freeze them.
 */
import Type, { type TSchema } from 'typebox';
import { templateNames, templateTree } from '../../slices/config/templates.ts';
import { limits } from '../../slices/limits.ts';
import { noSuchText } from '../../slices/near-names.ts';
import type { Outcome } from '../networks/networks.ts';
import { resources } from '../operator/resources.ts';
import { Auditing } from './audit-entry.ts';
import { strict } from './command-values.ts';
import { fullName, Life, lifeOf, ownTenants, whyNoQuota } from './owned-view.ts';
import { refusal } from './problems.ts';
import type { Access } from './requests.ts';
import { closed } from './response-values.ts';
import { type Answering, type ApiContext, type Asked, type Route, route } from './route.ts';

const name = Type.String({ maxLength: 44, description: 'of the network: lab' });
const lifetimeMs = Type.Number({ minimum: 1_000, maximum: limits.lifetimeMsMax });
const dryRun = Type.Optional(Type.Boolean({ description: 'say what prevents it, change nothing' }));
const texts = Type.Array(Type.String({ maxLength: 256 }), { maxItems: 1_024 });
const why = Type.String({ minLength: 1, maxLength: 400, description: 'for its owner' });

const Made = closed({
  name: Type.String({ description: 'lab@ann' }),
  life: Type.Optional(Life),
});

const wanted = Type.Object(
  {
    name,
    network: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'vswitches, hosts, links and controllers, as a file has a tenant',
      }),
    ),
    template: Type.Optional(
      Type.Object(
        {
          shape: Type.Union(templateNames.map((one) => Type.Literal(one))),
          hosts: texts,
          controllers: texts,
        },
        strict,
      ),
    ),
    lifetimeMs: Type.Optional(lifetimeMs),
    dryRun,
  },
  strict,
);

/** How a change of one network goes on when it may. */
type Change = (
  context: ApiContext,
  asked: Asked<unknown, Readonly<Record<string, unknown>>, { readonly tenant: string }>,
  which: { readonly name: string; readonly isDry: boolean },
  done: (outcome: Outcome) => void,
) => void;

interface Row {
  readonly access: Access;
  readonly summary: string;
  readonly body?: TSchema;
  /** What an owner does not do while an operator has frozen it. */
  readonly isForOwners?: true;
  readonly change: Change;
}

type ChangeName =
  | 'deleteNetwork'
  | 'setControllers'
  | 'pauseNetwork'
  | 'resumeNetwork'
  | 'extendNetwork'
  | 'approveNetwork'
  | 'rejectNetwork';

const dry = Type.Object({ dryRun }, strict);

const changes: Readonly<Record<ChangeName, Row>> = {
  deleteNetwork: {
    ...{ access: 'owner', isForOwners: true },
    summary: 'End a network, with all that it has made',
    change: ({ operated }, _, one, done) => operated.networks.remove(one.name, one.isDry, done),
  },
  setControllers: {
    ...{ access: 'owner', isForOwners: true },
    summary: 'Give a network other controllers while it runs; who stays is not disturbed',
    body: Type.Object({ controllers: texts, dryRun }, strict),
    change({ operated }, { body }, one, done) {
      const all = body['controllers'] as readonly string[];
      operated.networks.setControllers(one.name, all, one.isDry, done);
    },
  },
  pauseNetwork: {
    ...{ access: 'owner', isForOwners: true },
    summary: 'Stop a network: controllers and frames; its rules and its hosts are kept for it',
    body: dry,
    change: ({ operated }, _, one, done) => operated.networks.pause(one.name, one.isDry, done),
  },
  resumeNetwork: {
    ...{ access: 'owner', isForOwners: true },
    summary: 'Have a network that is paused go on as it was',
    body: dry,
    change: ({ operated }, _, one, done) => operated.networks.resume(one.name, one.isDry, done),
  },
  extendNetwork: {
    ...{ access: 'owner', isForOwners: true },
    summary: 'Have a network end so long from now',
    body: Type.Object({ lifetimeMs }, strict),
    change({ operated }, { body, caller }, one, done) {
      const isOwner = caller.role === 'owner';
      operated.networks.extend(one.name, body['lifetimeMs'] as number, isOwner, done);
    },
  },
  approveNetwork: {
    access: 'operator',
    summary: 'Make a network that waits for it',
    body: dry,
    change: ({ operated }, _, one, done) => operated.networks.approve(one.name, one.isDry, done),
  },
  rejectNetwork: {
    access: 'operator',
    summary: 'Refuse a network that waits to be approved of',
    body: Type.Object({ why }, strict),
    change({ operated }, { body }, one, done) {
      operated.networks.reject(one.name, String(body['why']), done);
    },
  },
};

const ofTenant = Type.Object({ tenant: Type.String() });

function changeRoute(did: ChangeName, { summary, access, body, isForOwners, change }: Row): Route {
  const { verb, path } = resources[did];
  return {
    ...{ method: verb, path, access, tag: 'networks', summary, params: ofTenant },
    ...(body !== undefined && { body }),
    ...(body === undefined || body === dry ? { query: dry } : {}),
    response: Made,
    answer(context, asked, reply) {
      const { operated } = context;
      const { path: at, query, body: said = {} } = asked as Parameters<Change>[1];
      const full = fullName(asked.caller, at.tenant);
      const known = ownTenants(context, asked.caller) ?? operated.networks.owned.all().map(nameOf);
      const record = operated.networks.owned.get(full);
      if (record === undefined || !known.includes(full)) {
        const isOfFile = asked.caller.role !== 'owner' && operated.snapshot().tenants.has(full);
        const why = isOfFile
          ? `${full} is a tenant of your file: change it there, and "limevisor apply" the file`
          : noSuchText('network', at.tenant, known.filter(isMade));
        reply.error('absent', why);
        return;
      }
      const stale = whyStale(asked.headers['if-match'], record.version);
      if (stale !== undefined) {
        reply.refuse({ status: 412, code: 'rejected', detail: stale });
        return;
      }
      const frozen = operated.networks.freezing.of(full);
      if (frozen !== undefined && isForOwners && asked.caller.role === 'owner') {
        reply.error('rejected', `the operator has frozen ${full}: ${frozen.why}`);
        return;
      }
      const saysDry = (one: unknown) => (one as { dryRun?: boolean } | null)?.dryRun === true;
      const isDry = [query, said].some(saysDry);
      const audited = new Auditing(context, asked.caller, did, { network: full, ...said });
      audited.begin();
      const whole = { ...asked, body: said } as Parameters<Change>[1];
      change(context, whole, { name: full, isDry }, (outcome) => {
        if (!isDry) audited.end(whyIn(outcome));
        answerOutcome(context, asked, full, outcome, reply);
      });
    },
  };
}

const nameOf = ({ name: own }: { readonly name: string }): string => own;
const isMade = (tenant: string): boolean => tenant.includes('@');

function whyStale(ifMatch: unknown, version: number): string | undefined {
  if (ifMatch === undefined || ifMatch === '*') return undefined;
  const all = String(ifMatch)
    .split(',')
    .map((one) => one.trim());
  if (all.includes(`"${version}"`) || all.includes('*')) return undefined;
  return `it has become another meanwhile: it is "${version}" now; look at it, and ask again`;
}

function whyIn(outcome: Outcome): string | undefined {
  if (!('problems' in outcome)) return undefined;
  return (outcome.below ?? outcome.problems).join('\n');
}

function answerOutcome(
  context: ApiContext,
  { caller }: Pick<Asked, 'caller'>,
  full: string,
  outcome: Outcome,
  reply: Answering,
  status = 200,
): void {
  if ('problems' in outcome) {
    const { problems, below = problems } = outcome;
    const told = caller.role === 'owner' ? problems : below;
    reply.refuse({ ...refusal('rejected', told.join('\n')), problems: told });
    return;
  }
  const { record } = outcome;
  const life = record && context.operated.networks.report(record);
  const headers = record === undefined ? {} : { etag: `"${record.version}"` };
  reply.result({ name: full, ...(life && { life }) }, status, headers);
}

const createRoute = route({
  ...{ method: 'POST', path: resources.createNetwork.path, access: 'owner', tag: 'networks' },
  summary: 'Make a network of one’s own, of a template or any shape, within the quota of the token',
  query: dry,
  body: wanted,
  response: Made,
  answer(context, asked, reply) {
    const { caller, body, query } = asked;
    const { quota } = caller;
    if (caller.role !== 'owner' || quota === undefined) {
      reply.error('forbidden', whyNoQuota(caller));
      return;
    }
    const { template, network } = body;
    if ((template === undefined) === (network === undefined)) {
      reply.error('usage', 'say what it is: a "network", or a "template"');
      return;
    }
    const twin = template?.hosts.find((one, i, all) => all.indexOf(one) < i);
    if (twin !== undefined) {
      reply.error('usage', `the host ${twin} is named twice; an offer is for one host`);
      return;
    }
    const tree = template
      ? templateTree(template.shape, template.hosts, template.controllers)
      : network;
    const isDry = body.dryRun === true || query.dryRun === true;
    const full = fullName(caller, body.name);
    const audited = new Auditing(context, caller, 'createNetwork', auditedOf(body));
    audited.begin();
    const { lifetimeMs: life } = body;
    const own = { name: body.name, network: tree, ...(life !== undefined && { lifetimeMs: life }) };
    context.operated.networks.create({ name: caller.name, quota }, own, isDry, (outcome) => {
      if (!isDry) audited.end(whyIn(outcome));
      answerOutcome(context, asked, full, outcome, reply, isDry ? 200 : 201);
    });
  },
});

const AUDITED_CHARACTERS_MAX = 4_000;

/** What is asked for may be long. */
function auditedOf(body: { readonly name: string }): unknown {
  const isShort = JSON.stringify(body).length <= AUDITED_CHARACTERS_MAX;
  return isShort ? body : { name: body.name };
}

/** Any tenant: one of the file, too. */
function freezeRoute(did: 'freezeNetwork' | 'unfreezeNetwork', summary: string): Route {
  const { verb, path } = resources[did];
  const isOn = did === 'freezeNetwork';
  return route({
    ...{ method: verb, path, access: 'operator', tag: 'networks', summary, params: ofTenant },
    ...(isOn && { body: Type.Object({ why }, strict) }),
    response: Made,
    answer(context, { path: { tenant }, body, caller }, reply) {
      const { operated } = context;
      const { networks } = operated;
      const known = [...operated.snapshot().tenants.keys(), ...networks.owned.all().map(nameOf)];
      if (!known.includes(tenant)) {
        reply.error('absent', noSuchText('tenant', tenant, new Set(known)));
        return;
      }
      const audited = new Auditing(context, caller, did, { network: tenant, ...body });
      const done = (): void => {
        const before = isOn ? '' : 'frozen';
        audited.end(undefined, [{ what: tenant, before, after: isOn ? 'frozen' : '' }]);
        const life = lifeOf(context, tenant);
        reply.result({ name: tenant, ...(life && { life }) });
      };
      if (isOn) networks.freezing.freeze(tenant, (body as { why: string }).why, done);
      else if (networks.freezing.of(tenant) === undefined) {
        reply.error('rejected', `${tenant} is not frozen`);
      } else networks.freezing.unfreeze(tenant, done);
    },
  });
}

export const ownedRoutes: readonly Route[] = [
  createRoute,
  ...Object.entries(changes).map(([did, row]) => changeRoute(did as ChangeName, row)),
  freezeRoute('freezeNetwork', 'Let a tenant’s controllers change nothing; its frames go on'),
  freezeRoute('unfreezeNetwork', 'Let a tenant’s controllers connect again'),
];
