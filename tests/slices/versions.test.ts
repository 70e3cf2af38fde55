/**
 * `openflow:` of a tenant: which versions its controllers are offered.
 */

import t from 'tap';
import { readConfig } from '../../slices/config/config.ts';

function configOf(openflow: unknown) {
  const red = {
    ...(openflow === undefined ? {} : { openflow }),
    vswitches: { v1: { dpid: '1', on: 's1' } },
  };
  return readConfig({ datapaths: { s1: { dpid: '1' } }, tenants: { red } }, []);
}

t.test('both, unless the file says otherwise; each once, whatever the order', async (t) => {
  const cases: readonly (readonly [unknown, readonly number[]])[] = [
    [undefined, [1, 4]],
    [
      ['1.3', '1.0', '1.3'],
      [1, 4],
    ],
    [['1.0'], [1]],
    [['1.3'], [4]],
    ['1.3', [4]],
  ];
  for (const [openflow, versions] of cases) {
    t.match(configOf(openflow), { config: { vswitches: [{ versions }] } });
  }
});

t.test('what is no list of versions that there are', async (t) => {
  const path = 'tenants.red.openflow';
  const cases: readonly (readonly [unknown, string, RegExp])[] = [
    [['1.4'], `${path}[0]`, /"1.4" is not a supported OpenFlow version; write 1.0 or 1.3/],
    [[], path, /is an empty list/],
    ['1.5', path, /"1.5" is not a supported OpenFlow version/],
    [{ a: '1.3' }, path, /must be a list, not a map/],
  ];
  for (const [openflow, at, why] of cases) {
    t.match(configOf(openflow), { problems: [{ path: at, why }] });
  }
});
