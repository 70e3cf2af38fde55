/** Groups and meters that are refused, on datapaths that have no word for them, and then a move. */
import t from 'tap';
import { version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { migrate } from '../fuzz/controller-side.ts';
import { Scene } from '../fuzz/scene.ts';
import { vswitchName } from '../slices/networks.ts';

const group = { groupType: 0, groupId: 5, buckets: [], command: 0 } as const;
const meter = { flags: 1, bands: [], command: 0, meterId: 5 } as const;
const refused: readonly Message[] = [
  { type: 'groupMod', xid: 71, ...group },
  { type: 'meterMod', xid: 72, ...meter },
  { type: 'groupMod', xid: 73, ...group, command: 2 },
];

for (const below of ['flat of 1.0', 'flat of 1.3'] as const) {
  t.test(below, async (t) => {
    const scene = new Scene(3, version.of13, below);
    const session = scene.session('red', 3n);
    for (const message of refused) session.say(message);
    const states: string[] = [];
    scene.hypervisor.watchMigrations(({ state }) => void states.push(state.type));
    migrate(scene);
    for (const message of refused) session.say(message);
    scene.pass(60_000);
    t.ok(session.isOpen, 'it is served');
    t.match(scene.hypervisor.runtime(vswitchName('red/v3')), { isClosed: false });
    t.equal(states.at(-1), 'done');
    t.ok(scene.answers(session, 9));
    const told = session.received.filter((one) => one.type === 'error');
    t.equal(told.length, 4, 'what cannot be is refused, before and while it moves');
  });
}
