/**
 * Datapaths and ports that a configuration names and that are missing. The entries that need them
 * are corrected when they appear.
 */
import type { Config, PhysicalEnd } from '../../slices/config/config.ts';
import { pairText } from '../../slices/config/config-names.ts';
import { type DatapathName, endText } from '../../slices/ids.ts';
import { atOnce, type Steps, withEach } from '../../slices/steps.ts';
import type { Datapath } from './datapath.ts';

type Looked = Pick<Datapath, 'name' | 'state' | 'isReady' | 'ports'>;

/** A line each, in the order of the configuration. */
export function missingOf(config: Config, datapaths: readonly Looked[]): readonly string[] {
  return atOnce(missing(config, datapaths));
}

/** The same in steps. */
export function* missing(config: Config, datapaths: readonly Looked[]): Steps<readonly string[]> {
  const known = new Map(datapaths.map((one) => [one.name, one]));
  const plugs = yield* unpluggedIn(config, known);
  return config.datapaths.flatMap(({ name }) => {
    const datapath = known.get(name);
    if (datapath?.isReady !== true) {
      return [`${name} is ${stateOf(datapath)}; it is corrected when it connects`];
    }
    return [...(plugs.get(name) ?? [])].map(([port, what]) => {
      return `${name} has no port ${port}: ${what.join(', ')}; it works when the port is there`;
    });
  });
}

function stateOf(datapath: Looked | undefined): string {
  if (datapath === undefined) return 'away: it has not connected yet';
  const { state } = datapath;
  const why = state.type === 'away' || state.type === 'refused' ? `: ${state.why}` : '';
  return `${state.type}${why}`;
}

type Plugs = ReadonlyMap<DatapathName, ReadonlyMap<number, readonly string[]>>;

/**
 * What the configuration has at each port that a datapath which is there lacks; tunnels of ours
 * bring their own ports.
 */
function* unpluggedIn(
  { links, hosts, tunnels }: Config,
  known: ReadonlyMap<DatapathName, Looked>,
): Steps<Plugs> {
  const plugs = new Map<DatapathName, Map<number, string[]>>();
  const put = ({ device, port }: PhysicalEnd, what: () => string): void => {
    const datapath = known.get(device);
    if (datapath?.isReady !== true || datapath.ports.has(port)) return;
    const own = plugs.get(device) ?? new Map<number, string[]>();
    plugs.set(device, own.set(port, [...(own.get(port) ?? []), what()]));
  };
  yield* withEach(links, (ends) => {
    if (tunnels.has(pairText(ends))) return;
    for (const end of ends) put(end, () => `link ${ends.map(endText).join(' - ')}`);
  });
  yield* withEach(hosts, ({ name, at, offers = [at] }) => {
    for (const end of offers) put(end, () => `host ${name}`);
  });
  return plugs;
}
