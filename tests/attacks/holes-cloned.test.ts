/**
 * Isolation holes of a switch that has several bodies (the catalogue's I14, I23 and I24): the
 * bodies are one switch, in every message.
 */
import t, { type Test } from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { port as ofpp, type Version } from '../../openflow/values/constants.ts';
import { datapath, vswitchName } from '../slices/networks.ts';
import { Attack, both, removeAll, rule, textOf } from './attack.ts';

const allFlows = { cookie: 0n, cookieMask: 0n, tableId: 0xff, match: [] } as const;
const filter = { ...allFlows, outPort: ofpp.any, outGroup: 0xffff_ffff };

/** Red's v3 on s3 and s4 at once, with a rule whose removal is told. */
function cloned(t: Test, spoken: Version) {
  const attack = new Attack(t, spoken);
  const { scene } = attack;
  const v3 = scene.hypervisor.runtime(vswitchName('red/v3'));
  if (v3 === undefined) throw new Error('red/v3 is not there');
  attack.says({ ...rule([], 1), flags: 1 });
  const heard = attack.red.received.length;
  scene.hypervisor.executor.start(v3.vswitch, datapath('s3'), datapath('s4'), 'lime');
  // The ways are there, and the clone is being filled: what is asked from now on goes to both.
  const { executor } = scene.hypervisor;
  const isEarly = () => executor.all().at(-1)?.state.type === 'tunnels';
  for (let i = 0; (isEarly() || v3.placement.bodies.length < 2) && i < 200; i++) scene.pass(10);
  t.equal(v3.placement.bodies.length, 2, 'there are two of it');
  t.notOk(isEarly(), 'and the ways to both');
  return { attack, scene, v3, heard };
}

for (const spoken of both) {
  t.test(`I14 barrier answered at once, in version ${spoken}`, async (t) => {
    const { attack, scene } = cloned(t, spoken);
    const { red } = attack;
    red.say({ ...rule(matchOf(oxm('eth_src', 9)), 2), xid: 1 });
    red.say({ type: 'barrierRequest', xid: 0xbaff });
    const isAnswered = () => red.received.some((one) => one.xid === 0xbaff);
    for (let i = 0; !isAnswered() && i < 3_000; i++) scene.pass(1);
    t.ok(isAnswered());
    for (const name of ['s3', 's4']) {
      const holds = scene
        .switch(name)
        .holds()
        .some((one) => /"0":0,"1":0,"2":0,"3":0,"4":0,"5":9/.test(one));
      t.ok(holds, `${name} holds the rule when the barrier is answered`);
    }
  });

  t.test(`I23 two copies answer, in version ${spoken}`, async (t) => {
    const { attack, scene, v3 } = cloned(t, spoken);
    t.equal(attack.says({ type: 'barrierRequest' }).length, 1, 'one barrier reply');
    const request = { kind: 'flow', filter } as const;
    const [reply, ...more] = attack.says({ type: 'multipartRequest', flags: 0, request });
    t.match(reply, { reply: { kind: 'flow', flows: [{ priority: 10 }] } });
    t.strictSame(more, [], 'one reply');
    const rows =
      reply?.type === 'multipartReply' && reply.reply.kind === 'flow' ? reply.reply.flows : [];
    t.equal(rows.length, 1, 'of one rule');
    attack.says(removeAll);
    scene.pass(12_000);
    const removed = attack.red.received.filter((one) => one.type === 'flowRemoved');
    t.equal(removed.length, 1, 'one flow-removed');
    t.strictSame(v3.placement.bodies, ['s4'], 'it has moved');
  });

  t.test(`I24 a remap inferred from messages, in version ${spoken}`, async (t) => {
    const { attack, scene, v3, heard } = cloned(t, spoken);
    scene.pass(12_000);
    t.strictSame(v3.placement.bodies, ['s4'], 'it has moved');
    t.strictSame(attack.red.received.slice(heard).map(textOf), [], 'nothing was said of it');
    const [features] = attack.says({ type: 'featuresRequest' });
    t.match(features, { type: 'featuresReply', dpid: 3n }, 'it is the same switch');
  });
}
