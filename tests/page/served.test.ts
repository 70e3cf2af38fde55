/**
 * What the API serves is what the page reads: its files, and documents of the shape that
 * documents.ts says.
 */
import t from 'tap';
import type { AuditEntry } from '../../hypervisor/api/audit-log.ts';
import type { Network as OwnNetwork } from '../../hypervisor/api/network-view.ts';
import type { Caller } from '../../hypervisor/api/requests.ts';
import type { Topology } from '../../hypervisor/api/topology.ts';
import type { QuotaReport } from '../../hypervisor/networks/network-report.ts';
import type { FlowsReport, StatusReport } from '../../hypervisor/operator/report.ts';
import type { TopReport } from '../../hypervisor/operator/top.ts';
import type { TrafficReport } from '../../hypervisor/operator/traffic-report.ts';
import type {
  Audited,
  EnsembleDocument,
  FlowsDocument,
  Happened,
  Migrated,
  OwnDocument,
  QuotaDocument,
  Self,
  StatusDocument,
  TopologyDocument,
} from '../../hypervisor/page/documents.ts';
import { networkOf, ownNetworkOf } from '../../hypervisor/page/network-documents.ts';
import type { TrafficDocument } from '../../hypervisor/page/traffic.ts';
import type { UseDocument } from '../../hypervisor/page/use.ts';
import type { Event } from '../../hypervisor/world/event-log.ts';
import type { Ensemble } from '../../translation/migration/ensemble.ts';
import type { Migration } from '../../translation/migration/migration.ts';
import { served } from '../api/served.ts';

/** Each document of the API is one that the page reads: else this file does not compile. */
type Reads<T, _Given extends T> = true;
const readsAll: readonly true[] = [
  true satisfies Reads<TopologyDocument, Topology>,
  true satisfies Reads<OwnDocument, OwnNetwork>,
  true satisfies Reads<Migrated, Migration>,
  true satisfies Reads<EnsembleDocument, Ensemble>,
  true satisfies Reads<StatusDocument, StatusReport>,
  true satisfies Reads<FlowsDocument, FlowsReport>,
  true satisfies Reads<Happened, Event>,
  true satisfies Reads<Audited, AuditEntry>,
  true satisfies Reads<Self, Caller>,
  true satisfies Reads<QuotaDocument, QuotaReport>,
  true satisfies Reads<UseDocument, TopReport>,
  true satisfies Reads<TrafficDocument, TrafficReport>,
];

t.test('the page is served to anybody, and may load nothing from elsewhere', async (t) => {
  const { ask } = await served(t);
  for (const [path, type] of [
    ['/', 'text/html; charset=utf-8'],
    ['/page.js', 'text/javascript; charset=utf-8'],
    ['/page.css', 'text/css; charset=utf-8'],
    ['/icon.svg', 'image/svg+xml'],
  ] as const) {
    const answer = await ask(path, { token: '' });
    const text = await answer.text();
    t.equal(answer.status, 200, `${path} ("make page" bundles it): ${text.slice(0, 200)}`);
    t.equal(answer.headers.get('content-type'), type);
    t.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    const policy = answer.headers.get('content-security-policy') ?? '';
    t.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
    t.notMatch(policy, /unsafe|http/);
    t.notMatch(text, /(src|href)="?https?:|<script>|style="/, `${path} names no other place`);
  }
  t.equal((await ask('/page.ts', { token: '' })).status, 404);
});

t.test('what is drawn is what the API says: the operator’s, and an owner’s', async (t) => {
  t.ok(readsAll.length > 5);
  const { ask, tokens } = await served(t);
  const topology = (await (await ask('/api/v1/topology')).json()) as TopologyDocument;
  const network = networkOf(topology);
  t.strictSame(
    network.datapaths.map(({ name }) => name),
    topology.datapaths.map(({ name }) => name),
  );
  t.ok(network.ways.some(({ cables }) => cables.length > 0));
  const named = new Set(network.cables.map(({ id }) => id));
  t.ok(network.ways.every(({ cables }) => cables.every((one) => named.has(one))));
  const answer = await ask('/api/v1/networks/red', { token: tokens.owner });
  const own = ownNetworkOf((await answer.json()) as OwnDocument);
  t.strictSame(
    own.vswitches.map(({ name, bodies }) => [name, ...bodies]),
    network.vswitches.filter(({ tenant }) => tenant === 'red').map(({ name }) => [name]),
  );
  t.strictSame([own.datapaths, own.cables, own.ways], [[], [], []]);
});
