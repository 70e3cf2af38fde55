/**
 * Dumb switches with cables between them: where a host's frame comes out, and how far it went.
 */

import type { PhysicalEnd } from '../../slices/config/config.ts';
import type { DatapathName, Vport } from '../../slices/ids.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { wiringOf } from '../../translation/datapath/wiring.ts';
import { pipelineEncoding } from '../../translation/pipeline/encoding.ts';
import { ruleOf } from '../slices/rules.ts';
import { type DumbFrame, DumbSwitch } from './dumb-switch.ts';

/** OFPP_FLOOD. */
const flood = 0xfffffffb;

export class DumbNetwork {
  readonly switches = new Map<DatapathName, DumbSwitch>();
  readonly #cables = new Map<string, PhysicalEnd>();
  /** By the ends where they left, the cables that the last frame took, each time. */
  crossed: readonly string[] = [];

  constructor(snapshot: Snapshot) {
    for (const name of snapshot.datapaths.keys()) {
      this.switches.set(name, new DumbSwitch(wiringOf(snapshot, name)));
    }
    for (const [one, other] of snapshot.config.links) {
      this.#cables.set(`${one.device}:${one.port}`, other);
      this.#cables.set(`${other.device}:${other.port}`, one);
    }
  }

  at(name: DatapathName): DumbSwitch {
    const found = this.switches.get(name);
    if (found === undefined) throw new Error(`no switch ${name}`);
    return found;
  }

  /** Gives a vswitch on one body a rule: everything is flooded, or leaves by one port. */
  flood(vswitch: Vswitch, body: DatapathName, port: number = flood): void {
    const actions = [{ type: 'output', port, maxLen: 0 }] as const;
    const rule = ruleOf({ instructions: [{ type: 'applyActions', actions }] });
    this.at(body).flows.push(...pipelineEncoding.encode(vswitch, rule));
  }

  /** Every port without a cable by which a frame leaves, sorted, as `s1:2` or `s1:2 tag 7`. */
  send(from: PhysicalEnd, tags: readonly number[] = []): readonly string[] {
    const delivered: string[] = [];
    const crossed: string[] = [];
    let frames: { readonly at: PhysicalEnd; readonly frame: DumbFrame }[] = [
      { at: from, frame: { tags } },
    ];
    for (let hop = 0; frames.length > 0; hop++) {
      if (hop > 100) throw new Error('frames go round for ever');
      frames = frames.flatMap(({ at, frame }) =>
        this.at(at.device)
          .receive(at.port, frame)
          .flatMap((out) => {
            const name = `${at.device}:${out.port}`;
            const to = this.#cables.get(name);
            if (to !== undefined) {
              crossed.push(name);
              return [{ at: to, frame: out }];
            }
            const path = out.path === undefined ? [] : [`path ${out.path}`];
            delivered.push([name, ...path, ...out.tags.map((tag) => `tag ${tag}`)].join(' '));
            return [];
          }),
      );
    }
    this.crossed = crossed;
    return delivered.sort();
  }
}

/** Where a flooded frame has to come out, by the virtual network alone. */
export function logicalFlood(snapshot: Snapshot, vswitch: Vswitch, from: Vport): readonly string[] {
  const delivered: string[] = [];
  for (const [vport, attachment] of vswitch.ports) {
    if (vport === from) continue;
    if (attachment.type === 'host') {
      const { at, vlan } = attachment;
      delivered.push(`${at.device}:${at.port}${vlan === undefined ? '' : ` tag ${vlan}`}`);
      continue;
    }
    const peer = snapshot.vswitches.get(attachment.peer.device);
    if (peer !== undefined) delivered.push(...logicalFlood(snapshot, peer, attachment.peer.port));
  }
  return delivered.sort();
}

/** What is wrong with the flooding of any host's frame, or undefined. */
export function floodTrouble(network: DumbNetwork, snapshot: Snapshot): string | undefined {
  for (const { name, port, at, vlan } of snapshot.config.hosts) {
    const own = vlan === undefined ? [] : [vlan];
    const vswitch = snapshot.vswitches.get(port.device);
    if (vswitch === undefined) continue;
    const want = logicalFlood(snapshot, vswitch, port.port).join(', ');
    const have = network.send(at, own).join(', ');
    if (have !== want) return `${name}: comes out at [${have}] instead of [${want}]`;
    const tagged = network.send(at, [...own, 7, 9]).join(', ');
    const wantTagged = want.replaceAll(/(s\d+:\d+(?: tag \d+)?)/g, '$1 tag 7 tag 9');
    if (tagged !== wantTagged) return `${name}, tagged: [${tagged}] instead of [${wantTagged}]`;
  }
  return undefined;
}
