/**
 * `undrain --everything` on the control socket (control.ts): what a drain has moved away comes
 * back.
 */
import { endText } from '../../slices/ids.ts';
import { type DrainResult, lead } from './control-drain.ts';
import {
  type Asked,
  type MigrateReply,
  type MigrateSources,
  migrateAsked,
} from './control-migration.ts';

/** What the last drain of a datapath has moved away, as far as it is elsewhere. */
export function bringBack(
  context: MigrateSources,
  datapath: string,
  how: Omit<Asked, 'names'>,
  reply: MigrateReply,
): void {
  const drained = [...context.executor.ensembles.all.values()].findLast(
    ({ drains, state }) => drains === datapath && state.type === 'done',
  );
  if (drained === undefined) {
    const hint = `"limevisor undrain ${datapath}", then migrate what is to live there`;
    reply.error('rejected', `no "drain ${datapath} --everything" is remembered; ${hint}`);
    return;
  }
  const { placements } = context.snapshot();
  const { config } = context.snapshot();
  const names = drained.members.flatMap(({ move }): readonly string[] => {
    if (move.type === 'host') {
      const isElsewhere = config.hosts.some(({ name, at }) => {
        return name === move.host && at.device !== datapath;
      });
      return isElsewhere ? [move.host] : [];
    }
    const { vswitch } = move;
    const { bodies = [] } = placements.get(vswitch) ?? {};
    return bodies.some((one) => one === datapath) || bodies.length === 0 ? [] : [vswitch];
  });
  const places = drained.members.flatMap(({ move }) => {
    return move.type === 'host' ? [`${move.host}=${endText(move.from)}`] : [];
  });
  const drivers = drained.members.flatMap(({ move }) => {
    return move.type === 'host' && names.includes(move.host) ? [`${move.host}=${move.driver}`] : [];
  });
  const result = (value: unknown): void => {
    const { plan } = value as DrainResult;
    if (plan.type === 'problems' || names.length === 0) reply.result(value);
    else migrateAsked(context, { ...how, names, to: [datapath, ...places], drivers }, reply);
  };
  lead(context, datapath, false, { result, error: (code, why) => reply.error(code, why) });
}
