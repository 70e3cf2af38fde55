/**
 * Reads a package that is to be deployed and checks it against the running configuration: its
 * additions to the configuration, and the table contents of its vswitches; or all reasons against
 * it at once. Runs in a thread of its own (file-thread.ts).
 */

import type { Problem } from '../../slices/config/config.ts';
import type { Fields } from '../../slices/config/config-fields.ts';
import { fieldsIn, unpacked } from '../../slices/config/packages.ts';
import type { Config } from '../../slices/config/values.ts';
import { type DatapathName, tenantOf } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Avoiding } from '../../slices/network/drained-datapaths.ts';
import { type Admitted, admitting } from '../../slices/placement/admission.ts';
import { atOnce } from '../../slices/steps.ts';
import { messageOf } from '../world/error-text.ts';
import { readTree, textIn } from './file.ts';
import { PackagePlaces } from './package-places.ts';
import { type Contents, contentsIn } from './package-requests.ts';
import { type Package, packageFrom } from './package-text.ts';

/** What is asked for, as the command line has it. */
export interface DeployAsked {
  readonly file: string;
  /** Names of the tenants that it becomes; none: its own. */
  readonly as: readonly string[];
  /** Datapaths and zones for all, and `v1=s1`, `v1=zone-a`, `big=s1+s2`. */
  readonly on: readonly string[];
  /** `h1=s1:3`, `h1=auto`, or `auto` for all that are not said. */
  readonly hosts: readonly string[];
  readonly controllers: readonly string[];
  readonly asItWas: boolean;
}

/** What runs, as far as it matters. */
export interface Surroundings {
  /** As a file. */
  readonly running: Fields;
  readonly told: Config['told'];
  /** What is drained, and what is held: nothing is placed there. */
  readonly avoiding: Avoiding;
  /** Datapaths that are there, with the numbers of their ports. */
  readonly ports: ReadonlyMap<DatapathName, readonly number[]>;
  /** Vswitches that left, and whose rules are kept. */
  readonly left: readonly string[];
}

export type Deployment = DeployAsked & Surroundings;

type TenantKey =
  | 'vswitches'
  | 'hosts'
  | 'vlinks'
  | 'schedules'
  | 'tenantLimits'
  | 'pathWishes'
  | 'vlinkBandwidths';

/** What comes to the configuration, and what it brings. */
export interface Unpacked extends Pick<Config, TenantKey>, Contents {}

/** Problems are a line each. */
export type ReadPackage = Unpacked | { readonly problems: readonly string[] };

/** Never throws on what a file holds. */
export function readPackage(asked: Deployment): ReadPackage {
  let read: ReturnType<typeof packageFrom>;
  try {
    read = packageFrom(textIn(asked.file, limits.packageBytesMax, 'a package'));
  } catch (error) {
    return { problems: [`${asked.file} cannot be read: ${messageOf(error)}`] };
  }
  if ('why' in read) return { problems: [`${asked.file}: ${read.why}`] };
  return new Unpacker(read, asked).run();
}

class Unpacker {
  readonly #package: Package;
  readonly #asked: Deployment;
  readonly #names: readonly string[];
  readonly #problems: string[] = [];
  readonly #places: PackagePlaces;

  constructor(read: Package, asked: Deployment) {
    this.#package = read;
    this.#asked = asked;
    this.#names = asked.as.length > 0 ? asked.as : [read.tenant];
    this.#places = new PackagePlaces(read, asked, this.#names, this.#problems);
  }

  run(): ReadPackage {
    this.#checkNames();
    const contents = contentsIn(this.#package, this.#names, this.#problems);
    if (this.#problems.length > 0) return { problems: this.#problems };
    const config = this.#placed();
    if (config === undefined) return { problems: this.#problems };
    const isNew = (tenant: string): boolean => this.#names.includes(tenant);
    const vlinks = config.vlinks.filter(([{ device }]) => isNew(tenantOf(device)));
    const known = new Set(this.#scheduleNames());
    return {
      vswitches: config.vswitches.filter(({ tenant }) => isNew(tenant)),
      hosts: config.hosts.filter(({ name }) => isNew(tenantOf(name))),
      vlinks,
      schedules: config.schedules.filter(({ name }) => !known.has(name)),
      tenantLimits: new Map([...config.tenantLimits].filter(([tenant]) => isNew(tenant))),
      pathWishes: new Map([...config.pathWishes].filter(([key]) => isNew(tenantOf(key)))),
      vlinkBandwidths: new Map([...config.vlinkBandwidths].filter(([key]) => isNew(tenantOf(key)))),
      ...contents,
    };
  }

  #checkNames(): void {
    const { running, left } = this.#asked;
    const tenants = fieldsIn(running['tenants']);
    const other = 'name another with --as';
    for (const [i, name] of this.#names.entries()) {
      if (this.#names.indexOf(name) !== i) this.#problems.push(`"${name}" is named twice`);
      if (Object.hasOwn(tenants, name))
        this.#problems.push(`there is a tenant "${name}" already; ${other}`);
      const kept = left.find((one) => tenantOf(one) === name);
      if (kept === undefined) continue;
      const why = `rules of ${kept} are kept, which left the file`;
      this.#problems.push(`${why}; "limevisor purge ${name}" deletes them, or ${other}`);
    }
  }

  #scheduleNames(): readonly string[] {
    return Object.keys(fieldsIn(this.#asked.running['schedules']));
  }

  /** The whole configuration, with places; undefined when there are problems. */
  #placed(): Config | undefined {
    const first = this.#read();
    const admitted = first && this.#admitted(first);
    if (admitted === undefined || !this.#places.isOpen) return admitted?.config;
    this.#places.settle(admitted.config);
    return this.#problems.length > 0 ? undefined : this.#read();
  }

  /** With the hosts of which a port is known. */
  #read(): Config | undefined {
    const { running, controllers, asItWas, told } = this.#asked;
    const tenants: [name: string, fields: Fields][] = [];
    let schedules: Fields = {};
    for (const [as, { on, at }] of this.#places.wishes) {
      const how = { from: this.#package.tenant, as, asItWas, controllers, on, at };
      const one = unpacked(this.#package, how);
      tenants.push([as, one.tenant]);
      schedules = { ...schedules, ...one.schedules };
    }
    const before = fieldsIn(running['schedules']);
    for (const name of Object.keys(schedules)) {
      if (Object.hasOwn(before, name)) this.#problems.push(`there is a schedule "${name}" already`);
    }
    const tree = {
      ...running,
      tenants: { ...fieldsIn(running['tenants']), ...Object.fromEntries(tenants) },
      schedules: { ...before, ...schedules },
    };
    const read = readTree(tree, '/');
    if ('problems' in read) {
      this.#problems.push(...read.problems.map((one: Problem) => `${one.path}: ${one.why}`));
    }
    if (this.#problems.length > 0 || 'problems' in read) return undefined;
    return { ...read.config, told };
  }

  #admitted(config: Config): Admitted | undefined {
    const { avoiding } = this.#asked;
    const admitted = atOnce(admitting(undefined, config, avoiding, this.#places.among));
    for (const [name, why] of admitted.unplaced) {
      if (this.#names.includes(tenantOf(name))) this.#problems.push(`${name}: ${why}`);
    }
    return this.#problems.length > 0 ? undefined : admitted;
  }
}
