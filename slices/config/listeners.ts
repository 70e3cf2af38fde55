/**
 * The addresses where vswitches listen for controllers that connect by themselves (`listen:` in a
 * vswitch's entry): each address has one owner.
 */
import type { Reader } from './reader.ts';
import { isUnix, listenText, parseListen, type Target, targetText } from './target.ts';
import type { TlsFiles } from './tls.ts';

interface Taken {
  readonly at: Target;
  readonly owner: string;
}

/** Addresses that are taken, and by whom. */
export class Listeners {
  /** By what two that meet have in common. */
  readonly #taken = new Map<string | number, Taken[]>();

  /** `ours` are listened on already: Unix sockets for commands, others for switches. */
  constructor(ours: readonly Target[], forApi: readonly Target[] = []) {
    for (const at of ours) this.#take(at, isUnix(at) ? 'commands' : 'switches');
    for (const at of forApi) this.#take(at, 'the API');
  }

  /** Those that have the port, or the path, of `target`. */
  like(target: Target): readonly Target[] {
    return this.#like(target).map(({ at }) => at);
  }

  read(list: Reader | undefined, owner: string, tls: TlsFiles | undefined): readonly Target[] {
    return (list?.items() ?? []).flatMap((item) => {
      const [at] = item.parsed((text) => parseListen(text, tls));
      if (at === undefined) return [];
      const other = this.#like(at).find((one) => meet(one.at, at))?.owner;
      if (other !== undefined)
        item.problem(`is ${listenText(at)}, which already serves ${other}; choose another port`);
      this.#take(at, owner);
      return [at];
    });
  }

  #like(at: Target): readonly Taken[] {
    return this.#taken.get(keyOf(at)) ?? [];
  }

  #take(at: Target, owner: string): void {
    const known = this.#taken.get(keyOf(at));
    if (known === undefined) this.#taken.set(keyOf(at), [{ at, owner }]);
    else known.push({ at, owner });
  }
}

function keyOf(at: Target): string | number {
  return isUnix(at) ? at.path : at.port;
}

/** Whether one machine can listen on the one but not on both. */
function meet(one: Target, other: Target): boolean {
  if (isUnix(one) || isUnix(other)) return targetText(one) === targetText(other);
  if (one.port !== other.port) return false;
  const any = ['0.0.0.0', '::'];
  return one.host === other.host || any.includes(one.host) || any.includes(other.host);
}
