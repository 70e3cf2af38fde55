/**
 * FlowVisor's black-box suite, behaviour by behaviour (87 of them), and the file whose test has the
 * ones that concern messages; or why there is none. FlowVisor sliced one network by header values
 * (flowspaces); here each tenant has a network of its own, so what tells slices apart is the port.
 */
import { type Covered, type Row, row } from '../support/rows.ts';

const basic = { in: 'peers/basic.test.ts' };
const actions = { in: 'peers/actions.test.ts' };
const rules = { in: 'peers/rules.test.ts' };
const api = { not: 'about FlowVisor’s own API or its data base, not about messages' };
const flowspace = {
  not: 'about slices of one network by header values, which there are none of here',
};

function rows(file: string, names: Readonly<Record<string, Covered>>): readonly Row[] {
  return Object.entries(names).map(([name, covered]) => row(`tests-${file}`, name, covered));
}

const kinds = [
  'DataLayerSource',
  'DataLayerDestination',
  'NetLayerSource',
  'NetLayerDestination',
  'NetLayerTOS',
  'TransportLayerSource',
  'TransportLayerDestination',
  'VlanId',
  'VlanPrio',
  'StripVlan',
];

export const behaviours: readonly Row[] = [
  ...kinds.flatMap((kind) =>
    rows('action', { [`${kind}Action`]: actions, [`${kind}Error`]: actions }),
  ),
  ...rows('api', {
    Ping: api,
    ListFlowSpace: api,
    ListDevices: api,
    GetLinks: api,
    ChangeFlowSpace: api,
    CreateSlice: api,
    DeleteSlice: api,
    SliceOwner: api,
  }),
  ...rows('arp', { FlowModArp: rules }),
  ...rows('basic', {
    PktInPerPort: basic,
    PktInPerSrcMac: flowspace,
    Echo: basic,
    PortStatus: basic,
    PaktOutCorrect: basic,
    PaktOutError: basic,
    PktOutFlood: basic,
    PktOutShort: basic,
    PktOutBufId: basic,
    Vendor: basic,
    PortStats: rules,
  }),
  ...rows('deleteSlice', { DelSlice: api }),
  ...rows('disconnected', { PktIn2Disconn: basic, BrokenFlowMod: basic }),
  ...rows('flood', { FeaturesReply: basic, PktOutFlood: basic, PktOutNoFloodPort: basic }),
  ...rows('flowdb', { TrackOff: api, TrackOn: api }),
  ...rows('flowlimit', {
    SliceLimit: { not: 'the limit is of a vswitch; a tenant’s is the sum of its vswitches’' },
    DPIDLimit: rules,
    SliceDPIDLimit: { not: 'a vswitch is of one tenant, so this is the limit of DPIDLimit' },
    ErrorLimit: rules,
  }),
  ...rows('flowmod', { ExpandNot: rules, Expand: rules }),
  ...rows('flowstats', {
    FlowStats: rules,
    FlowStatFragments: rules,
    FlowStatsSpecific: rules,
    'AggStats,': rules,
    AggStatsSpecific: rules,
  }),
  ...rows('port', { PktOutInport: basic, AddPort: basic, RmPortApi: api }),
  ...rows('queue', {
    EnqueueNoQueue: actions,
    EnqueueQueue: actions,
    EnqueueForce: flowspace,
    QueueConfig: rules,
  }),
  ...rows('ratelimit', {
    RateLimit: { not: 'messages are bounded by what waits (attacks 3.1.110), not by a rate' },
  }),
  ...rows('readonly', {
    PktInPing: flowspace,
    BrokenFlowMod: basic,
    PktOutLldp: basic,
    LldpErr1: { not: 'a tenant may send any frame by its own ports; none is taken for a probe' },
    LldpErr2: basic,
    Lldp2nobody: basic,
  }),
  ...rows('safety', {
    EchoPayload: basic,
    FeatReqErr: basic,
    FlowModFail: rules,
    OldOFVer: basic,
    Pkt2DelSlice: api,
  }),
  ...rows('stats', { PortStats: rules, QueueStats: rules, DescStats: rules, TableStats: rules }),
  ...rows('vlan', {
    NoVlan1: rules,
    NoVlan2: rules,
    Vlan1: rules,
    Vlan2: rules,
    Internet2_Vlans: rules,
  }),
];
