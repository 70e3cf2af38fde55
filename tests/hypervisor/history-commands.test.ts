/** What is told of a migration that is over, and of several that were one. */
import t from 'tap';
import { datedRows, foundIn, historyText } from '../../hypervisor/operator/history-commands.ts';
import { beginEnsemble } from '../../translation/migration/ensemble.ts';
import { begin, step } from '../../translation/migration/migration.ts';
import { datapath, vswitchName } from '../slices/networks.ts';

const [from, to] = [datapath('s1'), datapath('s2')];
const [v1, v2] = ['red/v1', 'red/v2'].map(vswitchName) as [never, never];
const alone = step(begin(1, v1, from, to, 'lime', 1_000), { type: 'acted' }, 2, 1_070);
const part = begin(3, v2, from, to, 'lime', 2_000, { ensemble: 2 });
const move = { type: 'vswitch', vswitch: v2, from, to, strategy: 'lime' } as const;
const parts = { members: [{ move, group: 0, migration: 3 }], plan: ['clone: copy 4 rules'] };
const ensemble = beginEnsemble(2, 'red --to s2', parts, 2_000);
const remembered = { migrations: [alone, part], ensembles: [ensemble] };

t.test('one, with its phases', async (t) => {
  const found = foundIn(remembered, '1');
  t.strictSame(historyText(found ?? { migrations: [] }).split('\n'), [
    'migration 1: red/v1 s1 -> s2 (lime): clone',
    '  began    1970-01-01T00:00:01.000Z',
    '  tunnels          70 ms',
  ]);
});

t.test('several that are one: what was planned, then each', async (t) => {
  const found = foundIn(remembered, '2');
  t.strictSame(historyText(found ?? { migrations: [] }).split('\n'), [
    'migration 2: red --to s2: clone 1 vswitch',
    '  planned  clone: copy 4 rules',
    '  began    1970-01-01T00:00:02.000Z',
    'migration 3: red/v2 s1 -> s2 (lime): tunnels',
    '  began    1970-01-01T00:00:02.000Z',
  ]);
});

t.test('the list says when each began', async (t) => {
  t.strictSame(datedRows(remembered, 2_500), [
    ['MIGRATION', 'BEGAN (UTC)', 'VSWITCH', 'WAY', 'STRATEGY', 'STATE', 'TOOK'],
    ['1', '1970-01-01 00:00:01', 'red/v1', 's1 -> s2', 'lime', 'clone', '1500 ms'],
    ['2', '1970-01-01 00:00:02', 'red --to s2', '', '', 'clone 1 vswitch', '500 ms'],
    ['  3', '1970-01-01 00:00:02', 'red/v2', 's1 -> s2', 'lime', 'tunnels', '500 ms'],
  ]);
});

t.test('none of that number', async (t) => t.equal(foundIn(remembered, '9'), undefined));
