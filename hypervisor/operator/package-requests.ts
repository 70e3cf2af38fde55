/**
 * The table contents of a package's vswitches, as the requests that make them (package-file.ts).
 */
import { namesIn } from '../../slices/config/packages.ts';
import { unhex } from '../../slices/hex.ts';
import type { Vport, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { chunks } from '../../slices/steps.ts';
import {
  flowModOf,
  groupOrMeterIn,
  inOrder,
  type MakingRequest,
  whyNotAsked,
} from '../../translation/requests/packed-requests.ts';
import { messageOf } from '../world/error-text.ts';
import type { Package, PackageContents } from './package-text.ts';

/** Some of what a vswitch brings along, by its name in the package; in their order. */
export interface Brought {
  readonly name: string;
  readonly requests: readonly MakingRequest[];
}

export interface Contents {
  readonly brought: readonly Brought[];
  readonly portConfigs: ReadonlyMap<VswitchName, ReadonlyMap<Vport, number>>;
}

/** For each of these tenants; what no controller could ask for is a problem. */
export function contentsIn(
  read: Package,
  tenants: readonly string[],
  problems: string[],
): Contents {
  const brought: Brought[] = [];
  const portConfigs = new Map<VswitchName, ReadonlyMap<Vport, number>>();
  const known = namesIn(read.network, 'vswitches');
  for (const [name, contents] of Object.entries(read.contents)) {
    if (!known.includes(name)) problems.push(`contents of "${name}", which it lacks`);
    for (const requests of chunks(requestsOf(name, contents, problems), limits.rulesAtOnce)) {
      brought.push({ name, requests });
    }
    const configs = Object.entries(contents.ports).map(([port, bits]) => {
      return [Number(port) as Vport, Number(bits)] as const;
    });
    if (configs.length === 0) continue;
    for (const tenant of tenants) {
      portConfigs.set(`${tenant}/${name}` as VswitchName, new Map(configs));
    }
  }
  return { brought, portConfigs };
}

function requestsOf(
  name: string,
  { meters, groups, rules }: PackageContents,
  problems: string[],
): readonly MakingRequest[] {
  const requests: MakingRequest[] = [];
  const take = (what: string, make: () => MakingRequest): void => {
    let why: string | undefined;
    try {
      const request = make();
      why = whyNotAsked(request);
      requests.push(request);
    } catch (error) {
      why = messageOf(error);
    }
    if (why === undefined || problems.length >= limits.leftOutShownMax) return;
    problems.push(`${what} of ${name} in the package: ${why}`);
  };
  for (const { frame, reads } of [...meters, ...groups]) {
    take(reads, () => groupOrMeterIn(unhex(frame)));
  }
  for (const { rule, match, instructions, cookie, ...rest } of rules) {
    take(rule, () => {
      const bytes = { match: unhex(match), instructions: unhex(instructions) };
      return flowModOf({ ...rest, ...bytes, cookie: BigInt(cookie) });
    });
  }
  return inOrder(requests);
}
