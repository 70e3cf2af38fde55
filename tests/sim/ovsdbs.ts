/**
 * The databases of simulated Open vSwitches: a bridge each, with its ports. What ovs-vsctl is told
 * is done some time later, all of it at once, and its switch has the ports that are here; now and
 * then nobody answers. A frame that leaves by a tunnel port comes out where there is a tunnel port
 * whose addresses are the other way round, and else nowhere.
 */
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { OvsdbAnswer } from '../../hypervisor/world/world.ts';
import type { Config } from '../../slices/config/config.ts';
import { dpidText } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import {
  planTunnels,
  readBridges,
  tunnelPortsOf,
  tunnelQuery,
} from '../../translation/datapath/tunnel-ports.ts';
import type { Network } from './networks.ts';
import type { SimSwitch } from './switch.ts';
import type { SimWorld } from './world.ts';

const ANSWER_MS = 20;
/** How often nobody answers, in between. */
const SILENT = 0.15;
/** Somebody else's, on each bridge. */
const THEIRS = { name: 'eth7', ofport: 900, type: '', options: {}, ids: {} };

interface SimInterface {
  readonly name: string;
  readonly ofport: number;
  readonly type: string;
  readonly options: Readonly<Record<string, string>>;
  /** Its external_ids. */
  readonly ids: Readonly<Record<string, string>>;
}

/** `tcp:192.0.2.1:6640` is that of the first datapath. */
export function ovsdbOf(index: number): string {
  return `tcp:192.0.2.${index + 1}:6640`;
}

/** That of a link between two datapaths, as a file says it. */
export function tunnelBetween(link: number, one: number, other: number): object {
  const between = `198.51.100.${one + 1} - 198.51.100.${other + 1}`;
  return { type: 'vxlan', between, key: String(link) };
}

export class Ovsdbs {
  readonly #world: SimWorld;
  /** By datapath, and by name. */
  readonly #bridges: readonly Map<string, SimInterface>[];
  switches: readonly SimSwitch[] = [];
  /** Whether somebody may not answer. */
  areMoody = false;
  /** Transactions that were carried out. */
  changes = 0;

  constructor(world: SimWorld, { datapaths }: Network) {
    this.#world = world;
    this.#bridges = datapaths.map(() => new Map([[THEIRS.name, THEIRS]]));
  }

  ask(ovsdb: string, args: readonly string[], done: (answer: OvsdbAnswer) => void): void {
    const index = this.#bridges.findIndex((_, i) => ovsdbOf(i) === ovsdb);
    const isSilent = this.areMoody && this.#world.random() < SILENT;
    this.#world.after(this.#world.random() * ANSWER_MS, () => {
      if (isSilent || index < 0) done({ why: 'no answer in 5 s' });
      else done({ text: this.#answer(index, args) });
    });
  }

  #answer(index: number, args: readonly string[]): string {
    if (args.join() === tunnelQuery.join()) return this.#tables(index);
    const before = new Set(this.#numbers(index));
    this.changes += 1;
    for (const command of commandsOf(args)) this.#runCommand(index, command);
    const after = new Set(this.#numbers(index));
    for (const port of before.difference(after)) this.switches[index]?.removePort(port);
    for (const port of after.difference(before)) this.switches[index]?.addPort(port);
    return '';
  }

  #runCommand(index: number, [verb, ...rest]: readonly string[]): void {
    const bridge = this.#bridges[index];
    if (verb === '--if-exists') this.#runCommand(index, rest);
    else if (verb === 'del-port') bridge?.delete(rest[1] ?? '');
    else if (verb === 'set') {
      const [, name = '', ...fields] = rest;
      const text = fields.join(' ');
      const wanted = Number(/ofport_request=([0-9]+)/.exec(text)?.[1]);
      const taken = [...(bridge?.values() ?? [])].some((one) => {
        return one.ofport === wanted && one.name !== name;
      });
      const options = Object.fromEntries(
        [...text.matchAll(/[{,]([a-z_]+)="([^"]*)"/g)].map(([, key = '', value = '']) => {
          return [key, value] as const;
        }),
      );
      const [, key = '', mark = ''] = /external_ids:([a-z-]+)="([^"]*)"/.exec(text) ?? [];
      const type = /type=([a-z]+)/.exec(text)?.[1] ?? '';
      const ofport = taken ? 1_000 + wanted : wanted;
      bridge?.set(name, { name, ofport, type, options, ids: { [key]: mark } });
    }
  }

  /** Port numbers of its tunnels. */
  #numbers(index: number): readonly number[] {
    const all = [...(this.#bridges[index]?.values() ?? [])];
    return all.filter((one) => one !== THEIRS).map(({ ofport }) => ofport);
  }

  /** As `ovs-vsctl --format=json` prints what it is asked for (RFC 7047). */
  #tables(index: number): string {
    const all = [...(this.#bridges[index]?.values() ?? [])];
    const map = (of: Readonly<Record<string, string>>) => ['map', Object.entries(of)];
    const table = (headings: readonly string[], data: readonly (readonly unknown[])[]): string =>
      JSON.stringify({ headings, data });
    const ports = ['set', all.map(({ name }) => ['uuid', `port ${name}`])];
    const dpid = dpidText(BigInt(index + 1) as Parameters<typeof dpidText>[0]);
    return [
      table(
        ['name', 'datapath_id', 'other_config', 'ports'],
        [[`s${index + 1}`, dpid, map({}), ports]],
      ),
      table(
        ['_uuid', 'name', 'interfaces'],
        all.map(({ name }) => [['uuid', `port ${name}`], name, ['uuid', name]]),
      ),
      table(
        [
          ...['_uuid', 'name', 'type', 'options', 'ofport', 'ofport_request', 'error'],
          'external_ids',
        ],
        all.map(({ name, type, options, ofport, ids }) => [
          ...[['uuid', name], name, type, map(options), ofport, ofport, '', map(ids)],
        ]),
      ),
    ].join('\n');
  }

  /** Where a frame comes out that leaves by this port: `s2:5`. */
  otherEnd(index: number, port: number): string | undefined {
    const one = [...(this.#bridges[index]?.values() ?? [])].find(({ ofport }) => ofport === port);
    if (one === undefined) return undefined;
    for (const [i, bridge] of this.#bridges.entries()) {
      const end = [...bridge.values()].find(({ type, options }) => {
        const isOther = options['local_ip'] === one.options['remote_ip'];
        const isBack = options['remote_ip'] === one.options['local_ip'];
        return (
          type === one.type &&
          type !== '' &&
          isOther &&
          isBack &&
          options['key'] === one.options['key']
        );
      });
      if (end !== undefined) return `s${i + 1}:${end.ofport}`;
    }
    return undefined;
  }

  /** Which bridges do not have the tunnels of a file, or have others; and whose ports are gone. */
  troubles(config: Config): readonly string[] {
    return config.datapaths.flatMap(({ name, dpid }, i) => {
      const known = readBridges(this.#tables(i)) ?? [];
      const { done, troubles } = planTunnels(known, dpid, tunnelPortsOf(config, name), true);
      const gone = this.#bridges[i]?.has(THEIRS.name) === true ? [] : [`${THEIRS.name} is gone`];
      return [...done, ...troubles, ...gone].map((what) => `${name}: ${what}`);
    });
  }
}

function commandsOf(args: readonly string[]): readonly (readonly string[])[] {
  const commands: string[][] = [];
  for (const word of args) {
    if (word === '--') commands.push([]);
    else commands.at(-1)?.push(word);
  }
  return commands;
}

/** About half of these, by their places. */
export function someOf(links: readonly unknown[], random: () => number): ReadonlySet<number> {
  return new Set([...links.keys()].filter(() => random() < 0.5));
}

/** What is not as the file says, when everybody answers and there was time to look again. */
export function untilLaid(
  world: SimWorld,
  hypervisor: Hypervisor,
  ovsdbs: Ovsdbs | undefined,
): readonly string[] {
  if (ovsdbs === undefined) return [];
  ovsdbs.areMoody = false;
  world.runUntil(world.now + 2 * limits.tunnelsAgainMs);
  return ovsdbs.troubles(hypervisor.snapshot().config);
}
