/**
 * Parts of `status`, and what fits a terminal.
 */
import t from 'tap';
import type { StatusReport } from '../../hypervisor/operator/report.ts';
import { statusReport } from '../../hypervisor/operator/report.ts';
import { statusText, table } from '../../hypervisor/operator/report-text.ts';
import { filtered, type StatusFilter } from '../../hypervisor/operator/status-filter.ts';
import { isColoured, painted, widthOf } from '../../hypervisor/world/terminal.ts';
import { FakeNetwork } from './fake-switches.ts';

const text = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: [s1:3 - s2:3, s2:4 - s3:4]
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1 }, v2: { dpid: 2, on: s2 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s3:1 } }
  blue:
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s3:2 } }
`;

const network = FakeNetwork.started(text);
network.switch('s3').setPort(2, false);
network.run();
const report = statusReport(network.hypervisor);
// These switches have no LOCAL port, which is said of each.
const datapaths = report.datapaths.map((one) => ({ ...one, warnings: [] }));
const whole: StatusReport = { ...report, datapaths };

function part(filter: Partial<StatusFilter>): StatusReport {
  const found = filtered(whole, { names: [], isDown: false, ...filter });
  if ('whyNot' in found) throw new Error(found.whyNot);
  return found;
}

/** The names in each of its tables. */
function namesIn({ datapaths, vswitches, hosts, links }: StatusReport): readonly string[] {
  const all = [...datapaths, ...vswitches, ...hosts].map(({ name }) => name);
  return [...all, ...links.map(({ ends }) => ends.join(' - '))];
}

t.test('a tenant, a vswitch, a host, a datapath', async (t) => {
  const cases: readonly (readonly [Partial<StatusFilter>, readonly string[]])[] = [
    [{ names: ['blue'] }, ['s1', 's3', 'blue/v1', 'blue/h1']],
    [{ names: ['red/v2'] }, ['s2', 's3', 'red/v2', 'red/h2']],
    [{ names: ['red/h1'] }, ['s1', 'red/v1', 'red/h1']],
    [{ datapath: 's2' }, ['s2', 'red/v2', 's1:3 - s2:3', 's2:4 - s3:4']],
    [{ names: ['s3'] }, ['s3', 'red/v2', 'blue/v1', 'red/h2', 'blue/h1', 's2:4 - s3:4']],
    [{ names: ['red'], datapath: 's3' }, ['s3', 'red/v2', 'red/h2', 's2:4 - s3:4']],
  ];
  for (const [filter, names] of cases) {
    t.strictSame(namesIn(part(filter)), names, JSON.stringify(filter));
  }
  t.equal(part({}), whole, 'all of it');
});

t.test('what is down; of a tenant that is well, nothing', async (t) => {
  t.match(part({ isDown: true }).vswitches, [{ name: 'blue/v1' }]);
  t.match(part({ isDown: true }).hosts, [{ name: 'blue/h1' }]);
  t.strictSame(part({ isDown: true }).datapaths, []);
  const red = part({ names: ['red'], isDown: true });
  t.strictSame(namesIn(red), []);
  t.equal(statusText(red, 0, 80, true), '');
});

t.test('a name that nothing has', async (t) => {
  const found = filtered(whole, { names: ['bleu'], isDown: false });
  t.match(found, { whyNot: /^there is no tenant, vswitch, host or datapath "bleu"; known: / });
  const nowhere = filtered(whole, { names: [], datapath: 's9', isDown: false });
  t.match(nowhere, { whyNot: 'there is no datapath "s9"; known: s1, s2, s3' });
});

t.test('tables are no wider than the terminal, unless nobody could read them', async (t) => {
  const rows = [
    ['NAME', 'STATE', 'NUMBER'],
    ['s1', 'away: it closed the connection in the middle of the handshake', '1'],
    ['s2', 'ready', '2'],
  ];
  const lines = table(rows, 40).split('\n');
  t.ok(
    lines.every(({ length }) => length <= 40),
    lines.join('\n'),
  );
  t.match(lines[1], /^s1 {4}away: it .*\.\.\. {2}1$/);
  t.match(table(rows), /in the middle of the handshake/);
  t.ok(
    table(rows, 5)
      .split('\n')
      .every(({ length }) => length < 60),
  );
});

t.test('colours are for terminals, and never with NO_COLOR', async (t) => {
  const terminal = { isTTY: true, columns: 80 };
  const pipe = { isTTY: false, columns: 80 };
  t.ok(isColoured(terminal, {}));
  t.notOk(isColoured(terminal, { NO_COLOR: '1' }));
  t.ok(isColoured(terminal, { NO_COLOR: '' }), 'empty is as if it were not there');
  t.notOk(isColoured(terminal, { TERM: 'dumb' }));
  t.notOk(isColoured(pipe, {}));
  t.equal(widthOf(terminal), 80);
  t.equal(widthOf(pipe), Number.POSITIVE_INFINITY);
  const said = painted('NAME  STATE\ns1  away: it closed\nWARNING: x \u001b[2J\nup, ready');
  const [heading, row, warning, up] = said.split('\n');
  t.equal(heading, '\u001b[1mNAME  STATE\u001b[0m');
  t.equal(row, 's1  \u001b[31maway\u001b[0m: it closed');
  t.equal(warning, '\u001b[33mWARNING: x \\u001b[2J\u001b[0m', 'only our own colours');
  t.equal(up, 'up, ready');
});
