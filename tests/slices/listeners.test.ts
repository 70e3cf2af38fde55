/**
 * `listen:` of a vswitch: read in Open vSwitch's grammar, and no address has two owners.
 */

import t from 'tap';
import { targetText } from '../../slices/config/target.ts';
import { configOf, problemsOf } from './networks.ts';

const yaml = (v1: string, v2: string) => `
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 } }
tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1, listen: [${v1}] }
      v2: { dpid: 2, on: s1, listen: [${v2}] }
`;

t.test('read', async (t) => {
  const { vswitches } = configOf(yaml("'ptcp:6701:127.0.0.1', 'punix:/run/v1.sock'", ''));
  t.strictSame(
    vswitches.map(({ listen }) => listen.map(targetText)),
    [['tcp:127.0.0.1:6701', 'unix:/run/v1.sock'], []],
  );
});

t.test('each address once', async (t) => {
  const clashes: readonly (readonly [string, string, string | undefined])[] = [
    ['ptcp:6701:127.0.0.1', 'ptcp:6701:127.0.0.1', 'red/v1'],
    ['ptcp:6701', 'ptcp:6701:127.0.0.1', 'red/v1'],
    ['ptcp:6701:192.0.2.1', 'ptcp:6701:127.0.0.1', undefined],
    ['ptcp:6702', 'ptcp:6701', undefined],
    ['punix:/run/a', 'punix:/run/a', 'red/v1'],
    ['punix:/run/a', 'punix:/run/b', undefined],
    ['ptcp:6701', 'ptcp:6653', 'switches'],
  ];
  for (const [v1, v2, owner] of clashes) {
    const found = problemsOf(yaml(`'${v1}'`, `'${v2}'`));
    if (owner === undefined) t.strictSame(found, [], `${v1} and ${v2}`);
    else t.match(found, [{ why: new RegExp(`which already serves ${owner};`) }], `${v1}, ${v2}`);
  }
});

t.test('dialled ones do not fit here', async (t) => {
  t.match(problemsOf(yaml('tcp:127.0.0.1:6701', '')), [{ why: /is not an address of this kind/ }]);
});
