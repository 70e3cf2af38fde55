/**
 * Where vswitches are listened on for controllers that come by themselves (`listen:` in a
 * vswitch's entry): each address has one owner.
 */
import type { Reader } from './reader.ts';
import { isUnix, listenText, parseListen, type Target, targetText } from './target.ts';
import type { TlsFiles } from './tls.ts';

/** Addresses that are taken, and by whom. */
export class Listeners {
  readonly #taken: (readonly [at: Target, owner: string])[];

  /** `ours` are listened on already: Unix sockets for commands, others for switches. */
  constructor(ours: readonly Target[]) {
    this.#taken = ours.map((at) => [at, isUnix(at) ? 'commands' : 'switches'] as const);
  }

  all(): readonly Target[] {
    return this.#taken.map(([at]) => at);
  }

  read(list: Reader | undefined, owner: string, tls: TlsFiles | undefined): readonly Target[] {
    return (list?.items() ?? []).flatMap((item) => {
      const [at] = item.parsed((text) => parseListen(text, tls));
      if (at === undefined) return [];
      const other = this.#taken.find(([one]) => meet(one, at))?.[1];
      if (other !== undefined)
        item.problem(`is ${listenText(at)}, which already serves ${other}; choose another port`);
      this.#taken.push([at, owner]);
      return [at];
    });
  }
}

/** Whether one machine can listen on the one but not on both. */
function meet(one: Target, other: Target): boolean {
  if (isUnix(one) || isUnix(other)) return targetText(one) === targetText(other);
  if (one.port !== other.port) return false;
  const any = ['0.0.0.0', '::'];
  return one.host === other.host || any.includes(one.host) || any.includes(other.host);
}
