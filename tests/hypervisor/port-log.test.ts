/**
 * When a cable fails the operator is told which, in the file's words.
 */

import t from 'tap';
import { notePort } from '../../hypervisor/datapath/port-log.ts';
import type { Port } from '../../slices/ids.ts';
import { configOf, datapath, exampleText } from '../slices/networks.ts';
import { fakeLog } from './fake-world.ts';

const config = configOf(exampleText());

function told(device: string, port: number, isUp = false): readonly string[] {
  const log = fakeLog();
  notePort(log, config, { device: datapath(device), port: port as Port }, isUp);
  return log.lines;
}

t.test('a link by both its ends, a host by its name, others not at all', async (t) => {
  const [link] = config.links;
  const [host] = config.hosts;
  if (link === undefined || host === undefined) throw new Error('the example has both');
  const [one, other] = link;
  const text = `${one.device}:${one.port} - ${other.device}:${other.port}`;
  for (const end of link) {
    const [line] = told(end.device, end.port);
    t.match(line, text);
    t.match(line, 'port down');
  }
  t.match(told(host.at.device, host.at.port, true)[0], host.name);
  t.match(told(host.at.device, host.at.port, true)[0], 'port up');
  t.strictSame(told('s1', 60_000), []);
});
