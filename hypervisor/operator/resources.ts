/**
 * The API path of each request to a running Limevisor: the server (hypervisor/api/) and the command
 * line (client.ts) use the same rows.
 *
 * Of what is asked with, `:name` stands in the path; the rest is the query of a GET, and else the
 * body, as JSON.
 */
export interface Resource {
  readonly verb: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Answered when it is over, as an operation; who listens hears of it meanwhile. */
  readonly isLong?: true;
}

const ROOT = '/api/v1';

function of(verb: Resource['verb']): (path: string) => Resource {
  return (path) => ({ verb, path: ROOT + path });
}

const [get, post, put, remove] = [of('GET'), of('POST'), of('PUT'), of('DELETE')];

function long(resource: Resource): Resource {
  return { ...resource, isLong: true };
}

export const resources = {
  self: get('/self'),
  status: get('/status'),
  waiting: get('/readiness'),
  links: get('/links'),
  top: get('/use'),
  traffic: get('/traffic'),
  flows: get('/flows'),
  events: get('/events'),
  schedules: get('/schedules'),
  mtd: get('/secrecy'),
  running: get('/configuration'),
  apply: long(put('/configuration')),
  migrate: long(post('/migrations')),
  undo: post('/migrations/:migration/undo'),
  drain: long(post('/datapaths/:datapath/drain')),
  undrain: long(post('/datapaths/:datapath/undrain')),
  idle: get('/idle'),
  evacuate: long(post('/datapaths/:datapath/evacuation')),
  evacuations: get('/evacuations'),
  move: long(post('/host-moves')),
  moved: post('/host-moves/arrived'),
  abort: post('/host-moves/abort'),
  optimize: post('/proposals'),
  discover: post('/discoveries'),
  purge: post('/departures/purge'),
  restore: post('/departures/restore'),
  reopen: post('/reopenings'),
  export: get('/packages/:tenant'),
  deploy: long(post('/deployments')),
  mirrors: get('/mirrors'),
  mirror: long(post('/mirrors')),
  trace: get('/traces'),
  snoop: get('/messages'),
  log: get('/log'),
  setLog: put('/log'),
  backup: get('/store'),
  networks: get('/networks'),
  network: get('/networks/:tenant'),
  networkFlows: get('/networks/:tenant/flows'),
  networkErrors: get('/networks/:tenant/errors'),
  networkEvents: get('/networks/:tenant/events'),
  quota: get('/quota'),
  createNetwork: post('/networks'),
  deleteNetwork: remove('/networks/:tenant'),
  setControllers: put('/networks/:tenant/controllers'),
  pauseNetwork: post('/networks/:tenant/pause'),
  resumeNetwork: post('/networks/:tenant/resume'),
  extendNetwork: post('/networks/:tenant/extension'),
  approveNetwork: post('/networks/:tenant/approval'),
  rejectNetwork: post('/networks/:tenant/rejection'),
  freezeNetwork: post('/networks/:tenant/freeze'),
  unfreezeNetwork: post('/networks/:tenant/unfreeze'),
  audit: get('/audit'),
  tokens: get('/tokens'),
  makeToken: post('/tokens'),
  revokeToken: remove('/tokens/:token'),
} as const satisfies Readonly<Record<string, Resource>>;

export type MethodName = keyof typeof resources;
