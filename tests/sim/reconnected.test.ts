/**
 * A datapath goes and comes back in the middle of a migration, whatever state that is in. What
 * overrides rules there (guards, diverts) is then what the migration has come to: two bodies that
 * lead to each other would let nothing through, and a body that held nothing any more would let
 * packet-ins overtake each other. In the end every datapath holds exactly what it should.
 */
import t from 'tap';
import { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { Log } from '../../hypervisor/world/log.ts';
import { oxm } from '../../openflow/match/match.ts';
import { port as ofpp, type Version, version } from '../../openflow/values/constants.ts';
import { readConfig } from '../../slices/config/config.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { addFlow, type PhysicalFlow, tablesOf } from '../../translation/entries/physical-tables.ts';
import { cookieOf, readCookie } from '../../translation/entries/pipeline.ts';
import { isOver, type Migration } from '../../translation/migration/migration.ts';
import { failing } from '../support/faults.ts';
import { deviations } from '../support/intent.ts';
import { memoryStore } from '../support/memory-store.ts';
import { output, rule } from './controllers.ts';
import { MoodySwitch } from './moody-switch.ts';
import { holdingOf } from './refusals-oracle.ts';
import { Tenant } from './refusals-tenant.ts';
import { SimWorld } from './world.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined } as Log;
/** Far longer than a datapath is away. */
const ACK = 'settle 300ms';

const tree = {
  datapaths: { s1: { dpid: '1', ack: ACK }, s2: { dpid: '2', ack: ACK } },
  links: ['s1:3 - s2:3'],
  tenants: {
    red: {
      controllers: ['tcp:127.0.0.1:6661'],
      vswitches: { v1: { dpid: '1', on: 's1' } },
      hosts: { h1: { port: 'v1:1', at: 's1:11' }, h2: { port: 'v1:2', at: 's2:12' } },
    },
  },
};

type Name = 's1' | 's2';

class Scene {
  readonly world = new SimWorld(7);
  readonly hypervisor: Hypervisor;
  readonly switches: Readonly<Record<Name, MoodySwitch>>;

  constructor(speaks: Version) {
    const read = readConfig(tree, []);
    if ('problems' in read) throw new Error(JSON.stringify(read.problems));
    const { world } = this;
    const options = { config: read.config, log: silent, onFault: failing };
    this.hypervisor = new Hypervisor({ world, store: memoryStore(), ...options });
    this.hypervisor.start();
    const made = (dpid: bigint) => new MoodySwitch(world, dpid, speaks, [3, 11, 12]);
    this.switches = { s1: made(1n), s2: made(2n) };
    const tenant = new Tenant(world, 6661, speaks !== version.of10, false);
    tenant.isBusy = false;
    world.runUntil(2_000);
    // What it may touch is held while another body becomes the primary.
    tenant.sessions.get(1n)?.ask(rule([], [output(ofpp.controller), output(2)], {}));
    world.runUntil(2_100);
  }

  get migration(): Migration | undefined {
    return this.hypervisor.executor.all().at(-1);
  }

  move(): void {
    const runtime = this.hypervisor.runtime('red/v1' as VswitchName);
    if (runtime === undefined) throw new Error('red/v1 is there');
    const [from, to] = ['s1', 's2'] as DatapathName[];
    if (from !== undefined && to !== undefined)
      this.hypervisor.executor.start(runtime.vswitch, from, to, 'lime');
  }

  /** Whether packets that enter there are led elsewhere. */
  leads(name: Name): boolean {
    return this.switches[name].tables.entries.some(({ cookie }) => {
      const parts = readCookie(cookie);
      // What stands where a guard stood is a 1.
      return parts?.kind === 'guard' && parts.serial === 0;
    });
  }

  /** Whether packets that enter there come up to us before any rule sees them. */
  diverts(name: Name): boolean {
    return this.switches[name].tables.entries.some(({ cookie }) => {
      return readCookie(cookie)?.kind === 'divert';
    });
  }

  /** Until something is so; false when it never was. */
  until(isSo: () => boolean): boolean {
    const endMs = this.world.now + 200_000;
    while (!isSo() && this.world.now < endMs) this.world.runUntil(this.world.now + 1);
    return isSo();
  }

  /** How long both lead to each other until the migration is over, in ms. */
  loopMs(): number {
    let ms = 0;
    this.until(() => {
      if (this.leads('s1') && this.leads('s2')) ms += 1;
      return this.migration === undefined || isOver(this.migration);
    });
    return ms;
  }

  /**
   * Whether it is looked for ends of the cable in hosts' ports, which takes a moment
   * (hypervisor/datapath/host-ports.ts): nobody here sends frames through that cable.
   */
  #looksForHosts(): boolean {
    return Object.values(this.switches).some(({ tables }) =>
      tables.entries.some(({ cookie }) => {
        const { kind, serial } = readCookie(cookie) ?? {};
        return kind === 'probe' && serial === 1;
      }),
    );
  }

  wrong(): readonly string[] {
    this.until(() => !this.#looksForHosts());
    return this.hypervisor.datapaths().flatMap((datapath) => {
      return deviations(this.hypervisor, datapath, holdingOf(this.switches[datapath.name as Name]));
    });
  }
}

t.test('a new primary comes back when it is opened, before it is one', async (t) => {
  const scene = new Scene(version.of13);
  scene.move();
  t.ok(
    scene.until(() => scene.leads('s2')),
    'the clone leads to the old body',
  );
  t.ok(
    scene.until(() => !scene.leads('s2')),
    'it is opened',
  );
  scene.switches.s2.cut();
  t.equal(scene.loopMs(), 0, 'the two never lead to each other');
  t.equal(scene.migration?.state.type, 'undone', 'as one whose body failed');
});

for (const speaks of [version.of13, version.of10]) {
  t.test(`in any state, version ${speaks}`, async (t) => {
    for (const name of ['s1', 's2'] as const) {
      for (const state of ['tunnels', 'clone', 'handOver', 'move', 'drain'] as const) {
        for (const afterMs of [0, 40]) {
          const scene = new Scene(speaks);
          scene.move();
          const isThere = scene.until(() => scene.migration?.state.type === state);
          if (!isThere) t.fail(`${name}: it is never in ${state}`);
          scene.world.runUntil(scene.world.now + afterMs);
          scene.switches[name].cut();
          const loopMs = scene.loopMs();
          const at = `${name}, ${afterMs} ms in ${state}`;
          if (loopMs > 0) t.fail(`${at}: they lead to each other for ${loopMs} ms`);
          scene.world.runUntil(scene.world.now + 10_000);
          const wrong = scene.wrong();
          if (wrong.length > 0) t.fail(`${at}: ${wrong.slice(0, 3).join('; ')}`);
        }
      }
    }
    t.pass('in each state, and a moment later');
  });
}

for (const speaks of [version.of13, version.of10]) {
  for (const name of ['s1', 's2'] as const) {
    t.test(`${name} is cut while diverts stand, version ${speaks}`, async (t) => {
      // Where they stand, from the first moment to the last; and the other body meanwhile.
      for (const afterMs of [0, 100, 290, 310, 600]) {
        const scene = new Scene(speaks);
        scene.move();
        t.ok(
          scene.until(() => scene.diverts('s1')),
          'what enters at the old body is held',
        );
        scene.world.runUntil(scene.world.now + afterMs);
        t.ok(scene.diverts('s1'), `after ${afterMs} ms, too`);
        scene.switches[name].cut();
        const loopMs = scene.loopMs();
        if (loopMs > 0) t.fail(`after ${afterMs} ms: they lead to each other for ${loopMs} ms`);
        scene.world.runUntil(scene.world.now + 10_000);
        t.strictSame(scene.wrong(), [], `cut after ${afterMs} ms: it holds what it should`);
        t.notOk(scene.diverts('s1') || scene.diverts('s2'), 'and nothing is held any more');
        t.ok(scene.migration && isOver(scene.migration), 'the migration has ended');
      }
    });
  }
}

t.test('the assertion catches what is made up', async (t) => {
  const scene = new Scene(version.of13);
  t.same(scene.wrong(), []);
  const flow: PhysicalFlow = {
    tableId: 2,
    priority: 7,
    match: [oxm('in_port', 4)],
    instructions: [],
    cookie: cookieOf('wiring', 1, 9),
  };
  scene.switches.s1.tables.apply(addFlow(flow));
  t.match(scene.wrong(), [/^s1: too much: 2 7 /], 'an entry of somebody else');
  const { intent } = scene.hypervisor.datapath('s2' as DatapathName);
  intent.lead([{ owner: 'wiring 1', vswitch: undefined, tables: tablesOf([], []) }]);
  const wrong = scene.wrong();
  t.ok(
    wrong.some((one) => one.startsWith('s2: too much')),
    'what is there and nobody wants',
  );
  t.ok(
    wrong.some((one) => one.startsWith('the intent of s2 for wiring 1: missing')),
    'what an owner wants and the intent has not',
  );
});
