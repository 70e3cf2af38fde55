/**
 * Whether Limevisor serves, for programs that start and stop it (`/readyz`, systemd): the store is
 * read and takes more, and all rules are loaded. Whether datapaths and controllers are connected
 * does not matter here; `limevisor wait` looks at that.
 */

import type { VswitchName } from '../../slices/ids.ts';
import { plural } from '../../slices/plural.ts';
import type { LoadingState } from '../store/recovery.ts';

export interface ReadinessSources {
  readonly storeWaits: string | undefined;
  readonly loading: LoadingState;
  runtimes(): readonly { readonly name: VswitchName }[];
}

export interface Readiness {
  readonly isReady: boolean;
  /** `[+]store: ok`, a line for each thing that is looked at; no names of tenants. */
  readonly lines: readonly string[];
}

export function readiness({ storeWaits, loading, runtimes }: ReadinessSources): Readiness {
  const left = runtimes().filter(({ name }) => loading.whyNot(name) !== undefined).length;
  const looks: readonly (readonly [what: string, trouble: string | undefined])[] = [
    // What exactly is the operator's to know.
    ['store', storeWaits === undefined ? undefined : 'it waits for room on its disk'],
    ['rules', left === 0 ? undefined : `those of ${plural(left, 'vswitch')} are being loaded`],
  ];
  return {
    isReady: looks.every(([, trouble]) => trouble === undefined),
    lines: looks.map(([what, trouble]) => {
      return trouble === undefined ? `[+]${what}: ok` : `[-]${what}: ${trouble}`;
    }),
  };
}
