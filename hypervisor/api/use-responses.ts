/**
 * Tenants' use of their limits and their traffic: the answers of `use` and `traffic`.
 */
import { tableKinds } from '../../slices/config/tenant-limits.ts';
import { downward, upward } from '../../slices/control-traffic.ts';
import type { TopReport } from '../operator/top.ts';
import {
  byName,
  closed,
  count,
  listOf,
  may,
  named,
  number,
  says,
  text,
  titled,
} from './response-values.ts';

const Used = closed({ used: count(), limit: may(count('of the file')) });
const RateSchema = closed({ perSec: number(), burst: number('how many at once') });

const use = {
  tables: closed(byName(tableKinds, Used)),
  messages: closed(
    {
      toControllers: closed(byName(upward, count())),
      fromControllers: closed(byName(downward, count())),
      shed: closed({ packetIns: count(), statistics: count() }, 'dropped, or refused'),
    },
    'since the start',
  ),
  rates: named(RateSchema, 'those that the file limits, by its names'),
  connections: count('of controllers'),
  waiting: count('of these, those that are not read now'),
  outboxBytes: count('that wait for its controllers'),
};

const { tables, messages, rates, connections, waiting, outboxBytes } = use;
/** As its owner sees it; nothing while it has no vswitches. */
export const OwnUseSchema = titled('OwnUse', {
  ...{ tables: may(tables), messages: may(messages), rates: may(rates) },
  ...{ connections: may(connections), waiting: may(waiting), outboxBytes: may(outboxBytes) },
});

export const UseSchema = says<TopReport>()(
  closed({
    atMs: number('since the process began'),
    tenants: listOf(titled('TenantUse', { tenant: text(), ...use })),
  }),
);
