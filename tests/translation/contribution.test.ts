/**
 * What a datapath should hold is the union of what its owners contribute: nobody's entry is in
 * another's place, and each has a cookie, or a number, that leads back to who wants it.
 */

import t from 'tap';
import type { DatapathName } from '../../slices/ids.ts';
import { withPortConfig } from '../../slices/network/port-configs.ts';
import {
  isInfeasible,
  placementOf,
  type Snapshot,
  withEncoding,
  withMisses,
  withPlacement,
} from '../../slices/network/snapshot.ts';
import {
  contribution,
  type Owner,
  ownerKey,
  ownerOf,
  ownerOfGroup,
  ownerOfMeter,
} from '../../translation/datapath/contribution.ts';
import { wiringOf } from '../../translation/datapath/wiring.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { noOverrides } from '../../translation/wiring/overrides.ts';
import { Random } from '../openflow/random.ts';
import { randomSnapshot } from './random-network.ts';

/** Some are cloned, some datapaths are flat, some ports take nothing, some misses go up. */
function someSnapshot(random: Random): Snapshot {
  let snapshot = randomSnapshot(random);
  const datapaths = [...snapshot.datapaths.keys()];
  for (const { name, ports } of snapshot.vswitches.values()) {
    const { primary, homes } = placementOf(snapshot, name);
    const other = random.pick(datapaths);
    if (other !== primary && random.number(2) === 0) {
      const next = withPlacement(snapshot, name, { bodies: [primary, other], primary, homes });
      if (!isInfeasible(next)) snapshot = next;
    }
    snapshot = withMisses(snapshot, name, random.number(2) === 0);
    const [vport] = ports.keys();
    if (vport === undefined) continue;
    const portConfigs = withPortConfig(snapshot.portConfigs, name, vport, random.number(2));
    snapshot = { ...snapshot, portConfigs };
  }
  const flat = withEncoding(snapshot, random.pick(datapaths), 'flat of 1.3');
  return isInfeasible(flat) || random.number(2) === 0 ? snapshot : flat;
}

/** All that there may be on a datapath. */
function ownersOn(snapshot: Snapshot, on: DatapathName): readonly Owner[] {
  const identity = { id: 7n, generation: 3, run: 0xff01 };
  const [port] = [...snapshot.vswitches.values()].flatMap(({ ports }) =>
    [...ports.values()].flatMap((one) => (one.type === 'host' ? [one.at.port] : [])),
  );
  const watching: Owner[] =
    port === undefined
      ? []
      : [
          { type: 'marker', port, isThere: true },
          { type: 'stray', port, isThere: true },
          { type: 'canary', port, shows: 7 },
        ];
  return [
    { type: 'constants' },
    { type: 'identity', identity },
    { type: 'recount', isThere: true },
    { type: 'heal', turn: 4, speaks: 4, isThere: true },
    { type: 'heal', turn: 5, speaks: 4, isThere: true },
    ...watching,
    ...[...snapshot.vswitches.values()].flatMap((vswitch): readonly Owner[] => {
      const { bodies, primary } = placementOf(snapshot, vswitch.name);
      const wiring: Owner = { type: 'wiring', vswitch };
      if (!bodies.includes(on)) return [wiring];
      const leadsTo = primary === on ? undefined : primary;
      const all = { isFrozen: true, passes: true, diverts: [[]], leadsTo };
      return [wiring, { type: 'overrides', vswitch, overrides: { ...noOverrides, ...all } }];
    }),
  ];
}

t.test('on random networks', async (t) => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    const snapshot = someSnapshot(new Random(seed));
    for (const on of snapshot.datapaths.keys()) {
      const places = new Map<string, string>();
      const wiring: string[] = [];
      for (const owner of ownersOn(snapshot, on)) {
        const key = ownerKey(owner);
        const { flows, groups, meters } = contribution(snapshot, owner, on);
        if (flows.size > 0) seen.add(owner.type);
        for (const [place, { cookie }] of flows) {
          const parts = readCookie(cookie);
          const by = parts && ownerOf(parts);
          if (by !== key) t.fail(`seed ${seed}: ${place} of ${key} is by its cookie ${by}'s`);
          const other = places.get(place);
          if (other !== undefined) t.fail(`seed ${seed}: ${place} is of ${key} and ${other}`);
          places.set(place, key);
          if (owner.type === 'wiring' || owner.type === 'constants') wiring.push(place);
        }
        for (const id of groups.keys()) if (ownerOfGroup(id) !== key) t.fail(`group ${id}: ${key}`);
        for (const id of meters.keys()) if (ownerOfMeter(id) !== key) t.fail(`meter ${id}: ${key}`);
      }
      const whole = [...wiringOf(snapshot, on).flows.keys()];
      if (whole.sort().join() !== wiring.sort().join()) t.fail(`seed ${seed}: another whole`);
    }
  }
  const passing = ['canary', 'heal', 'marker', 'recount', 'stray'];
  const all = ['constants', 'identity', 'overrides', 'wiring', ...passing].sort();
  t.strictSame([...seen].sort(), all, 'each had something');
});
