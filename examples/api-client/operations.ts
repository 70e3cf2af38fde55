/**
 * All that the API of Limevisor can be asked, and what it answers: printed by generate.ts.
 */
export interface Operations {
  'GET /': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: unknown;
  };
  'GET /page.js': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: unknown;
  };
  'GET /page.css': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: unknown;
  };
  'GET /icon.svg': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: unknown;
  };
  'GET /api/v1/openapi.json': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: Readonly<Record<string, unknown>>;
  };
  'GET /api/v1/self': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: {
      readonly name: string;
      readonly role: string;
      readonly tenant?: string;
      readonly quota?: string;
    };
  };
  'GET /api/v1/status': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: { readonly uptimeSec: number } & Readonly<Record<string, unknown>>;
  };
  'GET /api/v1/links': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: readonly {
      readonly ends: readonly string[];
      readonly state: string;
      readonly text: string;
      readonly latencyMs?: number;
      readonly isSlow: boolean;
    }[];
  };
  'GET /api/v1/topology': {
    readonly path: object;
    readonly query: { readonly load?: boolean };
    readonly body: undefined;
    readonly answer: {
      readonly atMs: number;
      readonly datapaths: readonly {
        readonly name: string;
        readonly dpid: string;
        readonly state: string;
        readonly why: string;
        readonly encoding: 'pipeline' | 'flat';
        readonly isDrained: boolean;
        readonly load?: number;
        readonly ports: readonly { readonly port: number; readonly isUp: boolean }[];
        readonly zones: readonly string[];
      }[];
      readonly links: readonly {
        readonly ends: readonly string[];
        readonly state: string;
        readonly text: string;
        readonly kbps?: number;
        readonly cost?: number;
        readonly load: { readonly there?: number; readonly back?: number };
      }[];
      readonly hosts: readonly {
        readonly name: string;
        readonly vport: string;
        readonly at: readonly string[];
        readonly state: string;
        readonly why: string;
      }[];
      readonly tenants: readonly {
        readonly name: string;
        readonly vswitches: readonly {
          readonly name: string;
          readonly dpid: string;
          readonly on: readonly string[];
          readonly primary?: string;
          readonly isBig: boolean;
          readonly down?: string;
          readonly rules: number;
          readonly ports: readonly {
            readonly port: string;
            readonly name: string;
            readonly state: string;
            readonly leadsTo: string;
            readonly home?: string;
          }[];
          readonly controllers: readonly { readonly target: string; readonly state: string }[];
          readonly migration?: number;
        }[];
        readonly links: readonly { readonly ends: readonly string[] }[];
        readonly ways: readonly {
          readonly of: string;
          readonly what: string;
          readonly role: string;
          readonly path: readonly string[];
          readonly links: readonly string[];
        }[];
      }[];
    };
  };
  'GET /api/v1/migrations': {
    readonly path: object;
    readonly query: {
      readonly limit?: number;
      readonly after?: number;
      readonly vswitch?: string;
      readonly state?: string;
    };
    readonly body: undefined;
    readonly answer: readonly {
      readonly id: number;
      readonly vswitch: string;
      readonly from: string;
      readonly to: string;
      readonly strategy: string;
      readonly ensemble?: number;
      readonly state: { readonly type: string; readonly why?: string };
      readonly stateSinceMs: number;
      readonly startedMs: number;
      readonly phases: readonly {
        readonly name: string;
        readonly startedMs: number;
        readonly endedMs: number;
      }[];
    }[];
  };
  'POST /api/v1/migrations': {
    readonly path: object;
    readonly query: { readonly dryRun?: boolean };
    readonly body: {
      readonly vswitch?: string | readonly string[];
      readonly to?: string | readonly string[];
      readonly strategy?: string;
      readonly guard?: string;
      readonly hosts?: boolean;
      readonly driver?: string | readonly string[];
      readonly from?: string;
      readonly inOrder?: boolean;
      readonly portsAtOnce?: number | string;
      readonly movesAtOnce?: number | string;
      readonly dryRun?: boolean;
      readonly noWatch?: boolean;
    };
    readonly answer: {
      readonly id: number;
      readonly method: string;
      readonly by: string;
      readonly state: 'running' | 'done' | 'refused';
      readonly startedMs: number;
      readonly endedMs?: number;
      readonly progress?: unknown;
      readonly result?: unknown;
      readonly why?: string;
    };
  };
  'GET /api/v1/migrations/{id}': {
    readonly path: { readonly id: number };
    readonly query: object;
    readonly body: undefined;
    readonly answer: {
      readonly id: number;
      readonly vswitch: string;
      readonly from: string;
      readonly to: string;
      readonly strategy: string;
      readonly ensemble?: number;
      readonly state: { readonly type: string; readonly why?: string };
      readonly stateSinceMs: number;
      readonly startedMs: number;
      readonly phases: readonly {
        readonly name: string;
        readonly startedMs: number;
        readonly endedMs: number;
      }[];
    };
  };
  'GET /api/v1/ensembles': {
    readonly path: object;
    readonly query: { readonly limit?: number; readonly after?: number; readonly state?: string };
    readonly body: undefined;
    readonly answer: readonly {
      readonly id: number;
      readonly what: string;
      readonly state: { readonly type: string; readonly why?: string };
    }[];
  };
  'GET /api/v1/events': {
    readonly path: object;
    readonly query: {
      readonly since?: number;
      readonly limit?: number;
      readonly level?: 'info' | 'warn' | 'error';
    };
    readonly body: undefined;
    readonly answer: readonly {
      readonly id: number;
      readonly atMs: number;
      readonly level: 'info' | 'warn' | 'error';
      readonly what: string;
      readonly about: Readonly<Record<string, unknown>>;
    }[];
  };
  'GET /api/v1/readiness': {
    readonly path: object;
    readonly query: { readonly names?: string | readonly string[] };
    readonly body: undefined;
    readonly answer: { readonly missing: readonly string[]; readonly count: number } & Readonly<
      Record<string, unknown>
    >;
  };
  'GET /api/v1/use': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: {
      readonly atMs: number;
      readonly tenants: readonly ({ readonly tenant: string } & Readonly<
        Record<string, unknown>
      >)[];
    } & Readonly<Record<string, unknown>>;
  };
  'GET /api/v1/traffic': {
    readonly path: object;
    readonly query: {
      readonly tenant?: string | readonly string[];
      readonly windowMs: number;
      readonly points?: boolean;
    };
    readonly body: undefined;
    readonly answer: {
      readonly windowMs: number;
      readonly leftOut: number;
      readonly pairs: readonly ({
        readonly tenant: string;
        readonly from: string;
        readonly to: string;
      } & Readonly<Record<string, unknown>>)[];
      readonly cables: readonly ({ readonly from: string; readonly to: string } & Readonly<
        Record<string, unknown>
      >)[];
      readonly datapaths: readonly ({ readonly datapath: string } & Readonly<
        Record<string, unknown>
      >)[];
    } & Readonly<Record<string, unknown>>;
  };
  'GET /api/v1/flows': {
    readonly path: object;
    readonly query: { readonly vswitch: string; readonly physical?: boolean };
    readonly body: undefined;
    readonly answer: {
      readonly vswitch: string;
      readonly ports: readonly ({ readonly port: string; readonly state: string } & Readonly<
        Record<string, unknown>
      >)[];
      readonly flows: readonly string[];
      readonly physical: readonly ({
        readonly datapath: string;
        readonly flows: readonly string[];
      } & Readonly<Record<string, unknown>>)[];
    } & Readonly<Record<string, unknown>>;
  };
  'GET /api/v1/traces': {
    readonly path: object;
    readonly query: {
      readonly vswitch: string;
      readonly packet: string;
      readonly verify?: boolean;
    };
    readonly body: undefined;
    readonly answer: {
      readonly vswitch: string;
      readonly virtual: {} & Readonly<Record<string, unknown>>;
      readonly physical: {} & Readonly<Record<string, unknown>>;
      readonly differences: readonly string[];
    } & Readonly<Record<string, unknown>>;
  };
  'GET /api/v1/log': {
    readonly path: object;
    readonly query: { readonly modules?: string | readonly string[] };
    readonly body: undefined;
    readonly answer: { readonly levels: Readonly<Record<string, unknown>> };
  };
  'PUT /api/v1/log': {
    readonly path: object;
    readonly query: object;
    readonly body: { readonly modules?: string | readonly string[]; readonly level: string };
    readonly answer: { readonly levels: Readonly<Record<string, unknown>> };
  };
  'GET /api/v1/store': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: { readonly store: string; readonly inode: number; readonly bytes: number };
  };
  'GET /api/v1/schedules': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: readonly ({
      readonly name: string;
      readonly last: string;
      readonly inMs: number;
    } & Readonly<Record<string, unknown>>)[];
  };
  'GET /api/v1/secrecy': {
    readonly path: object;
    readonly query: { readonly tenant?: string | readonly string[]; readonly windowMs: number };
    readonly body: undefined;
    readonly answer: { readonly tenants: readonly string[]; readonly moves: number } & Readonly<
      Record<string, unknown>
    >;
  };
  'GET /api/v1/configuration': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: { readonly file: Readonly<Record<string, unknown>> } & Readonly<
      Record<string, unknown>
    >;
  };
  'PUT /api/v1/configuration': {
    readonly path: object;
    readonly query: { readonly dryRun?: boolean };
    readonly body: { readonly file?: string; readonly text?: string; readonly dryRun?: boolean };
    readonly answer: {
      readonly id: number;
      readonly method: string;
      readonly by: string;
      readonly state: 'running' | 'done' | 'refused';
      readonly startedMs: number;
      readonly endedMs?: number;
      readonly progress?: unknown;
      readonly result?: unknown;
      readonly why?: string;
    };
  };
  'POST /api/v1/migrations/{migration}/undo': {
    readonly path: { readonly migration: string };
    readonly query: object;
    readonly body: undefined;
    readonly answer: { readonly migration: number };
  };
  'POST /api/v1/datapaths/{datapath}/drain': {
    readonly path: { readonly datapath: string };
    readonly query: { readonly dryRun?: boolean };
    readonly body: {
      readonly everything?: boolean;
      readonly hold?: boolean;
      readonly to?: string | readonly string[];
      readonly strategy?: string;
      readonly guard?: string;
      readonly hosts?: boolean;
      readonly driver?: string | readonly string[];
      readonly from?: string;
      readonly inOrder?: boolean;
      readonly portsAtOnce?: number | string;
      readonly movesAtOnce?: number | string;
      readonly dryRun?: boolean;
      readonly noWatch?: boolean;
    };
    readonly answer: {
      readonly id: number;
      readonly method: string;
      readonly by: string;
      readonly state: 'running' | 'done' | 'refused';
      readonly startedMs: number;
      readonly endedMs?: number;
      readonly progress?: unknown;
      readonly result?: unknown;
      readonly why?: string;
    };
  };
  'POST /api/v1/datapaths/{datapath}/undrain': {
    readonly path: { readonly datapath: string };
    readonly query: { readonly dryRun?: boolean };
    readonly body: {
      readonly everything?: boolean;
      readonly hold?: boolean;
      readonly to?: string | readonly string[];
      readonly strategy?: string;
      readonly guard?: string;
      readonly hosts?: boolean;
      readonly driver?: string | readonly string[];
      readonly from?: string;
      readonly inOrder?: boolean;
      readonly portsAtOnce?: number | string;
      readonly movesAtOnce?: number | string;
      readonly dryRun?: boolean;
      readonly noWatch?: boolean;
    };
    readonly answer: {
      readonly id: number;
      readonly method: string;
      readonly by: string;
      readonly state: 'running' | 'done' | 'refused';
      readonly startedMs: number;
      readonly endedMs?: number;
      readonly progress?: unknown;
      readonly result?: unknown;
      readonly why?: string;
    };
  };
  'GET /api/v1/idle': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: readonly ({ readonly object: string; readonly kind: string } & Readonly<
      Record<string, unknown>
    >)[];
  };
  'POST /api/v1/datapaths/{datapath}/evacuation': {
    readonly path: { readonly datapath: string };
    readonly query: { readonly dryRun?: boolean };
    readonly body: {
      readonly withinMs: number;
      readonly driver?: string;
      readonly to?: string | readonly string[];
      readonly movesAtOnce?: number | string;
      readonly dryRun?: boolean;
    };
    readonly answer: {
      readonly id: number;
      readonly method: string;
      readonly by: string;
      readonly state: 'running' | 'done' | 'refused';
      readonly startedMs: number;
      readonly endedMs?: number;
      readonly progress?: unknown;
      readonly result?: unknown;
      readonly why?: string;
    };
  };
  'GET /api/v1/evacuations': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: readonly ({ readonly id: number; readonly what: string } & Readonly<
      Record<string, unknown>
    >)[];
  };
  'POST /api/v1/host-moves': {
    readonly path: object;
    readonly query: { readonly dryRun?: boolean };
    readonly body: {
      readonly host: string;
      readonly to: string;
      readonly driver?: string;
      readonly dryRun?: boolean;
    };
    readonly answer: {
      readonly id: number;
      readonly method: string;
      readonly by: string;
      readonly state: 'running' | 'done' | 'refused';
      readonly startedMs: number;
      readonly endedMs?: number;
      readonly progress?: unknown;
      readonly result?: unknown;
      readonly why?: string;
    };
  };
  'POST /api/v1/host-moves/arrived': {
    readonly path: object;
    readonly query: object;
    readonly body: { readonly host: string };
    readonly answer: { readonly host: string; readonly text: string };
  };
  'POST /api/v1/host-moves/abort': {
    readonly path: object;
    readonly query: object;
    readonly body: { readonly host: string };
    readonly answer: { readonly host: string; readonly text: string };
  };
  'POST /api/v1/proposals': {
    readonly path: object;
    readonly query: object;
    readonly body: {
      readonly tenant?: string | readonly string[];
      readonly objective: string;
      readonly windowMs: number;
      readonly budgetMs: number;
    };
    readonly answer: {
      readonly objective: string;
      readonly moves: readonly ({ readonly to: string } & Readonly<Record<string, unknown>>)[];
    } & Readonly<Record<string, unknown>>;
  };
  'POST /api/v1/discoveries': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: {} & Readonly<Record<string, unknown>>;
  };
  'GET /api/v1/packages/{tenant}': {
    readonly path: { readonly tenant: string };
    readonly query: object;
    readonly body: undefined;
    readonly answer: {} & Readonly<Record<string, unknown>>;
  };
  'POST /api/v1/deployments': {
    readonly path: object;
    readonly query: { readonly dryRun?: boolean };
    readonly body: {
      readonly file: string;
      readonly as?: string | readonly string[];
      readonly on?: string | readonly string[];
      readonly hosts?: string | readonly string[];
      readonly controllers?: string | readonly string[];
      readonly driver?: string;
      readonly asItWas?: boolean;
      readonly dryRun?: boolean;
    };
    readonly answer: {
      readonly id: number;
      readonly method: string;
      readonly by: string;
      readonly state: 'running' | 'done' | 'refused';
      readonly startedMs: number;
      readonly endedMs?: number;
      readonly progress?: unknown;
      readonly result?: unknown;
      readonly why?: string;
    };
  };
  'GET /api/v1/mirrors': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: {
      readonly mirrors: readonly ({ readonly vswitch: string; readonly at: string } & Readonly<
        Record<string, unknown>
      >)[];
    } & Readonly<Record<string, unknown>>;
  };
  'POST /api/v1/mirrors': {
    readonly path: object;
    readonly query: { readonly dryRun?: boolean };
    readonly body: {
      readonly names?: string | readonly string[];
      readonly to?: string;
      readonly off?: boolean;
    };
    readonly answer: {
      readonly id: number;
      readonly method: string;
      readonly by: string;
      readonly state: 'running' | 'done' | 'refused';
      readonly startedMs: number;
      readonly endedMs?: number;
      readonly progress?: unknown;
      readonly result?: unknown;
      readonly why?: string;
    };
  };
  'POST /api/v1/departures/purge': {
    readonly path: object;
    readonly query: object;
    readonly body: { readonly vswitch?: string; readonly left?: boolean };
    readonly answer: { readonly done: readonly string[] };
  };
  'POST /api/v1/departures/restore': {
    readonly path: object;
    readonly query: object;
    readonly body: { readonly vswitch: string };
    readonly answer: { readonly done: readonly string[] };
  };
  'POST /api/v1/reopenings': {
    readonly path: object;
    readonly query: object;
    readonly body: { readonly vswitch: string };
    readonly answer: { readonly done: readonly string[] };
  };
  'GET /api/v1/operations': {
    readonly path: object;
    readonly query: {
      readonly state?: 'running' | 'done' | 'refused';
      readonly method?: string;
      readonly limit?: number;
      readonly after?: number;
    };
    readonly body: undefined;
    readonly answer: readonly {
      readonly id: number;
      readonly method: string;
      readonly by: string;
      readonly state: 'running' | 'done' | 'refused';
      readonly startedMs: number;
      readonly endedMs?: number;
      readonly progress?: unknown;
      readonly result?: unknown;
      readonly why?: string;
    }[];
  };
  'GET /api/v1/operations/{id}': {
    readonly path: { readonly id: number };
    readonly query: object;
    readonly body: undefined;
    readonly answer: {
      readonly id: number;
      readonly method: string;
      readonly by: string;
      readonly state: 'running' | 'done' | 'refused';
      readonly startedMs: number;
      readonly endedMs?: number;
      readonly progress?: unknown;
      readonly result?: unknown;
      readonly why?: string;
    };
  };
  'GET /api/v1/tokens': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: readonly {
      readonly id: string;
      readonly name: string;
      readonly role: 'operator' | 'viewer' | 'owner';
      readonly tenant?: string;
      readonly quota?: string;
      readonly madeMs: number;
      readonly expiresMs?: number;
    }[];
  };
  'POST /api/v1/tokens': {
    readonly path: object;
    readonly query: object;
    readonly body: {
      readonly name: string;
      readonly role: 'operator' | 'viewer' | 'owner';
      readonly tenant?: string;
      readonly quota?: string;
      readonly expiresMs?: number;
    };
    readonly answer: {
      readonly token: string;
      readonly made: {
        readonly id: string;
        readonly name: string;
        readonly role: 'operator' | 'viewer' | 'owner';
        readonly tenant?: string;
        readonly quota?: string;
        readonly madeMs: number;
        readonly expiresMs?: number;
      };
    };
  };
  'DELETE /api/v1/tokens/{token}': {
    readonly path: { readonly token: string };
    readonly query: object;
    readonly body: undefined;
    readonly answer: {
      readonly id: string;
      readonly name: string;
      readonly role: 'operator' | 'viewer' | 'owner';
      readonly tenant?: string;
      readonly quota?: string;
      readonly madeMs: number;
      readonly expiresMs?: number;
    };
  };
  'GET /api/v1/audit': {
    readonly path: object;
    readonly query: {
      readonly by?: string;
      readonly did?: string;
      readonly text?: string;
      readonly sinceMs?: number;
      readonly untilMs?: number;
      readonly limit?: number;
    };
    readonly body: undefined;
    readonly answer: readonly {
      readonly atMs: number;
      readonly by: string;
      readonly role: string;
      readonly did: string;
      readonly asked: unknown;
      readonly outcome: 'done' | 'refused';
      readonly why?: string;
      readonly changed: readonly {
        readonly what: string;
        readonly before: string;
        readonly after: string;
      }[];
    }[];
  };
  'GET /api/v1/networks': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: readonly {
      readonly name: string;
      readonly vswitches: number;
      readonly frozen?: string;
      readonly owner?: string;
      readonly quota?: string;
      readonly state?: 'pending' | 'rejected' | 'running' | 'paused';
      readonly madeMs?: number;
      readonly endsMs?: number;
      readonly endsSoon?: boolean;
      readonly counts?: Readonly<Record<string, unknown>>;
      readonly missing?: readonly string[];
    }[];
  };
  'POST /api/v1/networks': {
    readonly path: object;
    readonly query: { readonly dryRun?: boolean };
    readonly body: {
      readonly name: string;
      readonly network?: Readonly<Record<string, unknown>>;
      readonly template?: {
        readonly shape: 'big-switch' | 'single' | 'linear' | 'ring' | 'star' | 'tree';
        readonly hosts: readonly string[];
        readonly controllers: readonly string[];
      };
      readonly lifetimeMs?: number;
      readonly dryRun?: boolean;
    };
    readonly answer: {
      readonly name: string;
      readonly life?: {
        readonly owner: string;
        readonly quota: string;
        readonly state: 'pending' | 'rejected' | 'running' | 'paused';
        readonly madeMs: number;
        readonly endsMs?: number;
        readonly endsSoon: boolean;
        readonly frozen?: string;
        readonly why?: string;
        readonly counts: Readonly<Record<string, unknown>>;
        readonly asked: Readonly<Record<string, unknown>>;
        readonly offers: Readonly<Record<string, unknown>>;
        readonly version: number;
      };
    };
  };
  'GET /api/v1/networks/{tenant}': {
    readonly path: { readonly tenant: string };
    readonly query: object;
    readonly body: undefined;
    readonly answer: {
      readonly name: string;
      readonly vswitches: readonly {
        readonly name: string;
        readonly dpid: string;
        readonly state: string;
        readonly why: string;
        readonly rules: number;
        readonly ports: readonly {
          readonly port: string;
          readonly name: string;
          readonly mac: string;
          readonly leadsTo: string;
          readonly state: string;
          readonly why: string;
          readonly config: readonly string[];
        }[];
        readonly controllers: readonly {
          readonly target: string;
          readonly state: string;
          readonly why: string;
          readonly openflow: string;
          readonly role: string;
          readonly droppedPacketIns: number;
        }[];
        readonly refused: readonly {
          readonly request: string;
          readonly error: string;
          readonly count: number;
        }[];
      }[];
      readonly hosts: readonly {
        readonly name: string;
        readonly port: string;
        readonly state: string;
      }[];
      readonly links: readonly { readonly ends: readonly string[] }[];
      readonly use: Readonly<Record<string, unknown>>;
      readonly missing: readonly string[];
      readonly life?: {
        readonly owner: string;
        readonly quota: string;
        readonly state: 'pending' | 'rejected' | 'running' | 'paused';
        readonly madeMs: number;
        readonly endsMs?: number;
        readonly endsSoon: boolean;
        readonly frozen?: string;
        readonly why?: string;
        readonly counts: Readonly<Record<string, unknown>>;
        readonly asked: Readonly<Record<string, unknown>>;
        readonly offers: Readonly<Record<string, unknown>>;
        readonly version: number;
      };
    };
  };
  'DELETE /api/v1/networks/{tenant}': {
    readonly path: { readonly tenant: string };
    readonly query: { readonly dryRun?: boolean };
    readonly body: undefined;
    readonly answer: {
      readonly name: string;
      readonly life?: {
        readonly owner: string;
        readonly quota: string;
        readonly state: 'pending' | 'rejected' | 'running' | 'paused';
        readonly madeMs: number;
        readonly endsMs?: number;
        readonly endsSoon: boolean;
        readonly frozen?: string;
        readonly why?: string;
        readonly counts: Readonly<Record<string, unknown>>;
        readonly asked: Readonly<Record<string, unknown>>;
        readonly offers: Readonly<Record<string, unknown>>;
        readonly version: number;
      };
    };
  };
  'GET /api/v1/networks/{tenant}/flows': {
    readonly path: { readonly tenant: string };
    readonly query: { readonly vswitch: string };
    readonly body: undefined;
    readonly answer: { readonly vswitch: string; readonly flows: readonly string[] };
  };
  'GET /api/v1/networks/{tenant}/errors': {
    readonly path: { readonly tenant: string };
    readonly query: object;
    readonly body: undefined;
    readonly answer: readonly {
      readonly vswitch: string;
      readonly atMs: number;
      readonly controller: string;
      readonly request: string;
      readonly error: string;
      readonly why?: string;
      readonly message: string;
    }[];
  };
  'GET /api/v1/networks/{tenant}/events': {
    readonly path: { readonly tenant: string };
    readonly query: { readonly since?: number; readonly limit?: number };
    readonly body: undefined;
    readonly answer: readonly {
      readonly id: number;
      readonly atMs: number;
      readonly level: 'info' | 'warn' | 'error';
      readonly what: string;
      readonly about: Readonly<Record<string, unknown>>;
    }[];
  };
  'PUT /api/v1/networks/{tenant}/controllers': {
    readonly path: { readonly tenant: string };
    readonly query: object;
    readonly body: { readonly controllers: readonly string[]; readonly dryRun?: boolean };
    readonly answer: {
      readonly name: string;
      readonly life?: {
        readonly owner: string;
        readonly quota: string;
        readonly state: 'pending' | 'rejected' | 'running' | 'paused';
        readonly madeMs: number;
        readonly endsMs?: number;
        readonly endsSoon: boolean;
        readonly frozen?: string;
        readonly why?: string;
        readonly counts: Readonly<Record<string, unknown>>;
        readonly asked: Readonly<Record<string, unknown>>;
        readonly offers: Readonly<Record<string, unknown>>;
        readonly version: number;
      };
    };
  };
  'POST /api/v1/networks/{tenant}/pause': {
    readonly path: { readonly tenant: string };
    readonly query: { readonly dryRun?: boolean };
    readonly body: { readonly dryRun?: boolean };
    readonly answer: {
      readonly name: string;
      readonly life?: {
        readonly owner: string;
        readonly quota: string;
        readonly state: 'pending' | 'rejected' | 'running' | 'paused';
        readonly madeMs: number;
        readonly endsMs?: number;
        readonly endsSoon: boolean;
        readonly frozen?: string;
        readonly why?: string;
        readonly counts: Readonly<Record<string, unknown>>;
        readonly asked: Readonly<Record<string, unknown>>;
        readonly offers: Readonly<Record<string, unknown>>;
        readonly version: number;
      };
    };
  };
  'POST /api/v1/networks/{tenant}/resume': {
    readonly path: { readonly tenant: string };
    readonly query: { readonly dryRun?: boolean };
    readonly body: { readonly dryRun?: boolean };
    readonly answer: {
      readonly name: string;
      readonly life?: {
        readonly owner: string;
        readonly quota: string;
        readonly state: 'pending' | 'rejected' | 'running' | 'paused';
        readonly madeMs: number;
        readonly endsMs?: number;
        readonly endsSoon: boolean;
        readonly frozen?: string;
        readonly why?: string;
        readonly counts: Readonly<Record<string, unknown>>;
        readonly asked: Readonly<Record<string, unknown>>;
        readonly offers: Readonly<Record<string, unknown>>;
        readonly version: number;
      };
    };
  };
  'POST /api/v1/networks/{tenant}/extension': {
    readonly path: { readonly tenant: string };
    readonly query: object;
    readonly body: { readonly lifetimeMs: number };
    readonly answer: {
      readonly name: string;
      readonly life?: {
        readonly owner: string;
        readonly quota: string;
        readonly state: 'pending' | 'rejected' | 'running' | 'paused';
        readonly madeMs: number;
        readonly endsMs?: number;
        readonly endsSoon: boolean;
        readonly frozen?: string;
        readonly why?: string;
        readonly counts: Readonly<Record<string, unknown>>;
        readonly asked: Readonly<Record<string, unknown>>;
        readonly offers: Readonly<Record<string, unknown>>;
        readonly version: number;
      };
    };
  };
  'POST /api/v1/networks/{tenant}/approval': {
    readonly path: { readonly tenant: string };
    readonly query: { readonly dryRun?: boolean };
    readonly body: { readonly dryRun?: boolean };
    readonly answer: {
      readonly name: string;
      readonly life?: {
        readonly owner: string;
        readonly quota: string;
        readonly state: 'pending' | 'rejected' | 'running' | 'paused';
        readonly madeMs: number;
        readonly endsMs?: number;
        readonly endsSoon: boolean;
        readonly frozen?: string;
        readonly why?: string;
        readonly counts: Readonly<Record<string, unknown>>;
        readonly asked: Readonly<Record<string, unknown>>;
        readonly offers: Readonly<Record<string, unknown>>;
        readonly version: number;
      };
    };
  };
  'POST /api/v1/networks/{tenant}/rejection': {
    readonly path: { readonly tenant: string };
    readonly query: object;
    readonly body: { readonly why: string };
    readonly answer: {
      readonly name: string;
      readonly life?: {
        readonly owner: string;
        readonly quota: string;
        readonly state: 'pending' | 'rejected' | 'running' | 'paused';
        readonly madeMs: number;
        readonly endsMs?: number;
        readonly endsSoon: boolean;
        readonly frozen?: string;
        readonly why?: string;
        readonly counts: Readonly<Record<string, unknown>>;
        readonly asked: Readonly<Record<string, unknown>>;
        readonly offers: Readonly<Record<string, unknown>>;
        readonly version: number;
      };
    };
  };
  'POST /api/v1/networks/{tenant}/freeze': {
    readonly path: { readonly tenant: string };
    readonly query: object;
    readonly body: { readonly why: string };
    readonly answer: {
      readonly name: string;
      readonly life?: {
        readonly owner: string;
        readonly quota: string;
        readonly state: 'pending' | 'rejected' | 'running' | 'paused';
        readonly madeMs: number;
        readonly endsMs?: number;
        readonly endsSoon: boolean;
        readonly frozen?: string;
        readonly why?: string;
        readonly counts: Readonly<Record<string, unknown>>;
        readonly asked: Readonly<Record<string, unknown>>;
        readonly offers: Readonly<Record<string, unknown>>;
        readonly version: number;
      };
    };
  };
  'POST /api/v1/networks/{tenant}/unfreeze': {
    readonly path: { readonly tenant: string };
    readonly query: object;
    readonly body: undefined;
    readonly answer: {
      readonly name: string;
      readonly life?: {
        readonly owner: string;
        readonly quota: string;
        readonly state: 'pending' | 'rejected' | 'running' | 'paused';
        readonly madeMs: number;
        readonly endsMs?: number;
        readonly endsSoon: boolean;
        readonly frozen?: string;
        readonly why?: string;
        readonly counts: Readonly<Record<string, unknown>>;
        readonly asked: Readonly<Record<string, unknown>>;
        readonly offers: Readonly<Record<string, unknown>>;
        readonly version: number;
      };
    };
  };
  'GET /api/v1/quota': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: {
      readonly quota: string;
      readonly most: Readonly<Record<string, unknown>>;
      readonly used: Readonly<Record<string, unknown>>;
      readonly lifetimeMs?: number;
      readonly needsApproval: boolean;
      readonly offers: readonly {
        readonly name: string;
        readonly isFree: boolean;
        readonly network: string;
      }[];
    };
  };
  'GET /api/v1/messages': {
    readonly path: object;
    readonly query: { readonly vswitch: string; readonly all?: boolean; readonly bytes?: boolean };
    readonly body: undefined;
    readonly answer: unknown;
  };
  'GET /metrics': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: unknown;
  };
  'GET /livez': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: unknown;
  };
  'GET /readyz': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: unknown;
  };
}
