/**
 * What a vswitch takes that nobody uses: connected, told of its ports, and idle. Between a few
 * hundred and some more of them, for what is there once is no vswitch's. The clock goes on by a
 * fixed time with each look at it: a slow machine has no more cables that seem to fail.
 *
 * `make bench` measures the same between 200 and 2,200 (docs/BENCHMARKS.md); the budget is 20 kB.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { GrowthNetwork } from '../bench/growth-network.ts';
import { GrowthWorld } from '../bench/growth-world.ts';

const BYTES_MAX = 20_000;
/** Enough that caches, and entries that are values, are as many as they will ever be. */
const [FEW, MANY] = [150, 400];
const VSWITCHES_PER_TENANT = 2;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** What is used once for all, and what each has that is no object of ours, is in it. */
function usedBytes(): number {
  // What one collection frees may be what another one holds.
  for (let i = 0; i < 4; i++) gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Nothing of one is freed while the next is measured. */
const networks: GrowthNetwork[] = [];

function bytesOf(tenants: number): number {
  const before = usedBytes();
  const size = { tenants, datapaths: 8, hosts: 2 };
  const network = new GrowthNetwork(size, true, new GrowthWorld(0.05));
  networks.push(network);
  network.world.pass(1_000);
  const bytes = usedBytes() - before;
  const { length } = network.hypervisor.runtimes();
  if (length !== tenants * VSWITCHES_PER_TENANT) throw new Error(`${length} vswitches`);
  return bytes;
}

t.test('under 20 kB', async (t) => {
  // Code that is compiled, and caches that are filled, once.
  bytesOf(FEW);
  const [few, many] = [bytesOf(FEW), bytesOf(MANY)];
  const each = (many - few) / (VSWITCHES_PER_TENANT * (MANY - FEW));
  t.ok(each > 1_000 && each < BYTES_MAX, `an idle vswitch takes ${Math.round(each)} bytes`);
});
