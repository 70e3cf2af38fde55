/**
 * Routes for observation: messages as they pass, metrics for Prometheus, and whether this process
 * is alive and serves.
 */
import { collectDefaultMetrics, Registry } from 'prom-client';
import Type from 'typebox';
import { metricPieces } from '../operator/metric-values.ts';
import { metrics } from '../operator/metrics.ts';
import { readiness } from '../operator/ready-report.ts';
import { resources } from '../operator/resources.ts';
import { messageOf } from '../world/error-text.ts';
import { type Answering, type ApiContext, type Route, route } from './route.ts';

const snoopRoute = route({
  ...{ method: 'GET', path: resources.snoop.path, access: 'operator', tag: 'vswitches' },
  summary: `A vswitch's OpenFlow messages as they pass, on both its sides (server-sent events)`,
  produces: 'text/event-stream',
  query: Type.Object(
    {
      vswitch: Type.String({ description: 'such as red/v1' }),
      all: Type.Optional(Type.Boolean({ description: 'also what is not about it' })),
      bytes: Type.Optional(Type.Boolean({ description: 'also each message in base64' })),
    },
    { additionalProperties: false },
  ),
  answer({ operated }, { query }, reply) {
    operated.taps.begin(query, {
      error: (code, why) => reply.error(code, why),
      begin() {
        const stream = reply.stream();
        return {
          event: (value) => stream.write(`data: ${JSON.stringify(value)}\n\n`),
          pendingBytes: () => stream.pendingBytes(),
        };
      },
      onGone: (run) => reply.onGone(run),
    });
  },
});

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Of the process itself: memory, processor, files, and how late the event loop is. */
const ofProcess = new Registry();
let isCollected = false;

/** Ours are made in turns, since of many tenants they are many. */
function answerMetrics({ operated }: ApiContext, reply: Answering): void {
  if (!isCollected) collectDefaultMetrics({ register: ofProcess });
  isCollected = true;
  const pieces = metricPieces(metrics, operated);
  const texts: string[] = [];
  const step = (): boolean => {
    const { value, done } = pieces.next();
    if (done !== true) texts.push(value);
    return done !== true;
  };
  operated.scheduler.run({ step }, () => {
    const { boundary } = operated;
    ofProcess.metrics().then(
      boundary.bind((own: string) => reply.send(`${texts.join('')}${own}`, METRICS_TYPE)),
      boundary.bind((error: unknown) => reply.error('failed', messageOf(error))),
    );
  });
}

export const seeRoutes: readonly Route[] = [
  snoopRoute,
  {
    ...{ method: 'GET', path: '/metrics', access: 'viewer', tag: 'status' },
    summary: 'Metrics as Prometheus reads them; its scrape_config has the token of a viewer',
    produces: 'text/plain',
    answer: (context, _, reply) => answerMetrics(context, reply),
  },
  {
    ...{ method: 'GET', path: '/livez', access: 'anybody', tag: 'status' },
    summary: 'Answered as long as this process does anything at all',
    produces: 'text/plain',
    answer: (_, __, reply) => reply.send('ok\n', 'text/plain'),
  },
  {
    ...{ method: 'GET', path: '/readyz', access: 'anybody', tag: 'status' },
    summary: 'Whether it serves: the store is read and takes more, and rules are loaded',
    produces: 'text/plain',
    answer({ operated }, _, reply) {
      const { isReady, lines } = readiness(operated);
      const all = `${lines.join('\n')}\n`;
      if (isReady) reply.send(all, 'text/plain');
      else reply.refuse({ status: 503, code: 'failed', detail: all });
    },
  },
];
