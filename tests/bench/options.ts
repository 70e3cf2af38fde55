/**
 * What the benchmark measures and how long: flags, or the same words in BENCH (`make bench`).
 */
import { parseArgs } from 'node:util';
import { type Version, version } from '../../openflow/values/constants.ts';
import { isKindName, type KindName, kinds } from './kinds.ts';

const byName: ReadonlyMap<string, Version> = new Map([
  ['1.3', version.of13],
  ['1.0', version.of10],
]);

export const usage = `node tests/bench/relay.ts [flags], or BENCH="flags" make bench
  --repeats N        how often each number is measured; the median counts (3)
  --run MS           how long one measurement is (250), after 700 ms to warm up
  --tenants LIST     Limevisors with so many tenants (1,10,100); N of them have 10 N controllers
  --versions LIST    of OpenFlow: what switches and controllers speak (1.3,1.0)
  --kinds LIST       of ${Object.keys(kinds).join(',')} (all)
  --profile DIR      writes a CPU profile of each Limevisor there
  --strict           exit code 1 when a budget is missed`;

export interface Options {
  readonly repeats: number;
  readonly runMs: number;
  readonly tenants: readonly number[];
  readonly versions: readonly Version[];
  readonly kinds: readonly KindName[];
  readonly profileTo: string | undefined;
  readonly isStrict: boolean;
}

/** The options, or what is wrong with the words. */
export function readOptions(words: readonly string[]): Options | string {
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args: [...words],
      options: {
        repeats: { type: 'string', default: '3' },
        run: { type: 'string', default: '250' },
        versions: { type: 'string', default: '1.3,1.0' },
        tenants: { type: 'string', default: '1,10,100' },
        kinds: { type: 'string', default: Object.keys(kinds).join(',') },
        profile: { type: 'string' },
        strict: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    return String(error);
  }
  const named = String(values['kinds']).split(',');
  const unknown = named.find((name) => !isKindName(name));
  if (unknown !== undefined) return `"${unknown}" is not a kind of load`;
  const versions = String(values['versions'])
    .split(',')
    .map((name) => byName.get(name));
  if (!versions.every((one) => one !== undefined)) return '--versions are of 1.3 and 1.0';
  const tenants = String(values['tenants']).split(',').map(Number);
  const numbers = [Number(values['repeats']), Number(values['run']), ...tenants];
  const bad = numbers.find((number) => !Number.isInteger(number) || number < 1 || number > 60_000);
  if (bad !== undefined) return 'numbers are whole, from 1 to 60000';
  if (tenants[0] !== 1) return '--tenants begins with 1: the others are compared with it';
  return {
    repeats: numbers[0] ?? 1,
    runMs: numbers[1] ?? 1,
    tenants,
    versions,
    kinds: named.filter(isKindName),
    profileTo: typeof values['profile'] === 'string' ? values['profile'] : undefined,
    isStrict: values['strict'] === true,
  };
}
