/**
 * What is known of a host's move when it is over: its plan and phases, what its driver said, how
 * datapaths acknowledged, how many frames both places had, and what became of probes.
 */
import t from 'tap';
import { shown } from '../../hypervisor/operator/history-commands.ts';
import { statusReport } from '../../hypervisor/operator/report.ts';
import { limits } from '../../slices/limits.ts';
import { noCounts } from '../../slices/port-counters.ts';
import { isHostMoveSettled } from '../../translation/migration/host-move.ts';
import { memoryStore } from '../support/memory-store.ts';
import { started } from './host-moves.ts';

/** What has left by its port, and by no other. */
function leftBy(
  { net }: ReturnType<typeof started>,
  name: string,
  portNo: number,
  packets: bigint,
) {
  const row = { ...noCounts, portNo, durationSec: 0, durationNsec: 0, txPackets: packets };
  net.switch(name).counters = { kind: 'portStats', ports: [row] };
}

t.test('what is known of one is remembered, also over a restart', async (t) => {
  const store = memoryStore();
  const lab = started(store);
  const { net, drivers, move, until } = lab;
  leftBy(lab, 's1', 1, 100n);
  leftBy(lab, 's2', 4, 0n);
  move();
  until('run');
  leftBy(lab, 's1', 1, 142n);
  leftBy(lab, 's2', 4, 41n);
  drivers.users.at(-1)?.said('it was light');
  drivers.ends({ type: 'arrived' });
  until('done');
  const text = shown(statusReport(net.hypervisor), 'move-1');
  const phases = ' {2}(open|run|close) +[0-9]+ ms\n';
  const lines = [
    'move-1: red/h1: s1:1 -> s2:4 \\(exec\\): done\n {2}port +red/v1:1\n',
    '( {2}planned {2}.*\n){3} {2}began .*\n',
    `(${phases}){3} {2}ended .*\n {2}driver +it was light\n`,
    ' {2}acknowledged s1 by barrier, s2 by barrier\n',
    ' {2}both places {2}42 frames for it left at both$',
  ];
  t.match(text, new RegExp(`^${lines.join('')}`));
  net.world.pass(0);
  const again = started(store).net.hypervisor;
  t.equal(shown(statusReport(again), 'move-1'), text);
  const known = { id: 1, copied: 42, acks: { s1: 'barrier' }, said: ['it was light'] };
  const { hostMoves } = JSON.parse(shown(statusReport(again), 'move-1', true));
  t.match(hostMoves, [known]);
});

t.test('where its port comes with it nothing leaves at both', async (t) => {
  const lab = started();
  leftBy(lab, 's1', 1, 100n);
  lab.move();
  lab.until('run');
  leftBy(lab, 's1', 1, 142n);
  lab.drivers.ends({ type: 'arrived' });
  lab.until('done');
  t.match(
    shown(statusReport(lab.net.hypervisor), 'move-1'),
    /\n {2}both places {2}no frame for it /,
  );
});

t.test('probes go through its vport only, where they are asked for', async (t) => {
  const { net, drivers, move, until } = started();
  const { hostMoves } = net.hypervisor;
  move('exec', 's2:4', true);
  until('run');
  drivers.ends({ type: 'arrived' });
  until('done');
  t.notOk(hostMoves.all().some(isHostMoveSettled), 'some are on their way yet');
  net.run(limits.lossProbeWaitMs + 100);
  const [one] = hostMoves.all();
  t.strictSame(
    one?.probed?.ports.map(({ port }) => port),
    [1],
  );
  t.ok((one?.probed?.sent ?? 0) > 0);
  t.match(shown(statusReport(net.hypervisor), 'move-1'), /\n {2}loss +of [0-9]+ probes? /);
});
