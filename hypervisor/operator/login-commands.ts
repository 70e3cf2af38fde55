/**
 * `limevisor login | contexts | logout`: Limevisors elsewhere.
 */
import fs from 'node:fs';
import { text as textOf } from 'node:stream/consumers';
import { noSuchText } from '../../slices/near-names.ts';
import { messageOf } from '../world/error-text.ts';
import { Ending, exitCodes, note, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import { contextAt, type Remote, readContexts, writeContexts } from './contexts.ts';
import { certificateOf } from './remote.ts';
import { table } from './report-text.ts';

export interface LoginOptions {
  readonly name?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly fingerprint?: string;
}

interface Self {
  readonly name: string;
  readonly role: string;
  readonly tenant?: string;
}

export async function login(where: string, options: LoginOptions): Promise<void> {
  const url = urlOf(where);
  const { hostname, protocol, origin } = url;
  const isLocal = /^(localhost|127[.].*|\[::1\])$/.test(hostname);
  if (protocol === 'http:' && !isLocal) {
    const why = 'a token would be read on the way';
    throw new Ending(exitCodes.usage, `${where}: ${why}; only this machine goes without https:`);
  }
  const { name = hostname, ca, fingerprint } = options;
  const trust = {
    ...(ca !== undefined && { ca: fileText(ca) }),
    ...(fingerprint !== undefined && { fingerprint }),
  };
  const certificate = protocol === 'https:' ? await certificateOf(origin, trust) : undefined;
  const token = await tokenFrom(options.tokenFile);
  const remote: Remote = { url: origin, token, ...(certificate !== undefined && { certificate }) };
  const before = readContexts();
  const remotes = { ...before.remotes, [name]: remote };
  writeContexts({ current: name, remotes });
  try {
    const self = await ask<Self>(contextAt(name), 'self', {});
    const of = self.tenant === undefined ? '' : ` of ${self.tenant}`;
    say(`${origin}: ${self.name}, ${self.role}${of}; commands go there, or use --context ${name}`);
  } catch (error) {
    writeContexts(before);
    throw error;
  }
}

function urlOf(where: string): URL {
  const url = URL.parse(where);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new Ending(exitCodes.usage, `"${where}" is not an address; write https://HOST:PORT`);
}

function fileText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new Ending(exitCodes.usage, `${file} cannot be read: ${messageOf(error)}`);
  }
}

/** Never an argument: those are seen by everybody on a machine. */
async function tokenFrom(file: string | undefined): Promise<string> {
  const named = process.env['LIMEVISOR_TOKEN'];
  if (file === undefined && named === undefined && process.stdin.isTTY) note('token:');
  const text = file === undefined ? (named ?? (await firstLine())) : fileText(file);
  const token = text.trim();
  if (/^[A-Za-z0-9_-]+$/.test(token)) return token;
  if (file !== undefined) {
    const hint = 'it is what "limevisor token create" prints, on a line of its own';
    throw new Ending(exitCodes.usage, `${file} holds no token; ${hint}`);
  }
  const hint = 'name its file (--token-file), set LIMEVISOR_TOKEN, or write it on standard input';
  throw new Ending(exitCodes.usage, `there is no token; ${hint}`);
}

async function firstLine(): Promise<string> {
  if (!process.stdin.isTTY) return textOf(process.stdin);
  return new Promise((resolve) => {
    process.stdin.once('data', (chunk) => {
      process.stdin.pause();
      resolve(String(chunk));
    });
  });
}

export function logout(name: string | undefined): void {
  const { current, remotes } = readContexts();
  const which = name ?? current;
  if (which === undefined) {
    const why = 'commands go to the socket already; "limevisor logout NAME" forgets another place';
    throw new Ending(exitCodes.usage, `${why} ("limevisor contexts" lists them)`);
  }
  if (!Object.hasOwn(remotes, which)) {
    throw new Ending(exitCodes.usage, noSuchText('context', which, Object.keys(remotes)));
  }
  const { [which]: _, ...rest } = remotes;
  writeContexts({ ...(current !== which && current !== undefined && { current }), remotes: rest });
  say(`logged out of ${which}; "limevisor token revoke" there ends the token`);
}

export function contexts(use: string | undefined, { json }: { readonly json?: boolean }): void {
  const known = readContexts();
  if (use !== undefined) {
    if (use !== 'none' && !Object.hasOwn(known.remotes, use)) {
      const why = noSuchText('context', use, Object.keys(known.remotes));
      throw new Ending(exitCodes.usage, `${why}; "limevisor login" makes one`);
    }
    writeContexts({ remotes: known.remotes, ...(use !== 'none' && { current: use }) });
    say(use === 'none' ? 'commands go to the socket' : `commands go to ${use}`);
    return;
  }
  const all = Object.entries(known.remotes).map(([name, { url }]) => {
    return { name, url, isCurrent: name === known.current };
  });
  if (json === true) say(JSON.stringify(all));
  else if (all.length === 0) say('no context; "limevisor login URL" makes one');
  else {
    const rows = all.map(({ name, url, isCurrent }) => [isCurrent ? '*' : '', name, url]);
    say(table([['', 'CONTEXT', 'ADDRESS'], ...rows]));
  }
}
