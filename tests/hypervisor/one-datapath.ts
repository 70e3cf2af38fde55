/**
 * One datapath and its connection, in a world that is nobody else's.
 */
import { Channel } from '../../hypervisor/channel/channel.ts';
import { Datapath } from '../../hypervisor/datapath/datapath.ts';
import { InForce, type InForceContext } from '../../hypervisor/datapath/in-force.ts';
import { unbounded } from '../../hypervisor/world/fault-boundary.ts';
import { type Version, version } from '../../openflow/values/constants.ts';
import type { AckLevel, DatapathConfig } from '../../slices/config/config.ts';
import { FakeWorld, Peer } from './fake-world.ts';

export function connected(ack: AckLevel = { type: 'barrier' }, speaks: Version = version.of13) {
  const world = new FakeWorld();
  const peer = new Peer();
  peer.version = speaks;
  const frames: number[] = [];
  const config = { name: 's1', dpid: 1n, ack } as unknown as DatapathConfig;
  const inForce = new InForce(alone(world), world);
  const datapath = new Datapath(world, config, {
    onFrame: (_, __, dv, at, length) => {
      frames.push(dv.getUint8(at + 1));
      return length;
    },
    onPort: () => undefined,
    whenInForce: (one, ack, done) => inForce.when(one, ack, done),
    isNamed: () => true,
  });
  const channel: Channel = new Channel(
    world,
    {
      onUp: () => undefined,
      onFrame: (dv, at, length, end) => datapath.receive(dv, at, length, end),
      onDown: (why) => datapath.lose(why),
    },
    1_000_000,
    [speaks],
  ).attach(peer);
  peer.user = channel;
  channel.onOpen();
  peer.hello();
  datapath.adopt(channel);
  world.turn();
  peer.received();
  return { world, peer, datapath, channel, frames };
}

/** It has no neighbour, and nobody asks for a snapshot. */
function alone(world: FakeWorld): InForceContext {
  const nobody = (): never => {
    throw new Error('there is nobody else');
  };
  const heals = { natureOf: () => ({ software: '', forgets: '' }) };
  return { world, boundary: unbounded, heals, snapshot: nobody, datapath: nobody };
}
