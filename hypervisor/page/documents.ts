/**
 * The API's documents, as far as the page reads them (hypervisor/api/ has all of each; a test
 * compares the two).
 */
/** Whose token it is, and what it is good for. */
export interface Self {
  readonly name: string;
  readonly role: string;
  /** Of an owner. */
  readonly tenant?: string;
  /** Of an owner who makes networks. */
  readonly quota?: string;
}

export interface TopologyDocument {
  readonly atMs: number;
  readonly datapaths: readonly {
    readonly name: string;
    readonly dpid: string;
    readonly state: string;
    readonly why: string;
    readonly encoding: string;
    readonly isDrained: boolean;
    /** Bytes in a second. */
    readonly load?: number;
  }[];
  readonly links: readonly {
    readonly ends: readonly string[];
    readonly state: string;
    readonly text: string;
    readonly kbps?: number;
    readonly load: { readonly there?: number; readonly back?: number };
  }[];
  readonly hosts: readonly {
    readonly name: string;
    readonly vport: string;
    readonly at: readonly string[];
    readonly state: string;
    readonly why: string;
  }[];
  readonly tenants: readonly TenantDocument[];
}

export interface TenantDocument {
  readonly name: string;
  readonly vswitches: readonly {
    readonly name: string;
    readonly dpid: string;
    readonly on: readonly string[];
    readonly primary?: string;
    readonly down?: string;
    readonly rules: number;
    readonly ports: readonly {
      readonly port: string;
      readonly name: string;
      readonly state: string;
      readonly leadsTo: string;
    }[];
    readonly controllers: readonly {
      readonly target: string;
      readonly state: string;
      readonly why?: string;
    }[];
  }[];
  readonly links: readonly { readonly ends: readonly string[] }[];
  readonly ways: readonly {
    /** The vport at which it ends: `red/v1:2`. */
    readonly of: string;
    readonly role: string;
    readonly path: readonly string[];
    /** The ports by which it leaves each. */
    readonly links: readonly string[];
  }[];
}

export interface Migrated {
  readonly id: number;
  readonly vswitch: string;
  readonly from: string;
  readonly to: string;
  readonly strategy: string;
  /** The old body gives its rules up before the new one gets them. */
  readonly emptiesFirst?: boolean;
  readonly whyStrategy?: string;
  /** Absent: what enters the old body is led to the new one. */
  readonly guard?: string;
  readonly ensemble?: number;
  readonly plan?: readonly string[];
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
  readonly handOver?: {
    readonly tookMs: number;
    readonly held: number;
    readonly redirected?: number;
    readonly dropped?: number;
    readonly shared?: number;
    readonly inDoubt?: number;
  };
  readonly watched?: { readonly stale: number };
  readonly unproved?: readonly string[];
}

interface End {
  readonly device: string;
  readonly port: number;
}

/** A host that moves from one port of a datapath to another. */
export interface HostMoved {
  readonly id: number;
  readonly host: string;
  readonly vswitch: string;
  readonly vport: number;
  readonly from: End;
  readonly to: End;
  readonly driver: string;
  readonly ensemble?: number;
  readonly state: { readonly type: string; readonly why?: string };
  readonly stateSinceMs: number;
  readonly startedMs: number;
  readonly phases: Migrated['phases'];
  readonly said: readonly string[];
}

export interface FlowsDocument {
  readonly vswitch: string;
  readonly flows: readonly string[];
  /** The number of each. */
  readonly serials?: readonly number[];
  readonly ways?: readonly {
    readonly to: string;
    readonly role: string;
    readonly hops: readonly { readonly datapath: string; readonly packets?: number }[];
  }[];
  readonly physical?: readonly {
    readonly datapath: string;
    readonly why: string;
    readonly flows: readonly string[];
    readonly purposes?: readonly string[];
    /** Of each, the number of the rule that it is for; null: it is for none. */
    readonly rules?: readonly (number | null)[];
    readonly groups: readonly string[];
  }[];
}

/** Several migrations that are one; their numbers are of one series. */
export interface EnsembleDocument {
  readonly id: number;
  readonly what: string;
  readonly plan: readonly string[];
  readonly state: { readonly type: string; readonly why?: string };
  readonly stateSinceMs: number;
  readonly startedMs: number;
}

export interface Happened {
  readonly id: number;
  readonly atMs: number;
  readonly level: 'info' | 'warn' | 'error';
  readonly what: string;
  readonly about: Readonly<Record<string, unknown>>;
}

/** A virtual network as its owner sees it. */
export interface OwnDocument {
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
      readonly leadsTo: string;
      readonly state: string;
    }[];
    readonly refused: readonly Refusal[];
    readonly controllers: readonly {
      readonly target: string;
      readonly state: string;
      readonly why: string;
    }[];
  }[];
  readonly hosts: readonly {
    readonly name: string;
    readonly port: string;
    readonly state: string;
  }[];
  readonly links: readonly { readonly ends: readonly string[] }[];
  readonly use: Readonly<Record<string, unknown>>;
}

/** Of the list of networks; those of the file have no owner. */
export interface ListedDocument {
  readonly name: string;
  readonly vswitches: number;
  readonly hosts: number;
  /** Why the operator has frozen it. */
  readonly frozen?: string;
  readonly owner?: string;
  readonly quota?: string;
  readonly state?: string;
  readonly endsMs?: number;
  readonly endsSoon?: boolean;
  /** Its time is over, or it is being deleted. */
  readonly isEnding?: boolean;
  readonly counts?: Readonly<Record<string, number>>;
  /** Until it serves, a line each. */
  readonly missing?: readonly string[];
}

/** What an owner may have, and has. */
export interface QuotaDocument {
  readonly quota: string;
  readonly most: Readonly<Record<string, number>>;
  readonly used: Readonly<Record<string, number>>;
  readonly lifetimeMs?: number;
  readonly needsApproval: boolean;
  readonly offers: readonly { readonly name: string; readonly isFree: boolean }[];
}

/** An error that a controller was sent, and what it had asked for. */
export interface CausedError {
  readonly vswitch: string;
  readonly atMs: number;
  readonly controller: string;
  readonly request: string;
  readonly error: string;
  /** Not of an owner's. */
  readonly why?: string;
  readonly message: string;
}

/** Requests that were refused, of one kind: which, what they got, and why. */
export interface Refusal {
  readonly request: string;
  readonly error: string;
  readonly count: number;
  /** Not of an owner's. */
  readonly why?: string;
}

/** Of the operator's report of everything. */
export interface StatusDocument {
  readonly vswitches: readonly {
    readonly name: string;
    readonly refusedRequests: readonly Refusal[];
  }[];
}

/** A change that somebody asked for. */
export interface Audited {
  readonly atMs: number;
  readonly by: string;
  readonly role: string;
  readonly did: string;
  readonly outcome: string;
  readonly why?: string;
  readonly changed: readonly {
    readonly what: string;
    readonly before: string;
    readonly after: string;
  }[];
}
