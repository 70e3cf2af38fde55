/** Flow-mods of a few forms, of either version, as bytes. */
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { type Version, version } from '../../openflow/values/constants.ts';
import type { Action, Instruction, Match } from '../../openflow/values/values.ts';
import { Random } from '../openflow/random.ts';
import { flowMod, output } from '../slices/rules.ts';

const someOf = <T>(random: Random, one: T): T[] => (random.number(2) === 0 ? [one] : []);

/** What 1.0 and 1.3 both say. */
function randomMatch(random: Random, ports: number): Match {
  const type = random.pick([0x800, 0x800, 0x806, 0x86dd, 0x1234]);
  const proto = random.pick([6, 17, 1]);
  const isIp = type === 0x800 && random.number(2) === 0;
  const prefix = random.pick(['', '/24', '/0']);
  const hasPorts = isIp && proto !== 1;
  const [source, target] =
    proto === 6 ? (['tcp_src', 'tcp_dst'] as const) : (['udp_src', 'udp_dst'] as const);
  return matchOf(
    ...someOf(random, oxm('in_port', 1 + random.number(ports))),
    ...someOf(random, oxm('eth_dst', random.number(3))),
    ...someOf(random, oxm('eth_src', random.number(300))),
    ...(random.number(3) === 0 ? [] : [oxm('eth_type', type)]).flatMap((one) => [
      one,
      ...(type === 0x806 ? someOf(random, oxm('arp_tpa', `10.0.0.${random.number(3)}`)) : []),
      ...(isIp
        ? [oxm('ip_proto', proto), oxm('ipv4_dst', `10.0.${random.number(4)}.0${prefix}`)]
        : []),
      ...(hasPorts ? someOf(random, oxm(source, random.number(4))) : []),
      ...(hasPorts ? someOf(random, oxm(target, random.number(70_000) & 0xffff)) : []),
    ]),
    ...someOf(random, oxm('vlan_vid', random.pick([0, 0x1001, 0x1fff]))),
  );
}

function randomActions(random: Random, speaks: Version): readonly Action[] {
  const port = (): Action => output(random.pick([1, 2, 3, 7, 0xfffffffb, 0xfffffff8, 0xfffffffd]));
  const old: readonly Action[] = [
    { type: 'setVlanVid', vid: 5 },
    { type: 'stripVlan' },
    { type: 'setNwTos', tos: 8 },
  ];
  return random.some(3, () => {
    if (random.number(3) > 0) return port();
    return speaks === version.of10 ? random.pick(old) : port();
  });
}

/** What only 1.3 says, behind what both say. */
function randomInstructions13(random: Random, isIp: boolean): readonly Instruction[] {
  const address = (): Action => ({
    type: 'setField',
    oxm: random.pick([
      oxm('eth_src', random.number(3)),
      oxm('eth_dst', 7),
      ...(isIp ? [oxm('ipv4_dst', `10.9.0.${random.number(3)}`), oxm('ip_dscp', 5)] : []),
    ]),
  });
  const action = (): Action =>
    random.pick<() => Action>([
      address,
      address,
      () => ({ type: 'group', groupId: 1 + random.number(2) }),
      () => ({ type: 'pushVlan', ethertype: 0x8100 }),
      () => ({ type: 'setQueue', queueId: 1 }),
      () => output(random.pick([1, 2, 0xfffffffb, 0xfffffffd])),
    ])();
  const all: readonly Instruction[] = [
    { type: 'applyActions', actions: random.some(4, action) },
    { type: 'writeActions', actions: [address(), output(2)] },
    { type: 'meter', meterId: 1 },
    { type: 'writeMetadata', metadata: 5n, mask: 7n },
    { type: 'clearActions' },
    { type: 'gotoTable', table: 3 },
  ];
  const chosen = all.filter(() => random.number(3) === 0);
  return random.number(2) === 0 ? chosen : chosen.toReversed();
}

/** The same instructions, with other addresses. */
function moved(random: Random, instructions: readonly Instruction[]): readonly Instruction[] {
  const other = (one: Action): Action => {
    if (one.type !== 'setField' || random.number(2) === 0) return one;
    const { oxm: field } = one;
    if (![3, 4, 12].includes(field.field)) return one;
    return { ...one, oxm: { ...field, value: field.value.map(() => random.number(256)) } };
  };
  return instructions.map((one) =>
    'actions' in one ? { ...one, actions: one.actions.map(other) } : one,
  );
}

/**
 * Frames of a few forms: each comes again and again, with other addresses. Now and then groups and
 * meters are made anew meanwhile.
 */
export function frames(
  random: Random,
  speaks: Version,
  ports: number,
  madeAnew: () => void,
): Uint8Array[] {
  const forms = Array.from({ length: 3 }, () => ({
    priority: random.pick([0, 1, 100, 100, 101, 0xffff]),
    command: random.pick([0, 0, 0, 0, 0, 1, 2, 4]),
    flags: random.pick([0, 0, 1, 2]),
    tableId: speaks === version.of10 ? 0 : random.pick([0, 0, 1]),
    actions: randomActions(random, speaks),
    seed: random.number(1_000),
    with13: speaks === version.of13 && random.number(2) === 0,
  }));
  return random.some(12, () => {
    const form = random.pick(forms);
    // The same fields each time, and some of the same addresses.
    const match = randomMatch(new Random(1 + form.seed), ports).map((one) =>
      one.field === 3 || one.field === 4 || one.field === 12
        ? { ...one, value: one.mask ? one.value : one.value.map((byte) => byte ^ random.number(2)) }
        : one,
    );
    const actions = form.actions;
    const isIp = match.some((one) => one.field === 12);
    const old: readonly Instruction[] =
      actions.length === 0 ? [] : [{ type: 'applyActions', actions }];
    const instructions = form.with13
      ? moved(random, randomInstructions13(new Random(form.seed), isIp))
      : old;
    if (form.with13 && random.number(30) === 0) madeAnew();
    return encode(
      speaks,
      flowMod({
        tableId: form.tableId,
        ...{ xid: random.number(1000), cookie: BigInt(random.number(1 << 30)) },
        ...{ priority: form.priority, command: form.command, flags: form.flags },
        ...{ idleTimeoutSec: random.number(3), hardTimeoutSec: random.number(3), match },
        instructions,
      }),
    );
  });
}
