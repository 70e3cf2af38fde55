/**
 * Numbers that connections of a hostile tenant give themselves (NXT_SET_CONTROLLER_ID): each means
 * its own tenant's controllers, and whatever the message says no other connection is concerned.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { extensions } from '../../openflow/messages/extensions.ts';
import { packetInReason, type Version, version } from '../../openflow/values/constants.ts';
import type { FlowMod, Message } from '../../openflow/values/values.ts';
import type { FakeNetwork } from '../hypervisor/fake-switches.ts';
import type { Peer } from '../hypervisor/fake-world.ts';
import { applying, flowMod } from '../slices/rules.ts';
import { Attack, both, startedIn } from './attack.ts';

const text = `
datapaths: { s1: { dpid: 1 } }
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001, tcp:127.0.0.1:7003]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s1:2 } }
  blue:
    controllers: [tcp:127.0.0.1:7002, tcp:127.0.0.1:7004]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:3 }, h2: { port: v1:2, at: s1:4 } }
`;
const ids = [1, 5, 0x7fff, 0xffff];

function setId(...data: readonly number[]) {
  const head = { type: 'experimenter', xid: 0, ...extensions.niciraControllerId } as const;
  return { ...head, data: Uint8Array.from(data) };
}

const numbered = (id: number) => setId(0, 0, 0, 0, 0, 0, id >> 8, id & 0xff);

/** A rule that sends up to those of this number. */
function up(controllerId: number): Message {
  const action = { type: 'controller', maxLen: 0xffff, controllerId, reason: 1 } as const;
  return flowMod({ match: matchOf(oxm('in_port', 1)), instructions: applying(action) });
}

/** Packet-ins of any reason. */
function wantsAll(spoken: Version): Message {
  const all = { packetIn: 7, packetInSlave: 7, portStatus: 0, portStatusSlave: 0 };
  const message = {
    ...all,
    type: 'setAsync',
    xid: 1,
    flowRemoved: 0,
    flowRemovedSlave: 0,
  } as const;
  if (spoken === version.of13) return message;
  const { data } = setId(...encode(version.of13, message).subarray(8));
  return { type: 'experimenter', xid: 1, ...extensions.niciraAsync, data };
}

class Scene {
  readonly net: FakeNetwork;
  readonly red: Peer;
  readonly hostile: Peer;
  readonly blue: Peer;
  readonly numbered: Peer;

  constructor(spoken: Version) {
    this.net = startedIn(spoken, text);
    this.red = this.net.controller(7001);
    this.hostile = this.net.controller(7003);
    this.blue = this.net.controller(7002);
    this.numbered = this.net.controller(7004);
  }

  says(peer: Peer, ...messages: readonly Message[]): void {
    peer.says(...messages);
    this.net.run();
  }

  /** A packet comes up by the rule that this tenant's controller adds: who was told. */
  told(peer: Peer, rule: Message, reason = 1): readonly string[] {
    const s1 = this.net.switch('s1');
    s1.changes();
    this.says(peer, rule);
    const added = s1.changes().filter((one): one is FlowMod => one.type === 'flowMod');
    const below = added.find(({ match, tableId }) => tableId === 2 && match.length > 0);
    if (below === undefined) throw new Error('the rule did not go down');
    const metadata = below.match.filter(({ field }) => field === 2);
    const data = new Uint8Array(60);
    const head = { bufferId: 0xffff_ffff, totalLen: 60, reason, tableId: 2, data };
    const { cookie } = below;
    const match = [...matchOf(oxm('in_port', 1)), ...metadata.map(({ mask: _, ...one }) => one)];
    const all = [this.red, this.hostile, this.blue, this.numbered];
    for (const one of all) one.received();
    const packetIn = { type: 'packetIn', xid: 0, ...head, cookie, match } as const;
    s1.peer.user?.onBytes(encode(version.of13, packetIn));
    this.net.run();
    const names = ['red', 'hostile', 'blue', 'numbered'];
    return names.filter((_, i) => all[i]?.received().some(({ type }) => type === 'packetIn'));
  }
}

for (const spoken of both) {
  t.test(
    `a number is its tenant’s: who takes another’s hears nothing of his, ${spoken}`,
    async (t) => {
      const scene = new Scene(spoken);
      for (const id of ids) {
        scene.says(scene.numbered, numbered(id));
        scene.says(scene.hostile, numbered(id));
        t.strictSame(scene.told(scene.blue, up(id)), ['numbered'], `${id}`);
        t.strictSame(scene.told(scene.red, up(id)), ['hostile'], `${id}`);
      }
      // Whatever red's has been, blue's are what they were.
      scene.says(scene.hostile, numbered(0));
      t.strictSame(scene.told(scene.blue, up(0)), ['blue']);
      t.strictSame(scene.told(scene.red, up(0)), ['red', 'hostile']);
      t.strictSame(scene.told(scene.red, up(9)), [], 'nobody has it');
    },
  );

  t.test(`it is forgotten with its connection, ${spoken}`, async (t) => {
    const scene = new Scene(spoken);
    scene.says(scene.hostile, numbered(5));
    t.strictSame(scene.told(scene.red, up(5)), ['hostile']);
    scene.hostile.user?.onClose('x');
    scene.net.run(1_000);
    const again = scene.net.controller(7003);
    again.user?.onOpen();
    again.hello();
    scene.net.run();
    t.strictSame(scene.told(scene.red, up(5)), []);
    t.notOk(again.received().some(({ type }) => type === 'packetIn'));
  });

  t.test(`a packet whose time is over is its rule’s, and no other’s, ${spoken}`, async (t) => {
    const scene = new Scene(spoken);
    scene.says(scene.hostile, numbered(5));
    const actions = [{ type: 'decNwTtl' }, { type: 'output', port: 2, maxLen: 0 }] as const;
    const match = matchOf(oxm('eth_type', 0x0800));
    const rule = flowMod({ match, instructions: applying(...actions) });
    t.strictSame(scene.told(scene.red, rule, packetInReason.invalidTtl), [], 'nobody asked');
    for (const one of [scene.red, scene.hostile, scene.blue, scene.numbered]) {
      scene.says(one, wantsAll(spoken));
    }
    t.strictSame(scene.told(scene.red, rule, packetInReason.invalidTtl), ['red']);
    t.strictSame(scene.told(scene.blue, rule, packetInReason.invalidTtl), ['blue', 'numbered']);
  });

  t.test(`of any other length, or with other bytes: refused, version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    for (const size of [0, 1, 2, 4, 6, 7, 9, 16, 64, 1_000, 60_000]) {
      const data = new Array<number>(size).fill(0);
      attack.isRefused(setId(...data), 'badRequest/badLen');
    }
    for (let at = 0; at < 6; at++) {
      const data = new Array<number>(8).fill(0);
      data[at] = 1;
      attack.isRefused(setId(...data), 'niciraError/mustBeZero');
    }
    attack.isHarmless();
  });

  t.test(`very many of them are the sender’s own, version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    const before = `${attack.scene.holdings()} ${attack.blue.received.length}`;
    for (let id = 0; id < 5_000; id++) attack.red.say(numbered((id * 13) & 0xffff));
    t.ok(attack.scene.answers(attack.red, 9));
    t.equal(`${attack.scene.holdings()} ${attack.blue.received.length}`, before);
    attack.isHarmless();
  });
}
