/**
 * What the log says of tenants' controllers: each reason once, and that it is over.
 */

import t from 'tap';
import type { Controller } from '../../hypervisor/controller/controller.ts';
import { ControllerLog } from '../../hypervisor/controller/controller-log.ts';
import { version } from '../../openflow/values/constants.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { fakeLog } from './fake-world.ts';

const vswitch = { name: 'red/v1' } as unknown as Vswitch;

t.test('each reason is said once, however often it is dialled; then that it is up', async (t) => {
  const log = fakeLog();
  const said = new ControllerLog(log);
  const target = { host: '192.0.2.1', port: 6653 };
  const one = { target, version: version.of13 } as unknown as Controller;
  const becomes = (state: Controller['state']): readonly string[] => {
    one.state = state;
    said.note(vswitch, one);
    return log.lines.splice(0);
  };
  const refused = { type: 'waiting', why: 'connect ECONNREFUSED' } as const;
  const named = '"vswitch":"red/v1","controller":"tcp:192.0.2.1:6653"';
  const away = `[{${named},"why":"connect ECONNREFUSED"},"controller away"]`;
  t.strictSame(becomes(refused), [away]);
  t.strictSame(becomes({ type: 'dialling' }), []);
  t.strictSame(becomes(refused), []);
  t.match(becomes({ type: 'waiting', why: 'it hung up' }), [/it hung up/]);
  const up = becomes({ type: 'up', sinceMs: 0 });
  t.strictSame(up, [`[{${named},"openflow":"1.3"},"controller up"]`]);
  t.strictSame(becomes(refused), [away]);
});
