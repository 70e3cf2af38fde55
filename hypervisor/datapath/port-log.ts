/**
 * Log lines when frames stop passing through a datapath's port, or pass again, with the file's
 * cable or host at that port.
 */

import type { Config, PhysicalEnd } from '../../slices/config/config.ts';
import { endText, isSameEnd } from '../../slices/ids.ts';
import type { Log } from '../world/log.ts';

/** Ports that the file does not name carry nothing of ours: nothing is said of them. */
export function notePort(log: Log, config: Config, at: PhysicalEnd, isUp: boolean): void {
  const link = config.links.find((ends) => ends.some((end) => isSameEnd(end, at)));
  const hosts = config.hosts.filter((host) => isSameEnd(host.at, at));
  const what = link
    ? { link: link.map(endText).join(' - ') }
    : hosts.length > 0
      ? { hosts: hosts.map(({ name }) => name).join(', ') }
      : undefined;
  if (what === undefined) return;
  const about = { datapath: at.device, port: at.port, ...what };
  if (isUp) log.info(about, 'port up');
  else log.warn(about, 'port down');
}
