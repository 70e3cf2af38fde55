/**
 * All that the API of Limevisor can be asked, and what it answers: printed by generate.ts.
 */
export interface Datapath {
  readonly name: string;
  readonly dpid: string;
  readonly state: string;
  readonly why: string;
  readonly ack: string;
  readonly version?: string;
  readonly encoding: 'pipeline' | 'flat';
  readonly bodies: readonly string[];
  readonly hosts: readonly string[];
  readonly through: readonly {
    readonly tenant: string;
    readonly what: string;
    readonly from: string;
    readonly to: string;
    readonly packets?: number;
    readonly bytes?: number;
  }[];
  readonly carried: readonly {
    readonly tenant: string;
    readonly packets: number;
    readonly bytes: number;
  }[];
  readonly isDrained: boolean;
  readonly isHeld: boolean;
  readonly warnings: readonly string[];
  readonly software: string;
  readonly forgets: string;
}

export interface Link {
  readonly ends: readonly string[];
  readonly state: 'up' | 'down' | 'unverified' | 'miswired' | 'tooSmall' | 'silent';
  readonly text: string;
  readonly latencyMs?: number;
  readonly isSlow: boolean;
}

export interface Port {
  readonly port: string;
  readonly name: string;
  readonly mac: string;
  readonly leadsTo: string;
  readonly paths?: number;
  readonly state: 'up' | 'down';
  readonly why: string;
  readonly config: readonly string[];
}

export interface Vswitch {
  readonly name: string;
  readonly dpid: string;
  readonly on: readonly string[];
  readonly bigSwitch?: {
    readonly consistency: 'strict' | 'eventual';
    readonly primary: string;
    readonly without: readonly string[];
    readonly partial?: readonly string[];
  };
  readonly rules: number;
  readonly down?: string;
  readonly ports: readonly Port[];
  readonly controllers: readonly {
    readonly target: string;
    readonly state: string;
    readonly why: string;
    readonly version: string;
    readonly role: 'equal' | 'master' | 'slave';
    readonly droppedPacketIns: number;
  }[];
  readonly refusedRequests: readonly {
    readonly request: string;
    readonly error: string;
    readonly count: number;
    readonly why: string;
  }[];
}

export interface Migration {
  readonly id: number;
  readonly vswitch: string;
  readonly from: string;
  readonly to: string;
  readonly strategy: 'lime' | 'freeze' | 'member';
  readonly emptiesFirst?: boolean;
  readonly whyStrategy?: string;
  readonly portsAtOnce?: number;
  readonly guard?: 'redirect' | 'drop';
  readonly plan?: readonly string[];
  readonly members?: readonly string[];
  readonly ensemble?: number;
  readonly state: { readonly type: string; readonly why?: string; readonly moved?: number };
  readonly stateSinceMs: number;
  readonly startedMs: number;
  readonly phases: readonly {
    readonly name: string;
    readonly startedMs: number;
    readonly endedMs: number;
  }[];
  readonly aside?: { readonly body: string; readonly why: string };
  readonly rules?: number;
  readonly acks?: Readonly<Record<string, string>>;
  readonly handOver?: {
    readonly tookMs: number;
    readonly why?: string;
    readonly held: number;
    readonly redirected?: number;
    readonly dropped?: number;
    readonly shared?: number;
    readonly inDoubt?: number;
  };
  readonly unproved?: readonly string[];
  readonly watched?: {
    readonly stale: number;
    readonly heals: number;
    readonly untilMs?: number;
    readonly goesOn?: true;
    readonly unseen?: string;
  };
  readonly probe?: boolean;
  readonly probed?: {
    readonly sent: number;
    readonly lost: number;
    readonly twice: number;
    readonly ports: readonly {
      readonly port: number;
      readonly sent: number;
      readonly lost: number;
      readonly twice: number;
    }[];
    readonly unseen?: string;
  };
  readonly cost?: {
    readonly messages: number;
    readonly peak: { readonly on: string; readonly entries: number };
  };
  readonly boundary?: { readonly bytes: number; readonly peakRate: number; readonly forMs: number };
}

export interface Ensemble {
  readonly id: number;
  readonly what: string;
  readonly members: readonly {
    readonly move:
      | {
          readonly type: 'vswitch';
          readonly vswitch: string;
          readonly from: string;
          readonly to: string;
          readonly strategy: 'lime' | 'freeze';
          readonly emptiesFirst?: boolean;
          readonly whyStrategy?: string;
          readonly portsAtOnce?: number;
          readonly guard?: 'redirect' | 'drop';
          readonly probe?: boolean;
        }
      | {
          readonly type: 'host';
          readonly host: string;
          readonly vswitch: string;
          readonly vport: number;
          readonly from: { readonly device: string; readonly port: number };
          readonly to: { readonly device: string; readonly port: number };
          readonly driver: 'exec' | 'manual' | 'netns' | 'qemu';
        };
    readonly migration?: number;
    readonly group: number;
  }[];
  readonly drains?: string;
  readonly vacates?: readonly string[];
  readonly holds?: true;
  readonly joins?: { readonly vswitch: string; readonly on: string };
  readonly plan: readonly string[];
  readonly groupMax?: number;
  readonly boundary?: { readonly bytes: number; readonly peakRate: number; readonly forMs: number };
  readonly state: {
    readonly type: string;
    readonly why?: string;
    readonly group?: number;
    readonly exceptions?: readonly string[];
  };
  readonly stateSinceMs: number;
  readonly startedMs: number;
  readonly phases: readonly {
    readonly name: string;
    readonly startedMs: number;
    readonly endedMs: number;
  }[];
}

export interface HostMove {
  readonly id: number;
  readonly host: string;
  readonly vswitch: string;
  readonly vport: number;
  readonly from: { readonly device: string; readonly port: number };
  readonly to: { readonly device: string; readonly port: number };
  readonly driver: 'exec' | 'manual' | 'netns' | 'qemu';
  readonly plan?: readonly string[];
  readonly ensemble?: number;
  readonly isTurned?: boolean;
  readonly state: { readonly type: string; readonly why?: string };
  readonly stateSinceMs: number;
  readonly startedMs: number;
  readonly phases: readonly {
    readonly name: string;
    readonly startedMs: number;
    readonly endedMs: number;
  }[];
  readonly said: readonly string[];
  readonly acks?: Readonly<Record<string, string>>;
  readonly unproved?: readonly string[];
  readonly copied?: number;
  readonly probe?: boolean;
  readonly probed?: {
    readonly sent: number;
    readonly lost: number;
    readonly twice: number;
    readonly ports: readonly {
      readonly port: number;
      readonly sent: number;
      readonly lost: number;
      readonly twice: number;
    }[];
    readonly unseen?: string;
  };
}

export interface MemberMove {
  readonly id: number;
  readonly vswitch: string;
  readonly from?: string;
  readonly to?: string;
  readonly strategy: 'member';
  readonly members: readonly string[];
  readonly plan: readonly string[];
  readonly state: { readonly type: string; readonly why?: string };
  readonly stateSinceMs: number;
  readonly startedMs: number;
  readonly phases: readonly {
    readonly name: string;
    readonly startedMs: number;
    readonly endedMs: number;
  }[];
}

export interface Status {
  readonly uptimeSec: number;
  readonly store: {
    readonly id: string;
    readonly generation: number;
    readonly waits?: string;
    readonly sync: 'always' | 'background';
  };
  readonly datapaths: readonly Datapath[];
  readonly links: readonly Link[];
  readonly off?: readonly string[];
  readonly suspicions: readonly {
    readonly port: string;
    readonly why: string;
    readonly count: number;
    readonly agoSec: number;
  }[];
  readonly refused: readonly {
    readonly peer: string;
    readonly why: string;
    readonly count: number;
    readonly agoSec: number;
  }[];
  readonly hosts: readonly {
    readonly name: string;
    readonly port: string;
    readonly at: readonly string[];
    readonly shares?: string;
    readonly state: 'up' | 'down';
    readonly why: string;
  }[];
  readonly unknown: readonly {
    readonly dpid: string;
    readonly peer: string;
    readonly version: string;
  }[];
  readonly vswitches: readonly Vswitch[];
  readonly atLimits: readonly { readonly tenant: string; readonly what: readonly string[] }[];
  readonly migrations: readonly Migration[];
  readonly ensembles: readonly Ensemble[];
  readonly hostMoves: readonly HostMove[];
  readonly memberMoves?: readonly MemberMove[];
  readonly left: readonly {
    readonly vswitch: string;
    readonly sinceMs: number;
    readonly contents: { readonly rules: number; readonly groups: number; readonly meters: number };
    readonly hasHeir: boolean;
    readonly isRestored: boolean;
  }[];
  readonly alarms: Readonly<Record<string, number>>;
  readonly givenUp: Readonly<Record<string, string>>;
}

export interface Topology {
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
}

export type MigrateProgress =
  | Migration
  | MemberMove
  | { readonly ensemble?: Ensemble; readonly member?: Migration; readonly host?: HostMove };

export interface Cost {
  readonly rules: number;
  readonly groups: number;
  readonly meters: number;
  readonly entries: readonly { readonly datapath: string; readonly count: number }[];
  readonly labels: number;
  readonly tags: number;
  readonly peaks: readonly {
    readonly datapath: string;
    readonly what: 'rules' | 'groups' | 'meters' | 'vswitches';
    readonly count: number;
    readonly capacity?: number;
  }[];
  readonly boundaryPeak?: number;
  readonly time: { readonly ms: number; readonly by: number; readonly byPerson: number };
}

export interface Plan {
  readonly type: 'plan';
  readonly vswitch: string;
  readonly from: string;
  readonly to: string;
  readonly strategy: 'lime' | 'freeze';
  readonly whyStrategy?: string;
  readonly steps: readonly string[];
  readonly cost?: Cost;
}

export interface EnsemblePlan {
  readonly type: 'plan';
  readonly what: string;
  readonly groups: readonly (readonly (
    | {
        readonly type: 'vswitch';
        readonly vswitch: string;
        readonly from: string;
        readonly to: string;
        readonly strategy: 'lime' | 'freeze';
        readonly emptiesFirst?: boolean;
        readonly whyStrategy?: string;
        readonly portsAtOnce?: number;
        readonly guard?: 'redirect' | 'drop';
        readonly probe?: boolean;
      }
    | {
        readonly type: 'host';
        readonly host: string;
        readonly vswitch: string;
        readonly vport: number;
        readonly from: { readonly device: string; readonly port: number };
        readonly to: { readonly device: string; readonly port: number };
        readonly driver: 'exec' | 'manual' | 'netns' | 'qemu';
      }
  )[])[];
  readonly cost: Cost;
  readonly steps: readonly string[];
  readonly stays: readonly string[];
  readonly members: readonly {
    readonly vswitch: string;
    readonly from: string;
    readonly among: readonly string[];
    readonly leaves: readonly string[];
  }[];
  readonly byHand: readonly string[];
  readonly drains?: string;
  readonly vacates?: readonly string[];
  readonly holds?: true;
  readonly joins?: { readonly vswitch: string; readonly on: string };
}

export interface MemberPlan {
  readonly type: 'memberPlan';
  readonly vswitch: string;
  readonly from?: string;
  readonly to?: string;
  readonly members: readonly string[];
  readonly partial?: readonly string[];
  readonly steps: readonly string[];
}

export interface Problems {
  readonly type: 'problems';
  readonly problems: readonly string[];
}

export interface MigrateResult {
  readonly plan: Plan | EnsemblePlan | MemberPlan | Problems;
  readonly migration?: Migration;
  readonly ensemble?: Ensemble;
  readonly members?: readonly Migration[];
  readonly hosts?: readonly HostMove[];
  readonly member?: {
    readonly id: number;
    readonly tookMs: number;
    readonly whyNot?: readonly string[];
    readonly isUndone?: true;
    readonly said: readonly string[];
    readonly isInFile: boolean;
  };
  readonly membersLeft?: readonly {
    readonly vswitch: string;
    readonly from?: string;
    readonly to?: string;
    readonly tookMs: number;
    readonly why?: string;
  }[];
}

export interface MigrateOperation {
  readonly id: number;
  readonly by: string;
  readonly state: 'running' | 'done' | 'refused';
  readonly startedMs: number;
  readonly endedMs?: number;
  readonly why?: string;
  readonly method: 'migrate';
  readonly progress?: MigrateProgress;
  readonly result?: MigrateResult;
}

export interface HostPlan {
  readonly type: 'hostPlan';
  readonly host: string;
  readonly vswitch: string;
  readonly vport: number;
  readonly from: { readonly device: string; readonly port: number };
  readonly to: { readonly device: string; readonly port: number };
  readonly driver: 'exec' | 'manual' | 'netns' | 'qemu';
  readonly steps: readonly string[];
}

export interface MoveOperation {
  readonly id: number;
  readonly by: string;
  readonly state: 'running' | 'done' | 'refused';
  readonly startedMs: number;
  readonly endedMs?: number;
  readonly why?: string;
  readonly method: 'move';
  readonly progress?: HostMove;
  readonly result?: { readonly plan: HostPlan | Problems; readonly move?: HostMove };
}

export interface Event {
  readonly id: number;
  readonly atMs: number;
  readonly level: 'info' | 'warn' | 'error';
  readonly what: string;
  readonly about: Readonly<Record<string, unknown>>;
}

export interface TenantUse {
  readonly tenant: string;
  readonly tables: {
    readonly rules: { readonly used: number; readonly limit?: number };
    readonly groups: { readonly used: number; readonly limit?: number };
    readonly meters: { readonly used: number; readonly limit?: number };
  };
  readonly messages: {
    readonly toControllers: {
      readonly packetIns: number;
      readonly replies: number;
      readonly events: number;
    };
    readonly fromControllers: {
      readonly changes: number;
      readonly packetOuts: number;
      readonly statistics: number;
      readonly barriers: number;
      readonly others: number;
    };
    readonly shed: { readonly packetIns: number; readonly statistics: number };
  };
  readonly rates: Readonly<Record<string, { readonly perSec: number; readonly burst: number }>>;
  readonly connections: number;
  readonly waiting: number;
  readonly outboxBytes: number;
}

export interface FileSchedule {
  readonly move: readonly string[];
  readonly every: string;
  readonly jitter: string;
  readonly to?: readonly string[];
  readonly choose?: string;
  readonly 'away-from'?: readonly string[];
  readonly 'not-last'?: string;
  readonly quiet?: string;
  readonly 'at-most'?: string;
  readonly 'pause-above'?: string;
  readonly hosts?: string;
  readonly probe?: string;
}

export interface FileOptimize {
  readonly for: string;
  readonly every: string;
  readonly gain?: string;
  readonly 'at-most'?: string;
  readonly quiet?: string;
  readonly exempt?: readonly string[];
  readonly over?: string;
}

export interface FileDatapath {
  readonly dpid: string;
  readonly ack?: string;
  readonly certificate?: string;
  readonly encoding?: string;
  readonly ovsdb?: string;
  readonly capacity?: {
    readonly rules?: string;
    readonly groups?: string;
    readonly meters?: string;
    readonly vswitches?: string;
  };
}

export interface FileTenant {
  readonly controllers?: readonly string[];
  readonly openflow?: readonly string[];
  readonly buffers?: string;
  readonly importance?: string;
  readonly redial?: { readonly first: string; readonly max: string };
  readonly tls?: {
    readonly key: string;
    readonly certificate: string;
    readonly ca: string;
    readonly peer?: string;
  };
  readonly vswitches?: Readonly<
    Record<
      string,
      {
        readonly dpid: string;
        readonly on?: string | readonly string[];
        readonly consistency?: string;
        readonly partial?: readonly string[];
        readonly bodies?: string;
        readonly place?: string;
        readonly controllers?: readonly string[];
        readonly listen?: readonly string[];
        readonly reserve?: {
          readonly rules?: string;
          readonly groups?: string;
          readonly meters?: string;
        };
        readonly ports?: Readonly<
          Record<string, { readonly name?: string; readonly mac?: string }>
        >;
      }
    >
  >;
  readonly hosts?: Readonly<
    Record<
      string,
      {
        readonly port: string;
        readonly at?: string | readonly string[];
        readonly vlan?: string;
        readonly vlans?: string;
        readonly bandwidth?: string;
        readonly queues?: Readonly<Record<string, string>>;
      }
    >
  >;
  readonly links?: readonly (
    | string
    | {
        readonly ends: string;
        readonly bandwidth?: string;
        readonly via?: readonly string[];
        readonly avoid?: readonly string[];
        readonly spread?: string;
      }
  )[];
  readonly limits?: {
    readonly rules?: string;
    readonly groups?: string;
    readonly meters?: string;
    readonly 'packet-ins'?: string;
    readonly 'to-controllers'?: string;
    readonly changes?: string;
    readonly 'packet-outs'?: string;
    readonly statistics?: string;
    readonly 'from-controllers'?: string;
    readonly outbox?: string;
    readonly 'per-datapath'?: {
      readonly rules?: string;
      readonly groups?: string;
      readonly meters?: string;
    };
    readonly on?: Readonly<
      Record<
        string,
        { readonly rules?: string; readonly groups?: string; readonly meters?: string }
      >
    >;
    readonly bandwidth?: Readonly<Record<string, string>>;
  };
}

export interface File {
  readonly listen?: readonly string[];
  readonly control?: string;
  readonly traffic?: string;
  readonly store?: string | { readonly path: string; readonly sync?: string };
  readonly api?: { readonly listen?: readonly string[] };
  readonly tls?: {
    readonly key: string;
    readonly certificate: string;
    readonly ca: string;
    readonly peer?: string;
  };
  readonly datapaths: Readonly<Record<string, FileDatapath>>;
  readonly links?: readonly (
    | string
    | {
        readonly ends: string;
        readonly bandwidth?: string;
        readonly cost?: string;
        readonly mtu?: string;
        readonly tunnel?: {
          readonly type: string;
          readonly between: string;
          readonly key?: string;
        };
      }
  )[];
  readonly failover?: {
    readonly backups: string;
    readonly away: string;
    readonly revert: string;
    readonly replace: string;
  };
  readonly drivers?: {
    readonly exec?: readonly string[];
    readonly netns?: string;
    readonly limit?: string;
    readonly qemu?: { readonly source: string; readonly target: string; readonly uri: string };
  };
  readonly zones?: Readonly<Record<string, readonly string[]>>;
  readonly migrations?: { readonly keep: string };
  readonly schedules?: Readonly<Record<string, FileSchedule>>;
  readonly 'on-idle'?: {
    readonly exec: readonly string[];
    readonly limit?: string;
    readonly after?: string;
  };
  readonly 'evacuate-on'?: {
    readonly errors?: string;
    readonly flaps?: string;
    readonly slow?: string;
    readonly for?: string;
    readonly within?: string;
    readonly again?: string;
    readonly among?: readonly string[];
  };
  readonly optimize?: FileOptimize;
  readonly offers?: Readonly<
    Record<string, string | { readonly at: string; readonly vlan: string }>
  >;
  readonly quotas?: Readonly<
    Record<
      string,
      {
        readonly networks?: string;
        readonly vswitches?: string;
        readonly hosts?: string;
        readonly links?: string;
        readonly rules?: string;
        readonly groups?: string;
        readonly meters?: string;
        readonly bandwidth?: string;
        readonly lifetime?: string;
        readonly approval?: string;
        readonly offers?: readonly string[];
        readonly on?: readonly string[];
        readonly controllers?: readonly string[];
        readonly tls?: {
          readonly key: string;
          readonly certificate: string;
          readonly ca: string;
          readonly peer?: string;
        };
      }
    >
  >;
  readonly tenants: Readonly<Record<string, FileTenant>>;
}

export type FileValue =
  | string
  | readonly (
      | string
      | readonly (
          | string
          | readonly (string | readonly string[] | Readonly<Record<string, string>>)[]
          | Readonly<Record<string, string | readonly string[] | Readonly<Record<string, string>>>>
        )[]
      | Readonly<
          Record<
            string,
            | string
            | readonly (string | readonly string[] | Readonly<Record<string, string>>)[]
            | Readonly<
                Record<string, string | readonly string[] | Readonly<Record<string, string>>>
              >
          >
        >
    )[]
  | Readonly<
      Record<
        string,
        | string
        | readonly (
            | string
            | readonly (string | readonly string[] | Readonly<Record<string, string>>)[]
            | Readonly<
                Record<string, string | readonly string[] | Readonly<Record<string, string>>>
              >
          )[]
        | Readonly<
            Record<
              string,
              | string
              | readonly (string | readonly string[] | Readonly<Record<string, string>>)[]
              | Readonly<
                  Record<string, string | readonly string[] | Readonly<Record<string, string>>>
                >
            >
          >
      >
    >;

export type Change =
  | {
      readonly type: 'removed';
      readonly kind:
        | 'setting'
        | 'listener'
        | 'tls'
        | 'datapath'
        | 'cable'
        | 'tenant'
        | 'limits'
        | 'vswitch'
        | 'controller'
        | 'vport'
        | 'host'
        | 'link';
      readonly name: string;
      readonly tenant?: string;
      readonly fields: Readonly<Record<string, FileValue>>;
    }
  | {
      readonly type: 'added';
      readonly kind:
        | 'setting'
        | 'listener'
        | 'tls'
        | 'datapath'
        | 'cable'
        | 'tenant'
        | 'limits'
        | 'vswitch'
        | 'controller'
        | 'vport'
        | 'host'
        | 'link';
      readonly name: string;
      readonly tenant?: string;
      readonly fields: Readonly<Record<string, FileValue>>;
      readonly renamed?: string;
    }
  | {
      readonly type: 'changed';
      readonly kind:
        | 'setting'
        | 'listener'
        | 'tls'
        | 'datapath'
        | 'cable'
        | 'tenant'
        | 'limits'
        | 'vswitch'
        | 'controller'
        | 'vport'
        | 'host'
        | 'link';
      readonly name: string;
      readonly tenant?: string;
      readonly fields: readonly {
        readonly field: string;
        readonly from?: FileValue;
        readonly to?: FileValue;
      }[];
    };

export interface Differing {
  readonly changes: readonly Change[];
  readonly seen: Readonly<
    Record<
      string,
      readonly {
        readonly vswitch: string;
        readonly what: string;
        readonly type:
          | 'portAdd'
          | 'portDelete'
          | 'portModify'
          | 'disconnected'
          | 'dialled'
          | 'interrupted'
          | 'rerouted'
          | 'queues'
          | 'limits';
        readonly why: string;
      }[]
    >
  >;
  readonly text: string;
}

export type ApplyResult =
  | {
      readonly type: 'applied';
      readonly said: readonly string[];
      readonly waits: readonly string[];
    }
  | { readonly type: 'dryRun'; readonly waits: readonly string[] }
  | { readonly type: 'refused'; readonly whyNot: readonly string[] }
  | { readonly type: 'takenBack'; readonly whyNot: readonly string[] };

export interface ApplyOperation {
  readonly id: number;
  readonly by: string;
  readonly state: 'running' | 'done' | 'refused';
  readonly startedMs: number;
  readonly endedMs?: number;
  readonly why?: string;
  readonly method: 'apply';
  readonly progress?: Differing;
  readonly result?: ApplyResult;
}

export interface DrainPlan {
  readonly type: 'plan';
  readonly datapath: string;
  readonly datapaths: readonly string[];
  readonly isAvoided: boolean;
  readonly isHeld: boolean;
  readonly isDone: boolean;
  readonly through: number;
  readonly bodies: readonly string[];
  readonly members: readonly string[];
  readonly hosts: readonly string[];
  readonly parts: readonly {
    readonly on: string;
    readonly bodies: readonly string[];
    readonly members: readonly string[];
    readonly hosts: readonly string[];
  }[];
}

export interface DrainResult {
  readonly plan: DrainPlan | Problems;
  readonly text?: string;
  readonly membersLeft?: readonly {
    readonly vswitch: string;
    readonly from?: string;
    readonly to?: string;
    readonly tookMs: number;
    readonly why?: string;
  }[];
}

export interface DrainOperation {
  readonly id: number;
  readonly by: string;
  readonly state: 'running' | 'done' | 'refused';
  readonly startedMs: number;
  readonly endedMs?: number;
  readonly why?: string;
  readonly method: 'drain';
  readonly progress?: MigrateProgress;
  readonly result?: DrainResult | MigrateResult;
}

export interface UndrainOperation {
  readonly id: number;
  readonly by: string;
  readonly state: 'running' | 'done' | 'refused';
  readonly startedMs: number;
  readonly endedMs?: number;
  readonly why?: string;
  readonly method: 'undrain';
  readonly progress?: MigrateProgress;
  readonly result?: DrainResult | MigrateResult;
}

export interface EvacuationPlan {
  readonly type: 'evacuationPlan';
  readonly what: string;
  readonly datapaths: readonly string[];
  readonly withinMs: number;
  readonly steps: readonly {
    readonly vswitch: string;
    readonly importance: number;
    readonly endMs: number;
    readonly isInTime: boolean;
    readonly rules: number;
    readonly to: string;
    readonly strategy: 'lime' | 'freeze';
    readonly startMs: number;
  }[];
  readonly members: readonly {
    readonly vswitch: string;
    readonly from: string;
    readonly among: readonly string[];
    readonly leaves: readonly string[];
    readonly importance: number;
    readonly endMs: number;
    readonly isInTime: boolean;
    readonly to?: string;
  }[];
  readonly stuck: readonly {
    readonly vswitch: string;
    readonly importance: number;
    readonly why: string;
  }[];
  readonly byHand: readonly string[];
}

export interface EvacuateOperation {
  readonly id: number;
  readonly by: string;
  readonly state: 'running' | 'done' | 'refused';
  readonly startedMs: number;
  readonly endedMs?: number;
  readonly why?: string;
  readonly method: 'evacuate';
  readonly progress?:
    | { readonly plan: EvacuationPlan }
    | {
        readonly left: {
          readonly name: string;
          readonly importance: number;
          readonly from: string;
          readonly to: string;
          readonly strategy?: 'lime' | 'freeze';
          readonly startMs?: number;
          readonly endMs?: number;
          readonly isAway: boolean;
          readonly isInTime: boolean;
          readonly why?: string;
        };
      };
  readonly result?: {
    readonly plan?: EvacuationPlan;
    readonly evacuation?: {
      readonly id: number;
      readonly what: string;
      readonly datapaths: readonly string[];
      readonly cause: string;
      readonly withinMs: number;
      readonly startedMs: number;
      readonly endedMs?: number;
      readonly late: readonly {
        readonly vswitch: string;
        readonly importance: number;
        readonly why: string;
      }[];
      readonly left: readonly {
        readonly name: string;
        readonly importance: number;
        readonly from: string;
        readonly to: string;
        readonly strategy?: 'lime' | 'freeze';
        readonly startMs?: number;
        readonly endMs?: number;
        readonly isAway: boolean;
        readonly isInTime: boolean;
        readonly why?: string;
      }[];
      readonly byHand: readonly string[];
      readonly ways?: string;
    };
  };
}

export interface DeployOperation {
  readonly id: number;
  readonly by: string;
  readonly state: 'running' | 'done' | 'refused';
  readonly startedMs: number;
  readonly endedMs?: number;
  readonly why?: string;
  readonly method: 'deploy';
  readonly progress?: Differing;
  readonly result?:
    | {
        readonly type: 'applied';
        readonly said: readonly string[];
        readonly waits: readonly string[];
        readonly vswitches?: readonly {
          readonly name: string;
          readonly on: string;
          readonly rules: number;
        }[];
        readonly hosts?: readonly {
          readonly name: string;
          readonly at: string;
          readonly why?: string;
        }[];
        readonly tookMs?: number;
      }
    | {
        readonly type: 'dryRun';
        readonly waits: readonly string[];
        readonly vswitches?: readonly {
          readonly name: string;
          readonly on: string;
          readonly rules: number;
        }[];
        readonly hosts?: readonly {
          readonly name: string;
          readonly at: string;
          readonly why?: string;
        }[];
        readonly tookMs?: number;
      }
    | {
        readonly type: 'refused';
        readonly whyNot: readonly string[];
        readonly vswitches?: readonly {
          readonly name: string;
          readonly on: string;
          readonly rules: number;
        }[];
        readonly hosts?: readonly {
          readonly name: string;
          readonly at: string;
          readonly why?: string;
        }[];
        readonly tookMs?: number;
      }
    | {
        readonly type: 'takenBack';
        readonly whyNot: readonly string[];
        readonly vswitches?: readonly {
          readonly name: string;
          readonly on: string;
          readonly rules: number;
        }[];
        readonly hosts?: readonly {
          readonly name: string;
          readonly at: string;
          readonly why?: string;
        }[];
        readonly tookMs?: number;
      };
}

export interface MirrorOperation {
  readonly id: number;
  readonly by: string;
  readonly state: 'running' | 'done' | 'refused';
  readonly startedMs: number;
  readonly endedMs?: number;
  readonly why?: string;
  readonly method: 'mirror';
  readonly result?: {
    readonly outcome?: ApplyResult;
    readonly mirrors: readonly {
      readonly vswitch: string;
      readonly at: string;
      readonly vlans: Readonly<Record<string, number>>;
      readonly rules: number;
      readonly why: string;
    }[];
  };
}

export interface Token {
  readonly id: string;
  readonly name: string;
  readonly role: 'operator' | 'viewer' | 'owner';
  readonly tenant?: string;
  readonly quota?: string;
  readonly madeMs: number;
  readonly expiresMs?: number;
}

export interface AskedNetwork {
  readonly controllers?: string | readonly string[];
  readonly openflow?: string | readonly string[];
  readonly vswitches: Readonly<
    Record<
      string,
      {
        readonly dpid?: string;
        readonly on?: string;
        readonly place?: string;
        readonly consistency?: string;
        readonly controllers?: string | readonly string[];
        readonly ports?: Readonly<
          Record<string, { readonly name?: string; readonly mac?: string }>
        >;
      }
    >
  >;
  readonly hosts?: Readonly<Record<string, { readonly port: string; readonly offer?: string }>>;
  readonly links?:
    | string
    | { readonly ends: string }
    | readonly (string | { readonly ends: string })[];
  readonly limits?: { readonly rules?: string; readonly groups?: string; readonly meters?: string };
}

export interface Life {
  readonly owner: string;
  readonly quota: string;
  readonly state: 'pending' | 'rejected' | 'running' | 'paused';
  readonly madeMs: number;
  readonly endsMs?: number;
  readonly endsSoon: boolean;
  readonly isEnding: boolean;
  readonly frozen?: string;
  readonly why?: string;
  readonly counts: {
    readonly networks?: number;
    readonly vswitches?: number;
    readonly hosts?: number;
    readonly links?: number;
    readonly rules?: number;
    readonly groups?: number;
    readonly meters?: number;
  };
  readonly asked: AskedNetwork;
  readonly offers: Readonly<Record<string, string>>;
  readonly version: number;
}

export interface OwnUse {
  readonly tables?: {
    readonly rules: { readonly used: number; readonly limit?: number };
    readonly groups: { readonly used: number; readonly limit?: number };
    readonly meters: { readonly used: number; readonly limit?: number };
  };
  readonly messages?: {
    readonly toControllers: {
      readonly packetIns: number;
      readonly replies: number;
      readonly events: number;
    };
    readonly fromControllers: {
      readonly changes: number;
      readonly packetOuts: number;
      readonly statistics: number;
      readonly barriers: number;
      readonly others: number;
    };
    readonly shed: { readonly packetIns: number; readonly statistics: number };
  };
  readonly rates?: Readonly<Record<string, { readonly perSec: number; readonly burst: number }>>;
  readonly connections?: number;
  readonly waiting?: number;
  readonly outboxBytes?: number;
}

export interface Network {
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
  readonly use: OwnUse;
  readonly missing: readonly string[];
  readonly life?: Life;
}

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
    readonly answer: Status;
  };
  'GET /api/v1/links': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: readonly Link[];
  };
  'GET /api/v1/topology': {
    readonly path: object;
    readonly query: { readonly load?: boolean };
    readonly body: undefined;
    readonly answer: Topology;
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
    readonly answer: readonly Migration[];
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
      readonly probe?: boolean;
      readonly portsAtOnce?: number | string;
      readonly movesAtOnce?: number | string;
      readonly dryRun?: boolean;
      readonly noWatch?: boolean;
    };
    readonly answer: MigrateOperation;
  };
  'GET /api/v1/migrations/{id}': {
    readonly path: { readonly id: number };
    readonly query: object;
    readonly body: undefined;
    readonly answer: Migration;
  };
  'GET /api/v1/host-moves': {
    readonly path: object;
    readonly query: {
      readonly limit?: number;
      readonly after?: number;
      readonly host?: string;
      readonly state?: string;
    };
    readonly body: undefined;
    readonly answer: readonly HostMove[];
  };
  'POST /api/v1/host-moves': {
    readonly path: object;
    readonly query: { readonly dryRun?: boolean };
    readonly body: {
      readonly host: string;
      readonly to: string;
      readonly driver?: string;
      readonly probe?: boolean;
      readonly dryRun?: boolean;
    };
    readonly answer: MoveOperation;
  };
  'GET /api/v1/host-moves/{id}': {
    readonly path: { readonly id: number };
    readonly query: object;
    readonly body: undefined;
    readonly answer: HostMove;
  };
  'GET /api/v1/ensembles': {
    readonly path: object;
    readonly query: { readonly limit?: number; readonly after?: number; readonly state?: string };
    readonly body: undefined;
    readonly answer: readonly Ensemble[];
  };
  'GET /api/v1/ensembles/{id}': {
    readonly path: { readonly id: number };
    readonly query: object;
    readonly body: undefined;
    readonly answer: Ensemble;
  };
  'GET /api/v1/events': {
    readonly path: object;
    readonly query: {
      readonly since?: number;
      readonly limit?: number;
      readonly level?: 'info' | 'warn' | 'error';
    };
    readonly body: undefined;
    readonly answer: readonly Event[];
  };
  'GET /api/v1/readiness': {
    readonly path: object;
    readonly query: { readonly names?: string | readonly string[] };
    readonly body: undefined;
    readonly answer: { readonly missing: readonly string[]; readonly count: number };
  };
  'GET /api/v1/use': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: { readonly atMs: number; readonly tenants: readonly TenantUse[] };
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
      readonly pairs: readonly {
        readonly tenant: string;
        readonly from: string;
        readonly to: string;
        readonly now?: number;
        readonly mean?: number;
        readonly peak?: number;
        readonly points?: readonly {
          readonly agoMs: number;
          readonly lastsMs: number;
          readonly mean: number;
          readonly peak: number;
        }[];
      }[];
      readonly cables: readonly {
        readonly from: string;
        readonly to: string;
        readonly now?: number;
        readonly mean?: number;
        readonly peak?: number;
        readonly points?: readonly {
          readonly agoMs: number;
          readonly lastsMs: number;
          readonly mean: number;
          readonly peak: number;
        }[];
        readonly kbps?: number;
        readonly latencyMs?: number;
        readonly latency?: {
          readonly now?: number;
          readonly mean?: number;
          readonly peak?: number;
          readonly points?: readonly {
            readonly agoMs: number;
            readonly lastsMs: number;
            readonly mean: number;
            readonly peak: number;
          }[];
        };
      }[];
      readonly datapaths: readonly {
        readonly datapath: string;
        readonly now?: number;
        readonly mean?: number;
        readonly peak?: number;
        readonly points?: readonly {
          readonly agoMs: number;
          readonly lastsMs: number;
          readonly mean: number;
          readonly peak: number;
        }[];
        readonly entries?: number;
        readonly answeredMs?: number;
        readonly answered?: {
          readonly now?: number;
          readonly mean?: number;
          readonly peak?: number;
          readonly points?: readonly {
            readonly agoMs: number;
            readonly lastsMs: number;
            readonly mean: number;
            readonly peak: number;
          }[];
        };
      }[];
      readonly leftOut: number;
    };
  };
  'GET /api/v1/flows': {
    readonly path: object;
    readonly query: { readonly vswitch: string; readonly physical?: boolean };
    readonly body: undefined;
    readonly answer: {
      readonly vswitch: string;
      readonly ports: readonly Port[];
      readonly flows: readonly string[];
      readonly serials?: readonly number[];
      readonly ways?: readonly {
        readonly to: string;
        readonly role: 'used' | 'shared' | 'spare' | 'backup';
        readonly hops: readonly {
          readonly datapath: string;
          readonly by?: string;
          readonly packets?: number;
        }[];
      }[];
      readonly physical: readonly {
        readonly datapath: string;
        readonly why: string;
        readonly flows: readonly string[];
        readonly purposes?: readonly string[];
        readonly rules?: readonly (number | null)[];
        readonly groups: readonly string[];
      }[];
    };
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
      readonly virtual: {
        readonly visits: readonly {
          readonly where: string;
          readonly packet: string;
          readonly lines: readonly { readonly depth: number; readonly text: string }[];
        }[];
        readonly ends: readonly {
          readonly to: string;
          readonly packet: string;
          readonly isPerhaps: boolean;
        }[];
      };
      readonly physical: {
        readonly visits: readonly {
          readonly where: string;
          readonly packet: string;
          readonly lines: readonly { readonly depth: number; readonly text: string }[];
        }[];
        readonly ends: readonly {
          readonly to: string;
          readonly packet: string;
          readonly isPerhaps: boolean;
        }[];
      };
      readonly differences: readonly string[];
      readonly verified?: readonly {
        readonly datapath: string;
        readonly asked: string;
        readonly why: string;
        readonly differences: readonly string[];
        readonly actions: string;
      }[];
    };
  };
  'GET /api/v1/log': {
    readonly path: object;
    readonly query: { readonly modules?: string | readonly string[] };
    readonly body: undefined;
    readonly answer: { readonly levels: Readonly<Record<string, string>> };
  };
  'PUT /api/v1/log': {
    readonly path: object;
    readonly query: object;
    readonly body: { readonly modules?: string | readonly string[]; readonly level: string };
    readonly answer: { readonly levels: Readonly<Record<string, string>> };
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
    readonly answer: readonly {
      readonly name: string;
      readonly fields: FileSchedule | FileOptimize;
      readonly vswitches: readonly string[];
      readonly moves: number;
      readonly last: string;
      readonly lastMs?: number;
      readonly inMs: number;
    }[];
  };
  'GET /api/v1/secrecy': {
    readonly path: object;
    readonly query: { readonly tenant?: string | readonly string[]; readonly windowMs: number };
    readonly body: undefined;
    readonly answer: {
      readonly tenants: readonly string[];
      readonly sinceMs: number;
      readonly nowMs: number;
      readonly moves: number;
      readonly undone: number;
      readonly tookMs: number;
      readonly stale: number;
      readonly messages: number;
      readonly dropped: number;
      readonly frozen: number;
      readonly probed?: { readonly sent: number; readonly lost: number; readonly twice: number };
      readonly peak?: { readonly on: string; readonly entries: number };
      readonly vswitches: readonly {
        readonly vswitch: string;
        readonly moves: number;
        readonly places: number;
        readonly longestMs: number;
        readonly entropy: number;
        readonly entropyMax: number;
        readonly guesses: {
          readonly last: { readonly hits: number; readonly tried: number };
          readonly frequent: { readonly hits: number; readonly tried: number };
          readonly markov: { readonly hits: number; readonly tried: number };
        };
      }[];
      readonly together: readonly {
        readonly tenants: readonly string[];
        readonly on: string;
        readonly totalMs: number;
        readonly longestMs: number;
      }[];
      readonly stays: readonly {
        readonly vswitch: string;
        readonly on: string;
        readonly fromMs: number;
        readonly toMs: number;
      }[];
    };
  };
  'GET /api/v1/configuration': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: {
      readonly file: File;
      readonly avoided: readonly string[];
      readonly held: readonly string[];
      readonly told: Readonly<
        Record<
          string,
          {
            readonly rules?: number;
            readonly groups?: number;
            readonly meters?: number;
            readonly vswitches?: number;
          }
        >
      >;
    };
  };
  'PUT /api/v1/configuration': {
    readonly path: object;
    readonly query: { readonly dryRun?: boolean };
    readonly body: { readonly file?: string; readonly text?: string; readonly dryRun?: boolean };
    readonly answer: ApplyOperation;
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
      readonly probe?: boolean;
      readonly portsAtOnce?: number | string;
      readonly movesAtOnce?: number | string;
      readonly dryRun?: boolean;
      readonly noWatch?: boolean;
    };
    readonly answer: DrainOperation;
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
      readonly probe?: boolean;
      readonly portsAtOnce?: number | string;
      readonly movesAtOnce?: number | string;
      readonly dryRun?: boolean;
      readonly noWatch?: boolean;
    };
    readonly answer: UndrainOperation;
  };
  'GET /api/v1/idle': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: readonly {
      readonly object: string;
      readonly kind: 'datapath' | 'link';
      readonly parts: readonly string[];
      readonly stays?: string;
      readonly state: 'idle' | 'telling' | 'off' | 'waking';
      readonly sinceMs?: number;
      readonly why?: string;
    }[];
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
    readonly answer: EvacuateOperation;
  };
  'GET /api/v1/evacuations': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: readonly {
      readonly id: number;
      readonly what: string;
      readonly datapaths: readonly string[];
      readonly cause: string;
      readonly withinMs: number;
      readonly startedMs: number;
      readonly endedMs?: number;
      readonly late: readonly {
        readonly vswitch: string;
        readonly importance: number;
        readonly why: string;
      }[];
      readonly left: readonly {
        readonly name: string;
        readonly importance: number;
        readonly from: string;
        readonly to: string;
        readonly strategy?: 'lime' | 'freeze';
        readonly startMs?: number;
        readonly endMs?: number;
        readonly isAway: boolean;
        readonly isInTime: boolean;
        readonly why?: string;
      }[];
      readonly byHand: readonly string[];
      readonly ways?: string;
    }[];
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
      readonly objective: 'latency' | 'load' | 'energy' | 'spread';
      readonly score: { readonly before: number; readonly after: number };
      readonly before: {
        readonly busiest: number;
        readonly hops: number;
        readonly latencyMs: number;
        readonly datapaths: number;
        readonly cables: number;
        readonly pairs: number;
      };
      readonly after: {
        readonly busiest: number;
        readonly hops: number;
        readonly latencyMs: number;
        readonly datapaths: number;
        readonly cables: number;
        readonly pairs: number;
      };
      readonly moves: readonly {
        readonly vswitch: string;
        readonly from: string;
        readonly to: string;
        readonly rules: number;
        readonly groups: number;
        readonly meters: number;
        readonly rate: number;
        readonly bytes: number;
        readonly tookMs: number;
      }[];
      readonly cables: readonly {
        readonly from: string;
        readonly to: string;
        readonly before: number;
        readonly after: number;
      }[];
      readonly whyNot: readonly string[];
      readonly isWhole: boolean;
      readonly isUnmeasured: boolean;
    };
  };
  'POST /api/v1/discoveries': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: {
      readonly datapaths: readonly {
        readonly name: string;
        readonly file: FileDatapath;
        readonly isInFile: boolean;
        readonly why: string;
      }[];
      readonly links: readonly {
        readonly ends: readonly string[];
        readonly file:
          | string
          | {
              readonly ends: string;
              readonly bandwidth?: string;
              readonly cost?: string;
              readonly mtu?: string;
              readonly tunnel?: {
                readonly type: string;
                readonly between: string;
                readonly key?: string;
              };
            };
        readonly isInFile: boolean;
        readonly isFound: boolean;
        readonly isWide: boolean;
      }[];
      readonly notes: readonly string[];
    };
  };
  'GET /api/v1/packages/{tenant}': {
    readonly path: { readonly tenant: string };
    readonly query: object;
    readonly body: undefined;
    readonly answer: {
      readonly whole: {
        readonly tenant: string;
        readonly exported: string;
        readonly network: FileTenant;
        readonly hints: {
          readonly controllers?: readonly string[];
          readonly tls?: {
            readonly key: string;
            readonly certificate: string;
            readonly ca: string;
            readonly peer?: string;
          };
          readonly vswitches?: Readonly<
            Record<
              string,
              {
                readonly on?: string | readonly string[];
                readonly place?: string;
                readonly controllers?: readonly string[];
                readonly listen?: readonly string[];
              }
            >
          >;
          readonly hosts?: Readonly<
            Record<
              string,
              {
                readonly at?: string | readonly string[];
                readonly vlan?: string;
                readonly vlans?: string;
                readonly queues?: Readonly<Record<string, string>>;
              }
            >
          >;
          readonly links?: Readonly<
            Record<string, { readonly via?: readonly string[]; readonly avoid?: readonly string[] }>
          >;
          readonly limits?: {
            readonly on?: Readonly<
              Record<
                string,
                { readonly rules?: string; readonly groups?: string; readonly meters?: string }
              >
            >;
          };
        };
        readonly schedules: Readonly<Record<string, FileSchedule>>;
        readonly contents: Readonly<
          Record<
            string,
            {
              readonly ports: Readonly<Record<string, number>>;
              readonly meters: readonly { readonly reads: string; readonly frame: string }[];
              readonly groups: readonly { readonly reads: string; readonly frame: string }[];
              readonly rules: readonly {
                readonly rule: string;
                readonly table: number;
                readonly priority: number;
                readonly cookie: string;
                readonly flags: number;
                readonly idle: number;
                readonly hard: number;
                readonly match: string;
                readonly instructions: string;
              }[];
            }
          >
        >;
      };
      readonly leftOut: readonly string[];
    };
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
    readonly answer: DeployOperation;
  };
  'GET /api/v1/mirrors': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: {
      readonly mirrors: readonly {
        readonly vswitch: string;
        readonly at: string;
        readonly vlans: Readonly<Record<string, number>>;
        readonly rules: number;
        readonly why: string;
      }[];
    };
  };
  'POST /api/v1/mirrors': {
    readonly path: object;
    readonly query: { readonly dryRun?: boolean };
    readonly body: {
      readonly names?: string | readonly string[];
      readonly to?: string;
      readonly off?: boolean;
    };
    readonly answer: MirrorOperation;
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
      readonly method?:
        | 'apply'
        | 'migrate'
        | 'drain'
        | 'undrain'
        | 'evacuate'
        | 'move'
        | 'deploy'
        | 'mirror';
      readonly limit?: number;
      readonly after?: number;
    };
    readonly body: undefined;
    readonly answer: readonly (
      | ApplyOperation
      | MigrateOperation
      | DrainOperation
      | UndrainOperation
      | EvacuateOperation
      | MoveOperation
      | DeployOperation
      | MirrorOperation
    )[];
  };
  'GET /api/v1/operations/{id}': {
    readonly path: { readonly id: number };
    readonly query: object;
    readonly body: undefined;
    readonly answer:
      | ApplyOperation
      | MigrateOperation
      | DrainOperation
      | UndrainOperation
      | EvacuateOperation
      | MoveOperation
      | DeployOperation
      | MirrorOperation;
  };
  'GET /api/v1/tokens': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: readonly Token[];
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
      readonly handOver?: boolean;
    };
    readonly answer: { readonly token: string; readonly made: Token };
  };
  'DELETE /api/v1/tokens/{token}': {
    readonly path: { readonly token: string };
    readonly query: object;
    readonly body: undefined;
    readonly answer: Token;
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
      readonly hosts: number;
      readonly frozen?: string;
      readonly owner?: string;
      readonly quota?: string;
      readonly state?: 'pending' | 'rejected' | 'running' | 'paused';
      readonly madeMs?: number;
      readonly endsMs?: number;
      readonly endsSoon?: boolean;
      readonly isEnding?: boolean;
      readonly counts?: {
        readonly networks?: number;
        readonly vswitches?: number;
        readonly hosts?: number;
        readonly links?: number;
        readonly rules?: number;
        readonly groups?: number;
        readonly meters?: number;
      };
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
    readonly answer: { readonly name: string; readonly life?: Life };
  };
  'GET /api/v1/networks/{tenant}': {
    readonly path: { readonly tenant: string };
    readonly query: object;
    readonly body: undefined;
    readonly answer: Network;
  };
  'DELETE /api/v1/networks/{tenant}': {
    readonly path: { readonly tenant: string };
    readonly query: { readonly dryRun?: boolean };
    readonly body: undefined;
    readonly answer: { readonly name: string; readonly life?: Life };
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
    readonly answer: readonly Event[];
  };
  'PUT /api/v1/networks/{tenant}/controllers': {
    readonly path: { readonly tenant: string };
    readonly query: object;
    readonly body: { readonly controllers: readonly string[]; readonly dryRun?: boolean };
    readonly answer: { readonly name: string; readonly life?: Life };
  };
  'POST /api/v1/networks/{tenant}/pause': {
    readonly path: { readonly tenant: string };
    readonly query: { readonly dryRun?: boolean };
    readonly body: { readonly dryRun?: boolean };
    readonly answer: { readonly name: string; readonly life?: Life };
  };
  'POST /api/v1/networks/{tenant}/resume': {
    readonly path: { readonly tenant: string };
    readonly query: { readonly dryRun?: boolean };
    readonly body: { readonly dryRun?: boolean };
    readonly answer: { readonly name: string; readonly life?: Life };
  };
  'POST /api/v1/networks/{tenant}/extension': {
    readonly path: { readonly tenant: string };
    readonly query: object;
    readonly body: { readonly lifetimeMs: number };
    readonly answer: { readonly name: string; readonly life?: Life };
  };
  'POST /api/v1/networks/{tenant}/approval': {
    readonly path: { readonly tenant: string };
    readonly query: { readonly dryRun?: boolean };
    readonly body: { readonly dryRun?: boolean };
    readonly answer: { readonly name: string; readonly life?: Life };
  };
  'POST /api/v1/networks/{tenant}/rejection': {
    readonly path: { readonly tenant: string };
    readonly query: object;
    readonly body: { readonly why: string };
    readonly answer: { readonly name: string; readonly life?: Life };
  };
  'POST /api/v1/networks/{tenant}/freeze': {
    readonly path: { readonly tenant: string };
    readonly query: object;
    readonly body: { readonly why: string };
    readonly answer: { readonly name: string; readonly life?: Life };
  };
  'POST /api/v1/networks/{tenant}/unfreeze': {
    readonly path: { readonly tenant: string };
    readonly query: object;
    readonly body: undefined;
    readonly answer: { readonly name: string; readonly life?: Life };
  };
  'GET /api/v1/quota': {
    readonly path: object;
    readonly query: object;
    readonly body: undefined;
    readonly answer: {
      readonly quota: string;
      readonly most: {
        readonly networks?: number;
        readonly vswitches?: number;
        readonly hosts?: number;
        readonly links?: number;
        readonly rules?: number;
        readonly groups?: number;
        readonly meters?: number;
      };
      readonly used: {
        readonly networks?: number;
        readonly vswitches?: number;
        readonly hosts?: number;
        readonly links?: number;
        readonly rules?: number;
        readonly groups?: number;
        readonly meters?: number;
      };
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
