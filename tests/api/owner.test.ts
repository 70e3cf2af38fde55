/**
 * An owner's token shows its own virtual network and nothing else: every route of the document is
 * asked, as the owner of one tenant, on a network whose physical names, numbers and other tenants
 * are like nothing else; and none of them is in any answer, also while things happen.
 */
import t from 'tap';
import type { Network } from '../../hypervisor/api/network-view.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { FakeWorld } from '../hypervisor/fake-world.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { type Document, describedIn, requestsOf } from './scan.ts';
import { jsonOf, type Served, servedNetwork } from './served.ts';

const network = `
listen: ptcp:6653
control: /tmp/qx-control.sock
store: /tmp/qx-store.db
datapaths:
  qx-alpha: { dpid: feedfacecafe0001 }
  qx-beta: { dpid: feedfacecafe0002 }
  qx-gamma: { dpid: feedfacecafe0003 }
links: [ 'qx-alpha:4711 - qx-beta:4722', 'qx-beta:4733 - qx-gamma:4744' ]
zones: { qx-zone: [qx-alpha] }
tenants:
  red:
    controllers: [tcp:127.0.0.1:6661]
    limits: { rules: 900, on: { qx-alpha: { rules: 800 } } }
    vswitches: { v1: { dpid: 1, on: qx-alpha }, v2: { dpid: 2, on: qx-beta } }
    hosts:
      h1: { port: v1:1, at: qx-alpha:4755 }
      h2: { port: v2:1, at: qx-gamma:4755 }
    links: [ 'v1:2 - v2:2' ]
  zzblue:
    controllers: [tcp:127.0.0.1:6662]
    vswitches: { zzv: { dpid: 7, on: qx-alpha } }
    hosts: { zzh: { port: zzv:1, at: qx-beta:4766 } }
`;

const ports = [4711, 4722, 4733, 4744, 4755, 4766];
const secret = /qx-|feed:?face|zz(blue|v|h)|(?<![0-9])47(11|22|33|44|55|66)(?![0-9])|6662/i;

const scene = (t: { teardown(run: () => unknown): void }) =>
  servedNetwork(t, { text: network, ports, store: memoryStore(), world: new FakeWorld() });

async function textOf({ ask, tokens, world }: Served, request: RequestInit & { url: string }) {
  const { url, ...rest } = request;
  world.pass(100);
  const headers = { 'content-type': 'application/json' };
  const answer = await ask(url, { ...rest, token: tokens.owner, ...(rest.body && { headers }) });
  const shown = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
  return { status: answer.status, text: `${shown}\n${await answer.text()}` };
}

t.test('no answer has a physical name, or another tenant’s', async (t) => {
  const { lab, served } = await scene(t);
  const { ask, tokens } = served;
  const heard: string[] = [];
  const stream = await ask('/api/v1/networks/red/events?since=0', {
    token: tokens.owner,
    headers: { accept: 'text/event-stream' },
  });
  void (async () => {
    for await (const chunk of stream.body ?? []) heard.push(new TextDecoder().decode(chunk));
  })().catch(() => heard.push('(closed)'));
  const described = describedIn(await jsonOf<Document>(ask('/api/v1/openapi.json')));
  const walk = async (when: string): Promise<void> => {
    let answered = 0;
    for (const one of described) {
      for (const request of requestsOf(one, ['red', 'red/v1', 'red/h1', 'nosuch'])) {
        const { status, text } = await textOf(served, request);
        if (status === 200) answered += 1;
        t.notMatch(text, secret, `${when}: ${request.method} ${request.url}`);
      }
    }
    t.ok(answered >= 10, `${answered} were answered`);
  };
  await walk('at rest');
  const mod = flowMod({ match: matchOf(oxm('eth_dst', 7)), instructions: outputs(1) });
  lab.controller(6661).says(mod);
  await ask('/api/v1/migrations', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ vswitch: 'red/v1', to: 'qx-gamma', noWatch: true }),
  });
  lab.switch('qx-beta').setPort(4722, false);
  lab.switch('qx-gamma').peer.user?.onClose('it was cut');
  lab.controller(6661).user?.onClose('its certificate is not signed by the CA in /qx-keys/ca.pem');
  await walk('while things fail');
  t.match(heard.join(''), 'controller away', 'the owner is told of its own');
  t.notMatch(heard.join(''), secret);
  // The same words are found where they may be.
  t.match(await (await ask('/api/v1/status')).text(), secret);
  t.match(JSON.stringify(await jsonOf(ask('/api/v1/events'))), secret);
});

t.test('why a controller is away names no file of the operator', async (t) => {
  const ca = 'its certificate is not signed by the CA';
  const reasons = [
    [`${ca} in /qx-keys/ca.pem`, `${ca} that the operator has for it`],
    ['/qx keys/key.pem cannot be read', /the operator is told why/],
    ['qx-conf/ca.pem has expired (2020)', /the operator is told why/],
    ['refused: badRequest/badVersion', 'refused: badRequest/badVersion'],
  ] as const;
  for (const [why, told] of reasons) {
    const { lab, served } = await scene(t);
    const { ask, tokens } = served;
    lab.controller(6661).user?.onClose(why);
    const token = tokens.owner;
    const seen = await jsonOf<Network>(ask('/api/v1/networks/red', { token }));
    const whys = seen.vswitches.flatMap(({ controllers }) => controllers.map((one) => one.why));
    const shown = whys.find((one) => one !== '');
    t.match(shown, told);
    t.notMatch(whys.join(), secret);
    const events = await ask('/api/v1/networks/red/events', { token });
    t.notMatch(await events.text(), secret);
  }
});

/** A name of the same length that nothing has. */
function blinded(name: string): string {
  return name.replace(/[a-z]/g, 'w');
}

t.test('what there is and is not its own cannot be told from what is not there', async (t) => {
  const { served } = await scene(t);
  const described = describedIn(await jsonOf<Document>(served.ask('/api/v1/openapi.json')));
  const guesses = ['zzblue', 'zzblue/zzv', 'qx-alpha', 'zzblue/zzh'];
  for (const one of described) {
    const asked = [...requestsOf(one, guesses)];
    const blind = [...requestsOf(one, guesses.map(blinded))];
    for (const [i, request] of asked.entries()) {
      const other = blind[i] ?? request;
      const bare = (text: string, word = ''): string =>
        text
          .replaceAll(encodeURIComponent(word), 'X')
          .replaceAll(word, 'X')
          .replace(/^date.*$/m, '');
      const guess = guesses[i] ?? '';
      const answers = async (): Promise<readonly [string, string]> => {
        const [real, made] = [await textOf(served, request), await textOf(served, other)];
        return [bare(real.text, guess), bare(made.text, blinded(guess))];
      };
      // A controller may be given up between the two; not twice.
      const first = await answers();
      const [is, would] = first[0] === first[1] ? first : await answers();
      t.equal(is, would, `${request.method} ${request.url}`);
    }
  }
});

t.test('an owner sees its vswitches, ports, controllers, flows and use', async (t) => {
  const { lab, served } = await scene(t);
  const { ask, tokens } = served;
  const mod = flowMod({ match: matchOf(oxm('eth_dst', 7)), instructions: outputs(1) });
  lab.controller(6661).says(mod);
  const get = (path: string) => jsonOf<unknown>(ask(path, { token: tokens.owner }));
  t.strictSame(await get('/api/v1/networks'), [{ name: 'red', vswitches: 2, hosts: 2 }]);
  t.match(await get('/api/v1/networks/red'), {
    vswitches: [
      {
        ...{ name: 'red/v1', dpid: '0000000000000001', state: 'up', why: '' },
        ports: [
          { port: 'LOCAL', leadsTo: 'nothing', state: 'down', config: ['portDown'] },
          { port: '1', leadsTo: 'host red/h1', state: 'up' },
          { port: '2', leadsTo: 'red/v2:2', state: 'up' },
        ],
        controllers: [{ target: 'tcp:127.0.0.1:6661', state: 'up', openflow: '1.3' }],
      },
      { name: 'red/v2' },
    ],
    hosts: [{ name: 'red/h1', port: 'red/v1:1', state: 'up' }, { name: 'red/h2' }],
    links: [{ ends: ['red/v1:2', 'red/v2:2'] }],
    use: { tables: { rules: { used: 1, limit: 900 } }, connections: 2 },
  });
  t.match(await get('/api/v1/networks/red/flows?vswitch=red/v2'), {
    vswitch: 'red/v2',
    flows: [/dl_dst=00:00:00:00:00:07 actions=output:1$/],
  });
});
