/**
 * Who was refused what: a line of the log for each kind and minute, and counts that `status` shows.
 */
import t from 'tap';
import { RefusedRequests } from '../../hypervisor/controller/refused-requests.ts';
import { refusedRows } from '../../hypervisor/operator/refused-report.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { version } from '../../openflow/values/constants.ts';
import { ofError } from '../../openflow/values/errors.ts';
import { limits } from '../../slices/limits.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { FakeWorld } from './fake-world.ts';

const who = { vswitch: 'red/v1', controller: 'tcp:192.0.2.1:6653' };

function refusing() {
  const world = new FakeWorld();
  const lines: Readonly<Record<string, unknown>>[] = [];
  const silent = () => undefined;
  const warn = (about: Readonly<Record<string, unknown>>) => void lines.push(about);
  const refused = new RefusedRequests(world, { info: silent, error: silent, warn });
  const frame = Uint8Array.from({ length: 100 }, (_, i) => i);
  const note = (request: 'flowMod' | 'packetOut', port: number): void => {
    const error = ofError('badAction', 'badOutPort', `port ${port}`);
    refused.note({ ...who, request, error }, frame);
  };
  return { world, lines, refused, note };
}

t.test('once for each kind and minute, with how often it was', async (t) => {
  const { world, lines, note, refused } = refusing();
  for (let port = 0; port < 11; port++) note('flowMod', port);
  note('packetOut', 99);
  t.match(lines, [
    {
      vswitch: 'red/v1',
      controller: 'tcp:192.0.2.1:6653',
      request: 'flowMod',
      error: 'badAction/badOutPort',
      why: 'port 0',
      times: 1,
      bytes: /^00010203.{120}$/,
    },
    { request: 'packetOut', times: 1 },
  ]);
  world.pass(limits.logWindowMs);
  note('flowMod', 11);
  t.match(lines[2], { why: 'port 11', times: 11 });
  t.equal(lines.length, 3);
  t.strictSame(refused.of('red/v1'), [
    { request: 'flowMod', error: 'badAction/badOutPort', count: 12, why: 'port 11' },
    { request: 'packetOut', error: 'badAction/badOutPort', count: 1, why: 'port 99' },
  ]);
});

t.test('a tenant that thinks of ever other kinds is told of by one line more', async (t) => {
  const { lines, refused } = refusing();
  for (let code = 0; code < 500; code++) {
    const about = { ...who, request: undefined, error: { errorType: 1, errorCode: code } };
    refused.note(about, new Uint8Array(8));
  }
  t.equal(lines.length, limits.refusedKindsMax + 1);
  t.equal(refused.of('red/v1').length, limits.refusedKindsMax + 1);
  t.match(refused.of('red/v1')[0], { request: 'others', count: 500 - limits.refusedKindsMax });
});

t.test('status shows them, the most frequent first, and no more than can be read', async (t) => {
  const { note, refused } = refusing();
  note('packetOut', 1);
  for (let i = 0; i < 3; i++) note('flowMod', 2);
  const vswitch = { name: 'red/v1', dpid: '1', on: ['s1'], rules: 0, down: undefined };
  const vswitches = [
    { ...vswitch, ports: [], controllers: [], refusedRequests: refused.of('red/v1') },
  ] as const;
  t.strictSame(refusedRows({ vswitches }), [
    ['red/v1', 'flowMod', 'badAction/badOutPort', '3', 'port 2'],
    ['red/v1', 'packetOut', 'badAction/badOutPort', '1', 'port 1'],
  ]);
  const many = Array.from({ length: 30 }, () => vswitches[0]);
  t.match(refusedRows({ vswitches: many }).at(-1), ['...', '', '', '', /^40 more: limevisor/]);
});

t.test(
  'the last of a vswitch are kept, each with its message, as bytes where it is cut',
  async (t) => {
    const { refused, note } = refusing();
    const mod = flowMod({ match: matchOf(oxm('eth_dst', 7)), instructions: outputs(1) });
    const error = ofError('flowModFailed', 'tableFull', 'room on s1');
    refused.note({ ...who, request: 'flowMod', error }, encode(version.of13, mod));
    t.match(refused.messages.of('red/v1'), [
      {
        ...{ vswitch: 'red/v1', controller: who.controller, request: 'flowMod' },
        ...{ error: 'flowModFailed/tableFull', why: 'room on s1' },
        message: /dl_dst=00:00:00:00:00:07.*actions=output:1/,
      },
    ]);
    for (let i = 0; i < limits.refusedKept; i++) note('packetOut', i);
    const all = refused.messages.of('red/v1');
    t.equal(all.length, limits.refusedKept);
    t.match(all.at(-1), {
      why: 'port 19',
      message: /^0001.* \(not readable, the first of \d+ bytes\)$/,
    });
    t.strictSame(refused.messages.of('red/v2'), []);
  },
);
