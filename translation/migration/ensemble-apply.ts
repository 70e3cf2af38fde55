/**
 * The reasons why a file cannot be applied while an ensemble moves hosts (ensemble.ts): hosts that
 * have moved may have to go back, and others are about to move, so both places stay theirs, and the
 * body that has joined for them stays where it is. host-move.ts checks a host that is moving now.
 */
import type { Config, PhysicalEnd } from '../../slices/config/config.ts';
import { endText, isSameEnd } from '../../slices/ids.ts';
import { type Ensemble, isEnded } from './ensemble.ts';
import type { HostsMove } from './ensemble-members.ts';

/** `now`: what serves. A line each. */
export function whyNotMeanwhile(
  ensembles: Iterable<Ensemble>,
  now: Config,
  file: Config,
): readonly string[] {
  return [...ensembles].flatMap((one) => {
    if (isEnded(one)) return [];
    const next = `apply again when that has ended, or "limevisor undo ${one.id}" first`;
    const reasons = [
      whyNotJoined(one, file),
      ...one.members.map(({ move }) => {
        return move.type === 'host' ? whyNot(move, now, file) : undefined;
      }),
    ];
    return reasons.flatMap((why) => {
      return why === undefined ? [] : [`${why} (migration ${one.id}); ${next}`];
    });
  });
}

function whyNotJoined({ joins, state }: Ensemble, file: Config): string | undefined {
  // Until it is there, and when it goes, the ensemble itself says another configuration.
  if (joins === undefined || state.type === 'join' || state.type === 'leave') return undefined;
  const { vswitch, on } = joins;
  const said = file.vswitches.find(({ name }) => name === vswitch);
  if (said?.members?.includes(on)) return undefined;
  return `${vswitch} has a body on ${on} for hosts that move there, and the file has none`;
}

function whyNot({ host, from, to }: HostsMove, now: Config, file: Config): string | undefined {
  const is = (config: Config) => config.hosts.find(({ name }) => name === host);
  const [was, next] = [is(now), is(file)];
  const isSame =
    was !== undefined &&
    next !== undefined &&
    was.port.device === next.port.device &&
    was.port.port === next.port.port &&
    [next.at, ...(next.offers ?? [])].some((end) => isSameEnd(end, was.at));
  if (!isSame) return `${host} is to move, and the file changes it`;
  const others = file.hosts.filter(({ name }) => name !== host);
  const used = [...file.links.flat(), ...others.flatMap(({ at, offers = [at] }) => offers)];
  const taken = [from, to].find((end) => used.some((one) => isSameEnd(one, end)));
  return taken && whatIsTaken(host, taken);
}

function whatIsTaken(host: string, end: PhysicalEnd): string {
  return `${host} is to move, and the file uses ${endText(end)}, which is one of its places`;
}
