/**
 * The tokens of the API and their owners, in a file beside the store that only its owner may read.
 *
 * What is kept of a token is its SHA-256, and not the slow hash that a password needs: a token is
 * 256 random bits, so nobody tries them all, however fast each try is; and a slow hash would let
 * strangers use up our time. Who reads the file has no token by it.
 */
import { hash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isNetworkName } from '../../slices/config/config-names.ts';
import { limits } from '../../slices/limits.ts';
import { type MadeToken, type Role, roles, type TokenReport } from '../operator/token-values.ts';
import { messageOf } from '../world/error-text.ts';
import type { Caller } from './requests.ts';

interface Kept extends TokenReport {
  readonly sha256: string;
}

export interface Wanted {
  readonly name: string;
  readonly role: Role;
  readonly tenant?: string;
  readonly quota?: string;
  readonly expiresMs?: number;
}

export interface TokenWorld {
  freshSecret(): Uint8Array;
  wallClockMs(): number;
}

/** What every token of ours begins with: people and programs that look for secrets find it. */
const PREFIX = 'limevisor_';

export class Tokens {
  readonly #file: string | undefined;
  readonly #world: TokenWorld;
  readonly #byHash = new Map<string, Kept>();

  /** Throws when the file is there and is none of ours. Without one, none outlives us. */
  constructor(file: string | undefined, world: TokenWorld) {
    this.#file = file;
    this.#world = world;
    if (file === undefined || !fs.existsSync(file)) return;
    for (const one of keptIn(file)) this.#byHash.set(one.sha256, one);
  }

  /** Told of each that ends before its time, by its name. */
  revoked: (name: string) => void = () => undefined;

  get isEmpty(): boolean {
    return this.#byHash.size === 0;
  }

  all(): readonly TokenReport[] {
    return [...this.#byHash.values()].map(reportOf);
  }

  make(wanted: Wanted): MadeToken | { readonly whyNot: string } {
    const { name } = wanted;
    if (this.#byHash.size >= limits.tokensMax) {
      return { whyNot: `there are ${limits.tokensMax} tokens already; revoke some` };
    }
    const whyNobody = whyNoOwner(wanted);
    if (whyNobody !== undefined) return { whyNot: whyNobody };
    const taken = this.all().find((one) => one.name === name);
    if (taken !== undefined) {
      return { whyNot: `there is a token "${name}" already; revoke it, or take another name` };
    }
    const token = PREFIX + Buffer.from(this.#world.freshSecret()).toString('base64url');
    const sha256 = hash('sha256', token);
    const kept = { id: sha256.slice(0, 12), ...wanted, madeMs: this.#world.wallClockMs(), sha256 };
    const whyNot = this.#write([...this.#byHash.values(), kept]);
    if (whyNot !== undefined) return { whyNot };
    this.#byHash.set(sha256, kept);
    return { token, made: reportOf(kept) };
  }

  /**
   * By its id or its name; undefined: there is none. Where that cannot be written it is over all
   * the same, and still there to be revoked: a restart would find it good.
   */
  revoke(which: string): TokenReport | { readonly whyNot: string } | undefined {
    const all = [...this.#byHash.values()];
    const found = all.find(({ id, name }) => id === which || name === which);
    if (found === undefined) return undefined;
    const whyNot = this.#write(all.filter((one) => one !== found));
    if (whyNot === undefined) this.#byHash.delete(found.sha256);
    else this.#byHash.set(found.sha256, { ...found, expiresMs: 0 });
    this.revoked(found.name);
    if (whyNot === undefined) return reportOf(found);
    return {
      whyNot: `until the next start nobody is let in by it, but ${whyNot}; revoke it again`,
    };
  }

  /** Of those that let somebody in. */
  goodNames(): ReadonlySet<string> {
    const good = [...this.#byHash.values()].filter((one) => !this.#isOver(one));
    return new Set(good.map(({ name }) => name));
  }

  #isOver({ expiresMs = Number.POSITIVE_INFINITY }: Kept): boolean {
    return expiresMs <= this.#world.wallClockMs();
  }

  /** Whose it is; undefined: nobody's, or not any more. */
  find(token: string): Caller | undefined {
    const found = this.#byHash.get(hash('sha256', token));
    if (found === undefined || this.#isOver(found)) return undefined;
    const { name, role, tenant, quota } = found;
    const own = { ...(tenant !== undefined && { tenant }), ...(quota !== undefined && { quota }) };
    return { name, role, ...own };
  }

  /** All of it, or what it was: another file takes its place. Answers why it could not be. */
  #write(all: readonly Kept[]): string | undefined {
    if (this.#file === undefined) return undefined;
    try {
      writePrivate(this.#file, all.map((one) => `${JSON.stringify(one)}\n`).join(''));
      return undefined;
    } catch (error) {
      return `${this.#file} cannot be written: ${messageOf(error)}`;
    }
  }
}

function whyNoOwner({ name, role, tenant, quota }: Wanted): string | undefined {
  const isOwned = tenant !== undefined || quota !== undefined;
  if ((role === 'owner') !== isOwned) {
    return role === 'owner'
      ? 'say what it owns: --tenant TENANT, or --quota QUOTA for networks that it makes itself'
      : `a tenant, or a quota, is an owner's: --role owner, or leave it out`;
  }
  if (quota === undefined || isNetworkName(`x@${name}`)) return undefined;
  return `"${name}" is in the names of its networks; use letters, digits, "-", "_" and "."`;
}

/** A file that its owner alone may read, whole or not at all. */
export function writePrivate(file: string, text: string): void {
  const folder = path.dirname(file);
  const next = path.join(folder, `.${path.basename(file)}.new`);
  fs.rmSync(next, { force: true });
  const to = fs.openSync(next, 'wx', 0o600);
  try {
    fs.writeFileSync(to, text);
    fs.fsyncSync(to);
  } finally {
    fs.closeSync(to);
  }
  fs.renameSync(next, file);
  const there = fs.openSync(folder, 'r');
  fs.fsyncSync(there);
  fs.closeSync(there);
}

function keptIn(file: string): readonly Kept[] {
  const lines = fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line, i) => {
    const one = parsed(line);
    if (one !== undefined) return one;
    const hint = 'move it away to begin without tokens';
    throw new Error(`${file}, line ${i + 1}, is no token of ours; ${hint}`);
  });
}

function parsed(line: string): Kept | undefined {
  try {
    const value = JSON.parse(line) as Partial<Kept>;
    const isOurs = /^[0-9a-f]{64}$/.test(value.sha256 ?? '') && value.role !== undefined;
    return isOurs && roles.includes(value.role) ? (value as Kept) : undefined;
  } catch {
    return undefined; // The caller says so.
  }
}

function reportOf({ sha256: _, ...report }: Kept): TokenReport {
  return report;
}
