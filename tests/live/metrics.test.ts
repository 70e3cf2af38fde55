/**
 * Metrics of a running network as a real Prometheus reads them: each expression of each dashboard
 * in examples/dashboards/ parses there, and finds something.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import { addRule, attempt, listens, root, startLimevisor } from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';

const line = {
  switches: ['s1', 's2'],
  links: [['s1:9', 's2:9']] as const,
  hosts: [
    { name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
    { name: 'h2', at: 's2:1', ip: '10.0.0.2/24', mac: '02:00:00:00:00:02' },
  ],
  controller: 'tcp:127.0.0.1:6653',
};

const file = `
control: here
api: { listen: ['ptcp:8640:127.0.0.1'] }
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: ['s1:9 - s2:9']
tenants:
  red:
    limits: { rules: 100 }
    vswitches: { v1: { dpid: 0x11, on: s1, listen: ['punix:DIR/red.sock'] } }
    hosts: { h1: { port: 'v1:1', at: 's1:1' }, h2: { port: 'v1:2', at: 's2:1' } }
`;

interface Board {
  readonly title: string;
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

const folder = path.join(root, 'examples/dashboards');
const boards = fs.readdirSync(folder).map((name): Board => {
  return JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
});
/** As Grafana fills them in. */
const expressions = boards.flatMap(({ title, panels }) =>
  panels.flatMap((panel) =>
    panel.targets.map(({ expr }) => ({
      where: `${title}: ${panel.title}`,
      expr: expr.replaceAll('$__rate_interval', '1m').replaceAll('$tenant', '.*'),
    })),
  ),
);

interface Found {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly result: readonly unknown[] };
}

/** Asks for all of them, from where the lab is. */
const asking = `
const all = JSON.parse(process.argv[1]);
const at = 'http://127.0.0.1:9090/api/v1/query?query=';
const asked = all.map(async (one) => (await fetch(at + encodeURIComponent(one))).json());
console.log(JSON.stringify(await Promise.all(asked)));`;

async function answers(lab: Lab): Promise<readonly Found[]> {
  const texts = JSON.stringify(expressions.map(({ expr }) => expr));
  const argv = [process.execPath, '--input-type=module', '-e', asking, texts];
  return JSON.parse(await lab.inside.run(argv));
}

async function startPrometheus(lab: Lab): Promise<void> {
  const at = (name: string) => path.join(lab.dir, name);
  const token = fs.readFileSync(at('limevisor.db.token'), 'utf8').trim();
  fs.writeFileSync(
    at('prometheus.yml'),
    `scrape_configs:
  - job_name: limevisor
    scrape_interval: 1s
    authorization: { credentials: '${token}' }
    static_configs: [{ targets: ['127.0.0.1:8640'] }]
`,
  );
  const own = [`--config.file=${at('prometheus.yml')}`, `--storage.tsdb.path=${at('tsdb')}`];
  const argv = ['prometheus', ...own, '--web.listen-address=127.0.0.1:9090'];
  lab.inside.start(argv, at('prometheus.log'));
  await listens(lab, 9090, 'prometheus');
}

t.test('each expression of a dashboard finds something', async (t) => {
  t.ok(boards.length >= 3 && expressions.length > 25);
  const lab = await startLab(line);
  t.teardown(() => lab.stop());
  fs.writeFileSync(path.join(lab.dir, 'metrics.yaml'), `store: DIR/limevisor.db${file}`);
  await startLimevisor(lab, path.join(lab.dir, 'metrics.yaml'));
  t.match(await attempt(lab, ['wait']), { code: 0 });
  await listens(lab, 8640, 'the API');
  await startPrometheus(lab);
  await addRule(lab, 'red.sock');
  t.match(await attempt(lab, ['migrate', 'red/v1', '--to', 's2']), { code: 0 });
  const found = await until('all series', 40_000, async () => {
    const all = await answers(lab);
    const isThere = ({ status, data }: Found): boolean =>
      status !== 'success' || (data?.result.length ?? 0) > 0;
    return all.every(isThere) ? all : undefined;
  }).catch(() => answers(lab));
  for (const [i, { where, expr }] of expressions.entries()) {
    const { status, error = '', data } = found[i] ?? { status: 'not asked' };
    t.equal(status, 'success', `${where}: ${expr}: ${error}`);
    t.ok((data?.result.length ?? 0) > 0, `${where}: ${expr}: no series`);
  }
  const health = (name: string) => {
    const url = `http://127.0.0.1:8640${name}`;
    const get = `console.log(await (await fetch('${url}')).text())`;
    return lab.inside.attempt([process.execPath, '--input-type=module', '-e', get]);
  };
  t.match(await health('/livez'), { stdout: /^ok$/m });
  t.match(await health('/readyz'), { stdout: /^\[\+\]store: ok\n\[\+\]rules: ok$/m });
  t.match(await health('/metrics'), { stdout: /token/ }, 'not for everybody');
});
