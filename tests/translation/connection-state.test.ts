/**
 * Roles and asynchronous configuration, as Open vSwitch has them (OF1.3.5 sections 6.3.4, 7.3.10).
 */

import t from 'tap';
import { extensionOf } from '../../openflow/messages/extensions.ts';
import { errorName, isError, role as roles, version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import {
  asyncOf,
  type EventKind,
  hears,
  newConnectionState,
} from '../../translation/controllers/connection-state.ts';
import {
  isStale,
  niciraRoleRequestOf,
  roleReply,
  roleRequestOf,
} from '../../translation/controllers/roles.ts';

const kinds: readonly EventKind[] = ['packetIn', 'portStatus', 'flowRemoved'];

function heard(role: number, kind: EventKind): readonly number[] {
  const connectionState = { ...newConnectionState(128), role };
  return [0, 1, 2, 3, 4, 31].filter((reason) => hears(connectionState, kind, reason));
}

t.test(
  'what a new connection hears: all but invalid TTLs, and as a slave ports only',
  async (t) => {
    for (const role of [roles.equal, roles.master]) {
      t.strictSame(
        kinds.map((kind) => heard(role, kind)),
        [
          [0, 1],
          [0, 1, 2],
          [0, 1, 2, 3],
        ],
      );
    }
    t.strictSame(
      kinds.map((kind) => heard(roles.slave, kind)),
      [[], [0, 1, 2], []],
    );
  },
);

t.test('masks are kept by role; reasons that do not exist are passed over', async (t) => {
  const all = 0xffff_ffff;
  const connectionState = newConnectionState(128);
  connectionState.async = asyncOf({
    packetIn: 0b100,
    packetInSlave: all,
    portStatus: 0,
    portStatusSlave: all,
    flowRemoved: 0b1000,
    flowRemovedSlave: all,
  });
  t.strictSame(
    [0, 1, 2].map((reason) => hears(connectionState, 'packetIn', reason)),
    [false, false, true],
  );
  connectionState.role = roles.slave;
  t.strictSame(
    [2, 3].map((reason) => hears(connectionState, 'packetIn', reason)),
    [true, false],
  );
  t.equal(connectionState.async.flowRemovedSlave, 0b11_1111);
});

t.test('a generation id is older by its distance on the circle (section 7.3.9)', async (t) => {
  const max = 0xffff_ffff_ffff_ffffn;
  for (const [asked, known, stale] of [
    [5n, undefined, false],
    [undefined, 5n, false],
    [5n, 5n, false],
    [4n, 5n, true],
    [6n, 5n, false],
    [0n, max, false],
    [max, 0n, true],
    [1n << 62n, 0n, false],
  ] as const) {
    t.equal(isStale(asked, known), stale, `${asked} after ${known}`);
  }
});

t.test('the standard’s requests: who has a generation id, and who does not exist', async (t) => {
  const of = (role: number) =>
    roleRequestOf({ type: 'roleRequest', xid: 1, role, generationId: 7n });
  t.match(of(roles.nochange), { role: undefined, generationId: undefined });
  t.match(of(roles.equal), { role: roles.equal, generationId: undefined });
  t.match(of(roles.master), { role: roles.master, generationId: 7n });
  t.match(of(roles.slave), { role: roles.slave, generationId: 7n });
  const bad = of(4);
  t.ok(isError(bad));
  if (isError(bad)) t.equal(errorName(bad.errorType, bad.errorCode), 'roleRequestFailed/badRole');
});

t.test('Nicira’s request means the same, and is answered in its own words', async (t) => {
  const nicira = (...data: readonly number[]): Extract<Message, { type: 'experimenter' }> => {
    const head = { type: 'experimenter', xid: 3, experimenter: 0x2320, expType: 10 } as const;
    return { ...head, data: Uint8Array.from(data) };
  };
  for (const spoken of Object.values(version)) {
    t.equal(extensionOf(spoken, nicira(0, 0, 0, 1)), 'niciraRole');
    t.equal(extensionOf(spoken, { ...nicira(0, 0, 0, 1), expType: 11 }), undefined);
    t.equal(extensionOf(spoken, { ...nicira(0, 0, 0, 1), experimenter: 0x2321 }), undefined);
  }
  for (const [number, role] of [roles.equal, roles.master, roles.slave].entries()) {
    const request = niciraRoleRequestOf(nicira(0, 0, 0, number));
    if (isError(request)) throw new Error(request.why);
    t.match(request, { role, generationId: undefined });
    t.strictSame(roleReply(request, role, 9n), { ...nicira(0, 0, 0, number), expType: 11 });
  }
  t.ok(isError(niciraRoleRequestOf(nicira(0, 0, 0, 3))));
  t.ok(isError(niciraRoleRequestOf(nicira(0, 0, 1))));
});
