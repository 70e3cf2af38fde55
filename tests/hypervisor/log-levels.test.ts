/**
 * How much each part says in the log may be changed while it runs, and what is passed over is an
 * event all the same.
 */
import { pino } from 'pino';
import t from 'tap';
import { logMethods } from '../../hypervisor/operator/control-log.ts';
import { EventLog } from '../../hypervisor/world/event-log.ts';
import { levelled, logOf, patient } from '../../hypervisor/world/log.ts';
import { LogLevels } from '../../hypervisor/world/log-levels.ts';

function scene() {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line));
  const plain = pino({ level: 'debug', base: null }, { write });
  const events = new EventLog(levelled(plain, new LogLevels('info')), () => 0);
  const log = patient(events, () => 0);
  const ask = (params: object): unknown => {
    const said: unknown[] = [];
    logMethods.log(
      { log },
      { ...params },
      {
        result: (value) => void said.push(value),
        error: (code, message) => void said.push({ code, message }),
      },
    );
    return said[0];
  };
  const told = (): readonly unknown[] => lines.splice(0).map(({ msg, module }) => [module, msg]);
  return { log, events, ask, told };
}

t.test('modules have levels of their own', async (t) => {
  const { log, events, ask, told } = scene();
  logOf(log, 'datapath').info({}, 'one');
  log.info({}, 'two');
  t.same(told(), [
    ['datapath', 'one'],
    ['process', 'two'],
  ]);
  t.match(ask({ modules: ['datapath'], level: 'warn' }), { levels: { datapath: 'warn' } });
  logOf(log, 'datapath').info({}, 'three');
  logOf(log, 'datapath').warn({}, 'four');
  logOf(log, 'migration').info({}, 'five');
  t.same(told(), [
    ['datapath', 'four'],
    ['migration', 'five'],
  ]);
  t.same(
    events.since(2).map(({ what }) => what),
    ['three', 'four', 'five'],
    'events have it',
  );
  t.match(ask({ level: 'error' }), { levels: { process: 'error', datapath: 'error' } });
  log.warn({}, 'six');
  t.same(told(), []);
});

t.test('what there is no such level or module of is refused', async (t) => {
  const { ask } = scene();
  t.match(ask({ level: 'loud' }), {
    code: 'usage',
    message: /"loud" is not a log level; known: e/,
  });
  t.match(ask({ modules: ['dp'] }), { code: 'usage', message: /no module "dp"; known: process, / });
});
