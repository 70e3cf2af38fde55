/**
 * A file of very many things is read in a time that grows as the file does, also when each of them
 * has a problem.
 */
import t from 'tap';
import { readConfig } from '../../slices/config/config.ts';

type Tree = Readonly<Record<string, unknown>>;

const tenants = { red: { vswitches: { v: { dpid: '1', on: 's1' } } } };

function named(count: number, one: (i: number) => unknown): Tree {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`s${i + 1}`, one(i + 1)]));
}

const kinds: Readonly<Record<string, (count: number) => Tree>> = {
  'datapaths and links': (count) => ({
    datapaths: named(count, (i) => ({ dpid: String(i) })),
    links: Array.from({ length: count - 1 }, (_, i) => `s${i + 1}:1 - s${i + 2}:2`),
    tenants,
  }),
  'certificates that cannot be shown': (count) => ({
    datapaths: named(count, (i) => ({ dpid: String(i), certificate: 'x' })),
    tenants,
  }),
  'dpids that are none': (count) => ({
    datapaths: named(count, () => ({ dpid: 'x' })),
    tenants,
  }),
  'vswitches that listen, and controllers of this machine': (count) => ({
    datapaths: { s1: { dpid: '1' } },
    tenants: {
      red: {
        vswitches: named(count, (i) => {
          const controllers = [`tcp:127.0.0.1:${1 + (i % 60_000)}`];
          return { dpid: String(i), on: 's1', listen: [`punix:/tmp/${i}`], controllers };
        }),
      },
    },
  }),
};

/** Of this process, milliseconds; other processes' do not count. */
function processorMsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

for (const [kind, treeOf] of Object.entries(kinds)) {
  t.test(kind, async (t) => {
    const [few, many] = [treeOf(1_000), treeOf(20_000)];
    readConfig(few, []);
    const fewMs = processorMsOf(() => readConfig(few, []));
    const manyMs = processorMsOf(() => readConfig(many, []));
    // Twenty times as many; four hundred times as long, if each looked at all others.
    const worst = Math.max(fewMs, 10) * 100;
    t.ok(manyMs < worst, `${Math.round(manyMs)} ms, for few ${Math.round(fewMs)} ms`);
  });
}
