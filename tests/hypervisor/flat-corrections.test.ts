/**
 * In which order a datapath of the flat encoding is corrected after a start
 * (hypervisor/datapath/flat-corrections.ts): it sends nowhere before others have made what it
 * sends into, and breaks nothing that others may send into.
 */
import t from 'tap';
import { FlatCorrections } from '../../hypervisor/datapath/flat-corrections.ts';
import { oxm } from '../../openflow/match/match.ts';
import { flowCommand } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { type PhysicalFlow, tablesOf } from '../../translation/entries/physical-tables.ts';
import { cookieOf } from '../../translation/entries/pipeline.ts';
import { datapath } from '../slices/networks.ts';
import { outputs } from '../slices/rules.ts';

/** What comes by a port is sent out by another. */
function entry(inPort: number, out: number, more: Partial<PhysicalFlow> = {}): PhysicalFlow {
  return {
    tableId: 0,
    priority: 10,
    match: [oxm('in_port', inPort)],
    instructions: outputs(out),
    cookie: cookieOf('tagged', 1, 1),
    ...more,
  };
}

const foreign = entry(99, 1, { cookie: 0xbeefn });
const gone = entry(1, 2);
const canary = entry(7, 2, { cookie: cookieOf('canary', 0, 1) });

/** What is sent, as text, and the milestones between; `meanwhile` runs at the first of these. */
function corrected(
  have: readonly PhysicalFlow[],
  want: Map<string, PhysicalFlow>,
  meanwhile: () => void = () => undefined,
) {
  const contributors = {
    left: () => new Set(),
    flat: () => ({ flows: () => [[...want.values()]] }),
    common: [],
    tables: () => [],
  };
  const none = { entries: () => [] };
  const intent = {
    ...{ flows: none, groups: none, meters: none },
    collectRefused: () => new Map(),
    lead: () => undefined,
  };
  const one = { name: datapath('s1'), intent, writer: { compared: () => undefined } };
  const context = { contributors, snapshot: () => undefined, runtimeById: () => undefined };
  const corrections = new FlatCorrections(context as never, one as never, tablesOf(have, []));
  const said: string[] = [];
  for (const next of corrections.messages()) {
    if ('milestone' in next) {
      said.push(`${next.milestone}${next.isOrdered ? ', others are waited for' : ''}`);
      if (next.milestone === 'made') meanwhile();
    } else said.push(...next.map(textOf));
  }
  return { said, counts: corrections.corrected };
}

const commands = new Map<number, string>([
  [flowCommand.add, 'add'],
  [flowCommand.modifyStrict, 'modify'],
  [flowCommand.deleteStrict, 'delete'],
]);

function textOf(message: Message): string {
  if (message.type !== 'flowMod') throw new Error(`no ${message.type} is expected`);
  const { command, match, instructions, priority } = message;
  const [first] = instructions;
  const [action] = first?.type === 'applyActions' ? first.actions : [];
  const out = action?.type === 'output' ? ` -> ${action.port}` : '';
  const from = Number(match[0]?.value[3]);
  return `${commands.get(command)} ${from}${out}${priority === 10 ? '' : ` at ${priority}`}`;
}

const keyed = (flows: readonly PhysicalFlow[]) => new Map(tablesOf(flows, []).flows);

t.test('new entries, then those that change, then those that go', async (t) => {
  const have = [foreign, gone, canary, entry(3, 4)];
  const { said, counts } = corrected(have, keyed([entry(3, 5), entry(6, 1)]));
  t.same(said, [
    'add 6 -> 1',
    'delete 99',
    'delete 7',
    'made, others are waited for',
    'modify 3 -> 5',
    'changed, others are waited for',
    'delete 1',
  ]);
  t.same(counts, { added: 1, changed: 1, removed: 3 });
});

t.test('one that is right, or lacks something, waits for nobody', async (t) => {
  t.same(corrected([gone], keyed([gone])).said, ['made', 'changed']);
  t.same(corrected([foreign], keyed([gone])).said, ['add 1 -> 2', 'delete 99', 'made', 'changed']);
});

t.test('what others change meanwhile is what it is led to', async (t) => {
  const want = keyed([entry(3, 5), entry(4, 5)]);
  const [three, four] = [...want.keys()];
  if (three === undefined || four === undefined) throw new Error('there are two');
  const [one] = keyed([gone]).keys();
  const { said } = corrected([gone, entry(3, 4), entry(4, 4)], want, () => {
    want.set(three, entry(3, 8));
    want.delete(four);
    want.set(one ?? '', gone);
  });
  t.same(said, [
    'made, others are waited for',
    'modify 3 -> 8',
    'delete 4',
    'changed, others are waited for',
    'modify 1 -> 2',
  ]);
});

t.test('rules that change their level do so at once', async (t) => {
  const want = keyed([entry(1, 2, { priority: 12 }), entry(3, 5)]);
  const { said } = corrected([gone, entry(3, 4)], want);
  t.same(said, ['add 1 -> 2 at 12', 'made', 'modify 3 -> 5', 'changed', 'delete 1']);
});
