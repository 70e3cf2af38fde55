/**
 * The view of an owned network beyond that of any network: its state, its end, its share of the
 * quota, and what it still lacks before it serves, in words that name nothing physical.
 */

import Type, { type Static } from 'typebox';
import { quotaCounts } from '../../slices/config/quotas.ts';
import { AskedFile } from './config-responses.ts';
import type { Caller } from './requests.ts';
import { byName, closed, count, may, titled } from './response-values.ts';
import type { ApiContext } from './route.ts';

export const countsSchema = closed(byName(quotaCounts, may(count())), 'of each kind, how many');

export const Life = titled('Life', {
  owner: Type.String({ description: 'the name of the token that has made it' }),
  quota: Type.String(),
  state: Type.Union(['pending', 'rejected', 'running', 'paused'].map((one) => Type.Literal(one))),
  madeMs: Type.Number({ description: 'milliseconds since 1970' }),
  endsMs: Type.Optional(Type.Number({ description: 'absent: it has no end' })),
  endsSoon: Type.Boolean(),
  isEnding: Type.Boolean({ description: 'its time is over, or it is being deleted' }),
  frozen: Type.Optional(Type.String({ description: 'why the operator has frozen it' })),
  why: Type.Optional(Type.String({ description: 'why it was not approved, or does not run' })),
  counts: countsSchema,
  asked: AskedFile,
  offers: Type.Record(Type.String(), Type.String(), { description: 'by host, what it has taken' }),
  version: Type.Integer({ description: 'of its ETag: If-Match: "3"' }),
});

export type Life = Static<typeof Life>;

/** Of a network that an owner has made; undefined: it is none. */
export function lifeOf({ operated }: Pick<ApiContext, 'operated'>, name: string): Life | undefined {
  const record = operated.networks.owned.get(name);
  return record && (operated.networks.report(record) as Life);
}

/** The tenants that a caller may see, in full; undefined: all of them. */
export function ownTenants(
  { operated }: Pick<ApiContext, 'operated'>,
  { role, name, tenant, quota }: Caller,
): readonly string[] | undefined {
  if (role !== 'owner') return undefined;
  const made = quota === undefined ? [] : operated.networks.owned.all(name).map((one) => one.name);
  return tenant === undefined ? made : [tenant, ...made];
}

/** `lab` of an owner is its `lab@ann`. */
export function fullName({ name, quota }: Caller, tenant: string): string {
  return quota === undefined || tenant.includes('@') ? tenant : `${tenant}@${name}`;
}

/** To who asks for what owners with a quota have. */
export function whyNoQuota({ name, role }: Caller): string {
  const is = role === 'owner' ? 'whose token has no quota' : `who is no owner but ${role}`;
  const hint = '"limevisor token create NAME --role owner --quota QUOTA" makes such a token';
  return `this is for owners with a quota, and not for "${name}", ${is}; ${hint}, to log in with`;
}

interface Seen {
  readonly vswitches: readonly {
    readonly name: string;
    readonly state: string;
    readonly why: string;
    readonly controllers: readonly {
      readonly target: string;
      readonly state: string;
      readonly why: string;
    }[];
  }[];
  readonly hosts: readonly { readonly name: string; readonly state: string }[];
}

/** A line each; none: it serves. `isThere`: it is in the configuration. */
export function missingOf(
  { vswitches, hosts }: Seen,
  life: Life | undefined,
  isThere: boolean,
): readonly string[] {
  if (life !== undefined && life.state !== 'running') return [stateText(life)];
  if (life?.frozen !== undefined) return [`the operator has frozen it: ${life.frozen}`];
  if (life?.why !== undefined) return [life.why];
  if (!isThere) return ['it is not there yet'];
  return [
    ...vswitches.flatMap(({ name, state, why, controllers }) => {
      if (state !== 'up') return [`${name}: ${why}`];
      if (controllers.some((one) => one.state === 'up')) return [];
      if (controllers.length === 0) return [`${name} has no controller`];
      return controllers.map(({ target, state: is, why: because }) => {
        return `${name}: controller ${target} is ${because === '' ? is : `${is}: ${because}`}`;
      });
    }),
    ...hosts.flatMap(({ name, state }) => (state === 'up' ? [] : [`host ${name} is not there`])),
  ];
}

function stateText({ state, why }: Life): string {
  if (state === 'pending') return 'the operator has not approved of it yet';
  if (state === 'rejected') return `the operator has not approved of it: ${why ?? ''}`;
  return why === undefined ? 'it is paused' : `it is paused, and ${why}`;
}
