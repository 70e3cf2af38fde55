/**
 * What a change costs does not depend on how many tenants there are: what is done is counted, and
 * not timed (`make bench` does that).
 */

import t from 'tap';
import { planFor } from '../../hypervisor/operator/control-drain.ts';
import { GrowthNetwork } from '../bench/growth-network.ts';

interface Work {
  /** Contributions that were asked for, and vswitches whose ports were looked at. */
  readonly contributions: number;
  readonly refreshed: number;
  readonly storeBytes: number;
}

function counting(tenants: number) {
  const network = new GrowthNetwork({ tenants, datapaths: 8, hosts: 2 });
  const { hypervisor, world } = network;
  const { contributors } = hypervisor;
  let contributions = 0;
  let refreshed = 0;
  const of = contributors.of.bind(contributors);
  contributors.of = (...args) => {
    contributions += 1;
    return of(...args);
  };
  for (const { ports } of hypervisor.runtimes()) {
    const refresh = ports.refresh.bind(ports);
    ports.refresh = (...args) => {
      refreshed += 1;
      refresh(...args);
    };
  }
  const during = (change: () => void): Work => {
    const before = { contributions, refreshed, storeBytes: network.storeBytes };
    change();
    world.pass(300);
    return {
      contributions: contributions - before.contributions,
      refreshed: refreshed - before.refreshed,
      storeBytes: network.storeBytes - before.storeBytes,
    };
  };
  return {
    migration: during(() => void network.migrate('t0/v1', 's6')),
    again: during(() => void network.migrate('t0/v1', 's3')),
    dryRun: during(() => world.turn(() => void planFor(hypervisor, 't0/v1', 's7', 'lime'))),
    portDown: during(() => network.switch('s3').setPort(1_000, false)),
    portUp: during(() => network.switch('s3').setPort(1_000, true)),
    strangePort: during(() => network.switch('s3').setPort(999, true)),
    controller: during(() => network.redial()),
  };
}

t.test('with three tenants, and with thirty', async (t) => {
  const [few, many] = [counting(3), counting(30)];
  for (const name of Object.keys(few) as (keyof typeof few)[]) {
    const { storeBytes: fewBytes, ...fewDone } = few[name];
    const { storeBytes: manyBytes, ...manyDone } = many[name];
    t.same(manyDone, fewDone, name);
    t.ok(manyBytes <= 1.2 * fewBytes + 100, `${name}: ${manyBytes} bytes, and not ${fewBytes}`);
  }
  t.ok(few.migration.contributions > 0 && few.migration.refreshed > 0, JSON.stringify(few));
  t.ok(few.portDown.refreshed > 0 && few.strangePort.refreshed === 0);
});
