/**
 * `limevisor network`: an owner's commands about its own networks, and operators' commands about
 * those of others.
 */
import type { Problem } from '../../slices/config/config.ts';
import { networkKeys } from '../../slices/config/owned.ts';
import { parseLifetime } from '../../slices/config/quotas.ts';
import { Reader } from '../../slices/config/reader.ts';
import { type TemplateName, templateNames, templateTree } from '../../slices/config/templates.ts';
import { limits } from '../../slices/limits.ts';
import type { Event } from '../world/event-log.ts';
import { Ending, exitCodes, note, type Options, say } from '../world/exit-codes.ts';
import { nodeWorld } from '../world/node-world.ts';
import { ask } from './client.ts';
import { eventText } from './event-commands.ts';
import { readYaml, rejectProblems } from './file.ts';
import { treeText } from './file-text.ts';
import {
  type ListedNetwork,
  listText,
  networkText,
  quotaText,
  type ShownNetwork,
  type ShownQuota,
} from './network-text.ts';
import type { MethodName } from './resources.ts';

export interface NetworkOptions extends Options {
  readonly file?: string;
  readonly name?: string;
  readonly hosts: readonly string[];
  readonly controller: readonly string[];
  readonly for?: string;
  readonly wait?: boolean;
  readonly timeout: string;
  readonly why?: string;
  readonly print?: boolean;
  readonly dryRun?: boolean;
}

type Command = (names: readonly string[], options: NetworkOptions) => Promise<void>;

interface Made {
  readonly name: string;
  readonly life?: { readonly state: string; readonly endsMs?: number };
}

/** As it is asked for, beside its network. */
interface Asked {
  readonly name: string;
  readonly lifetimeMs?: number;
  readonly dryRun?: boolean;
}

export const networkCommands: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    ...{ create, template, list, show, wait, quota, flows, events, errors, controllers, extend },
    delete: changing('deleteNetwork', 'is deleted'),
    pause: changing('pauseNetwork', 'is paused'),
    resume: changing('resumeNetwork', 'goes on'),
    approve: changing('approveNetwork', 'is approved of'),
    reject: changing('rejectNetwork', 'is refused', 'why'),
    freeze: changing('freezeNetwork', 'is frozen', 'why'),
    unfreeze: changing('unfreezeNetwork', 'is no longer frozen'),
  } satisfies Record<string, Command>),
);

function usage(how: string): Ending {
  return new Ending(exitCodes.usage, how);
}

/** Words that nothing is said with; a value with spaces is several of them. */
function besidesText(more: readonly string[]): string {
  return more.length === 0 ? '' : `"${more.join(' ')}" is too much; `;
}

/** The one name that a command is about. */
function theName(names: readonly string[], what: string, whose = 'NAME'): string {
  const [name, ...more] = names;
  if (name === undefined || more.length > 0) {
    throw usage(`${besidesText(more)}write "network ${what} ${whose}"`);
  }
  return name;
}

function lifetimeOf({ for: text }: NetworkOptions): { readonly lifetimeMs?: number } {
  if (text === undefined) return {};
  const read = parseLifetime(text);
  if (!read.ok) throw usage(read.why);
  return { lifetimeMs: read.value };
}

async function create(names: readonly string[], options: NetworkOptions): Promise<void> {
  const { file, name } = options;
  if (file === undefined || names.length > 0) throw usage('write "network create -f FILE"');
  const read = readYaml(file);
  if ('problems' in read) {
    rejectProblems(file, read);
    return;
  }
  const problems: Problem[] = [];
  new Reader(read.tree, '', problems).onlyKeys(['name', 'for', ...networkKeys]);
  if (problems.length > 0) rejectProblems(file, { problems: problems.map(read.placed) });
  const { name: own, for: life, ...network } = read.tree as Readonly<Record<string, unknown>>;
  const called = name ?? own;
  if (typeof called !== 'string')
    throw usage('say what to call it: --name, or "name:" in the file');
  // What is typed goes before what the file says.
  const long = lifetimeOf({ ...(life !== undefined && { for: String(life) }), ...options });
  await make({ ...askedOf(called, options), ...long, network }, options);
}

async function template(names: readonly string[], options: NetworkOptions): Promise<void> {
  const [shape, ...more] = names;
  const known = templateNames.find((one) => one === shape);
  if (known === undefined || more.length > 0) {
    const how = `write "network template SHAPE"; shapes: ${templateNames.join(', ')}`;
    throw usage(besidesText(more) + how);
  }
  const { hosts, controller: controllers, name = known, print } = options;
  if (hosts.length === 0) throw usage('name hosts: --hosts a,b; "network quota" has which');
  if (print === true) {
    say(treeText({ name, ...templateTree(known, hosts, controllers) }).trimEnd());
    return;
  }
  const asked = { ...askedOf(name, options), ...lifetimeOf(options) };
  await make({ ...asked, template: { shape: known, hosts, controllers } }, options);
}

function askedOf(name: string, { dryRun }: NetworkOptions): Asked {
  return { name, ...(dryRun === true && { dryRun }) };
}

async function make(
  asked: Asked & {
    readonly network?: unknown;
    readonly template?: {
      readonly shape: TemplateName;
      readonly hosts: readonly string[];
      readonly controllers: readonly string[];
    };
  },
  options: NetworkOptions,
): Promise<void> {
  const { socket, json, dryRun } = options;
  const made = await ask<Made>(socket, 'createNetwork', asked);
  if (dryRun === true) {
    say(json ? JSON.stringify(made) : `${made.name} could be made; nothing is changed`);
    return;
  }
  if (made.life?.state === 'pending') {
    const next = `"limevisor network wait ${made.name}" waits for it`;
    say(json ? JSON.stringify(made) : `${made.name} waits for the operator to approve; ${next}`);
  } else if (json) say(JSON.stringify(made));
  else say(`${made.name} is made; ${endOf(made)}`);
  if (options.wait === true) await wait([made.name], options);
}

function endOf({ life }: Made): string {
  if (life?.endsMs === undefined) return 'it has no end';
  return `it ends ${new Date(life.endsMs).toISOString()}`;
}

async function list(_: readonly string[], { socket, json }: NetworkOptions): Promise<void> {
  const all = await ask<readonly ListedNetwork[]>(socket, 'networks', {});
  say(json ? JSON.stringify(all) : listText(all));
}

async function show(names: readonly string[], { socket, json }: NetworkOptions): Promise<void> {
  const shown = await ask<ShownNetwork>(socket, 'network', { tenant: theName(names, 'show') });
  say(json ? JSON.stringify(shown) : networkText(shown));
}

async function quota(_: readonly string[], { socket, json }: NetworkOptions): Promise<void> {
  const report = await ask<ShownQuota>(socket, 'quota', {});
  say(json ? JSON.stringify(report) : quotaText(report));
}

/** Until nothing is missing; what is, is said when the time is over. */
async function wait(names: readonly string[], options: NetworkOptions): Promise<void> {
  const { socket, json, timeout } = options;
  const tenant = theName(names, 'wait');
  if (!/^[0-9]{1,6}$/.test(timeout)) throw usage(`"${timeout}" is not a time; write seconds`);
  const world = nodeWorld();
  const beganMs = world.nowMs();
  const endMs = beganMs + Number(timeout) * 1_000;
  for (;;) {
    const { missing } = await ask<ShownNetwork>(socket, 'network', { tenant });
    if (missing.length === 0) {
      const tookSec = ((world.nowMs() - beganMs) / 1_000).toFixed(1);
      say(json ? JSON.stringify({ ready: true, missing }) : `ready after ${tookSec} s`);
      return;
    }
    if (world.nowMs() >= endMs) {
      if (json) say(JSON.stringify({ ready: false, missing }));
      throw new Ending(
        exitCodes.failed,
        `not ready after ${timeout} s:\n  ${missing.join('\n  ')}`,
      );
    }
    await new Promise<void>((resolve) => void world.after(limits.networkPollMs, resolve));
  }
}

async function flows(names: readonly string[], { socket, json }: NetworkOptions): Promise<void> {
  const vswitch = theName(names, 'flows', 'NAME/VSWITCH');
  const [tenant = ''] = vswitch.split('/', 1);
  const params = { tenant, vswitch };
  const report = await ask<{ readonly flows: readonly string[] }>(socket, 'networkFlows', params);
  say(json ? JSON.stringify(report) : report.flows.map((one) => ` ${one}`).join('\n'));
}

async function events(names: readonly string[], { socket, json }: NetworkOptions): Promise<void> {
  const tenant = theName(names, 'events');
  for (const one of await ask<readonly Event[]>(socket, 'networkEvents', { tenant })) {
    say(json ? JSON.stringify(one) : eventText(one));
  }
}

interface SentError {
  readonly vswitch: string;
  readonly atMs: number;
  readonly controller: string;
  readonly error: string;
  readonly why?: string;
  readonly message: string;
}

/** What controllers were sent, each with what they had said; the newest last. */
async function errors(names: readonly string[], { socket, json }: NetworkOptions): Promise<void> {
  const tenant = theName(names, 'errors');
  const all = await ask<readonly SentError[]>(socket, 'networkErrors', { tenant });
  if (json) say(JSON.stringify(all));
  else if (all.length === 0) say('no error was sent');
  else say(all.map(errorText).join('\n'));
}

function errorText({ vswitch, atMs, controller, error, why, message }: SentError): string {
  const because = why === undefined ? '' : ` (${why})`;
  const when = new Date(atMs).toISOString();
  return `${when}  ${vswitch} to ${controller}: ${error}${because}\n  ${message}`;
}

async function controllers(names: readonly string[], options: NetworkOptions): Promise<void> {
  const [tenant, ...more] = names;
  if (tenant === undefined || more.length === 0) {
    const hint = '"network show NAME" has those that it has';
    throw usage(`write "network controllers NAME tcp:ADDRESS:PORT ..."; ${hint}`);
  }
  const all = more.flatMap((one) => one.split(','));
  const { dryRun } = options;
  const params = { tenant, controllers: all, ...(dryRun === true && { dryRun }) };
  await change('setControllers', params, 'has these controllers', options);
}

async function extend(names: readonly string[], options: NetworkOptions): Promise<void> {
  const tenant = theName(names, 'extend');
  const { lifetimeMs } = lifetimeOf(options);
  if (lifetimeMs === undefined) throw usage('say for how long from now: --for 3d');
  const { socket, json } = options;
  const made = await ask<Made>(socket, 'extendNetwork', { tenant, lifetimeMs });
  say(json ? JSON.stringify(made) : `${made.name}: ${endOf(made)}`);
}

/** One that is about a network alone, or has a reason besides. */
function changing(method: MethodName, done: string, needs?: 'why'): Command {
  return async (names, options) => {
    const { why, dryRun } = options;
    const what = method.replace('Network', '');
    const tenant = theName(names, what);
    if (needs === 'why' && why === undefined) throw usage('say why, for its owner: --why TEXT');
    const params = { tenant, ...(needs && { why }), ...(dryRun === true && { dryRun }) };
    await change(method, params, done, options);
  };
}

async function change(
  method: MethodName,
  params: object,
  done: string,
  { socket, json, dryRun, wait: waits, ...rest }: NetworkOptions,
): Promise<void> {
  const made = await ask<Made>(socket, method, params);
  if (json) say(JSON.stringify(made));
  else if (dryRun === true) note(`nothing prevents it; nothing is changed`);
  else say(`${made.name} ${done}`);
  if (waits === true && dryRun !== true) {
    await wait([made.name], { socket, ...(json && { json }), ...rest });
  }
}
