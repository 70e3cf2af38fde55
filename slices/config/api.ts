/**
 * The addresses where the API is served besides the socket of `control` (hypervisor/api/).
 *
 *   api: { listen: [ptcp:8640:127.0.0.1, pssl:8643] }
 */
import type { Listeners } from './listeners.ts';
import type { Reader } from './reader.ts';
import { isLocalHost, isUnix, listenText, type Target } from './target.ts';
import type { TlsFiles } from './tls.ts';

/** Plain HTTP stays on this machine: a token that goes over a wire could be read there. */
export function readApi(
  at: Reader | undefined,
  listeners: Listeners,
  tls: TlsFiles | undefined,
): readonly Target[] {
  if (at === undefined) return [];
  at.onlyKeys(['listen']);
  const list = at.required('listen');
  const all = listeners.read(list, 'the API', tls);
  for (const one of all) {
    if (isUnix(one)) list.problem('has a Unix socket; the API is on that of "control" already');
    else if (one.tls === undefined && !isLocalHost(one.host)) {
      const how = `write ptcp:${one.port}:127.0.0.1, or pssl:${one.port} with "tls"`;
      list.problem(`has ${listenText(one)}: without TLS the API is for this machine only; ${how}`);
    }
  }
  return all;
}

export function apiFields(listen: readonly Target[]): Readonly<Record<string, readonly string[]>> {
  return listen.length === 0 ? {} : { listen: listen.map(listenText) };
}
