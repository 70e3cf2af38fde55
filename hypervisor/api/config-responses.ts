/**
 * A configuration as the API answers it: the contents of a file, in which every scalar is a text.
 * The guide ("The configuration file") says what each key means.
 */
import Type from 'typebox';
import { quotaCounts } from '../../slices/config/quotas.ts';
import { rateNames, tableKinds } from '../../slices/config/tenant-limits.ts';
import type { RunningResult } from '../operator/control-running.ts';
import {
  byName,
  closed,
  count,
  ends,
  listOf,
  may,
  named,
  says,
  text,
  texts,
  titled,
} from './response-values.ts';

const word = may(text());
const words = may(texts());
const amounts = [...tableKinds, 'vswitches'] as const;

/** One, or several. */
const on = may(Type.Union([text(), texts()]));

const TlsFile = closed({ key: text(), certificate: text(), ca: text(), peer: word });

const DatapathFile = titled('FileDatapath', {
  ...{ dpid: text('16 hex digits'), ack: word, certificate: word, encoding: word, ovsdb: word },
  capacity: may(closed(byName(amounts, word))),
});

const ended = { ends: text('s1:3 - s2:3'), bandwidth: word };
const tunnel = closed({ type: text(), between: text(), key: word });
const LinkFile = Type.Union([
  text(),
  closed({ ...ended, cost: word, mtu: word, tunnel: may(tunnel) }),
]);
const VlinkFile = Type.Union([
  text(),
  closed({ ...ended, via: words, avoid: words, spread: word }),
]);

const VswitchFile = closed({
  dpid: text('16 hex digits'),
  on,
  ...{ consistency: word, partial: words, bodies: word, place: word },
  ...{ controllers: words, listen: words },
  reserve: may(closed(byName(tableKinds, word))),
  ports: may(named(closed({ name: word, mac: word }), 'by number, or LOCAL')),
});

const shared = { vlan: word, vlans: word, bandwidth: word, queues: may(named(text())) };
const HostFile = closed({ port: text('v1:1'), at: on, ...shared });

const tables = byName(tableKinds, word);
const LimitsFile = closed({
  ...tables,
  ...byName(Object.values(rateNames), word),
  outbox: word,
  'per-datapath': may(closed(tables)),
  on: may(named(closed(tables))),
  bandwidth: may(named(text())),
});

export const TenantFile = titled('FileTenant', {
  ...{ controllers: words, openflow: words, buffers: word, importance: word },
  redial: may(closed({ first: text(), max: text() })),
  tls: may(TlsFile),
  vswitches: may(named(VswitchFile)),
  hosts: may(named(HostFile)),
  links: may(listOf(VlinkFile)),
  limits: may(LimitsFile),
});

export const ScheduleFile = titled('FileSchedule', {
  ...{ move: texts(), every: text(), jitter: text(), to: words, choose: word },
  ...{ 'away-from': words, 'not-last': word, quiet: word, 'at-most': word },
  ...{ 'pause-above': word, hosts: word, probe: word },
});

const QuotaFile = closed({
  ...byName(quotaCounts, word),
  ...{ bandwidth: word, lifetime: word, approval: word },
  ...{ offers: words, on: words, controllers: words, tls: may(TlsFile) },
});

const OptimizeFile = titled('FileOptimize', {
  ...{ for: text(), every: text(), gain: word, 'at-most': word, quiet: word },
  ...{ exempt: words, over: word },
});

const EvacuateOnFile = closed({
  ...{ errors: word, flaps: word, slow: word, for: word, within: word, again: word },
  among: words,
});

const DriversFile = closed({
  ...{ exec: words, netns: word, limit: word },
  qemu: may(closed({ source: text(), target: text(), uri: text() })),
});

/** What an owner has asked for: as it was written, so one value may stand for a list of it. */
export const AskedFile = titled('AskedNetwork', {
  ...{ controllers: on, openflow: on },
  vswitches: named(
    closed({
      ...{ dpid: word, on: word, place: word, consistency: word, controllers: on },
      ports: may(named(closed({ name: word, mac: word }))),
    }),
  ),
  hosts: may(named(closed({ port: text('v1:1'), offer: word }))),
  links: may(
    Type.Union([
      text(),
      closed({ ends: text() }),
      listOf(Type.Union([text(), closed({ ends: text() })])),
    ]),
  ),
  limits: may(closed(byName(tableKinds, word))),
});

/** What a package keeps apart: what names things of this physical network. */
export const HintsFile = closed({
  ...{ controllers: words, tls: may(TlsFile) },
  vswitches: may(named(closed({ ...{ on, place: word, controllers: words, listen: words } }))),
  hosts: may(named(closed({ at: on, vlan: word, vlans: word, queues: may(named(text())) }))),
  links: may(named(closed({ via: words, avoid: words }), 'by their ends')),
  limits: may(closed({ on: may(named(closed(tables))) })),
});

export const FileSchema = titled('File', {
  ...{ listen: words, control: word, traffic: word },
  store: may(Type.Union([text(), closed({ path: text(), sync: word })])),
  api: may(closed({ listen: words })),
  tls: may(TlsFile),
  datapaths: named(DatapathFile),
  links: may(listOf(LinkFile)),
  failover: may(closed({ backups: text(), away: text(), revert: text(), replace: text() })),
  drivers: may(DriversFile),
  zones: may(named(texts())),
  migrations: may(closed({ keep: text() })),
  schedules: may(named(ScheduleFile)),
  'on-idle': may(closed({ exec: texts(), limit: word, after: word })),
  'evacuate-on': may(EvacuateOnFile),
  optimize: may(OptimizeFile),
  offers: may(named(Type.Union([text('s1:5'), closed({ at: text(), vlan: text() })]))),
  quotas: may(named(QuotaFile)),
  tenants: named(TenantFile),
});

/** Of the schedule of that name; of `optimize:`, which is shown as one. */
export const ScheduleFields = Type.Union([ScheduleFile, OptimizeFile]);

const besideFile = {
  avoided: texts('datapaths that ways are led around'),
  held: texts('datapaths where nothing is placed'),
  told: named(closed(byName(amounts, may(count()))), 'what datapaths say that they have room for'),
};
says<Omit<RunningResult, 'file'>>()(closed(besideFile));

export const RunningSchema = closed({ file: FileSchema, ...besideFile });

export const DiscoverSchema = closed({
  datapaths: listOf(
    closed({
      ...{ name: text(), file: DatapathFile, isInFile: Type.Boolean() },
      why: text('why it was not looked at'),
    }),
  ),
  links: listOf(
    closed({
      ...{ ends, file: LinkFile, isInFile: Type.Boolean(), isFound: Type.Boolean() },
      isWide: Type.Boolean({ description: 'full-size frames pass' }),
    }),
  ),
  notes: texts(),
});
