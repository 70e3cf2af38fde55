/**
 * The attacks that must be survived, by the ids of the catalogue that the project was made with,
 * and the file whose test tries each; or why a row is no affair of the OpenFlow channels.
 */
import { type Row, row } from '../support/rows.ts';

const messages = { in: 'attacks/messages.test.ts' };
const roles = { in: 'attacks/roles.test.ts' };
const switches = { in: 'attacks/switches.test.ts' };
const floods = { in: 'attacks/floods.test.ts' };
const holes = { in: 'attacks/holes.test.ts' };
const more = { in: 'attacks/holes-more.test.ts' };
const bodies = { in: 'attacks/holes-cloned.test.ts' };
const published = { in: 'attacks/published.test.ts' };
const tls = { in: 'hypervisor/tls.test.ts' };
const fuzz = { in: 'attacks/fuzzed.test.ts' };
const noApi = { not: 'about programs inside a controller: the API takes none, only requests' };
const noProcess = { not: 'about what a program does on its machine: we run none of a tenant' };
const noDiscovery = {
  not: 'topology is the file’s; what probes find is told, not acted on (hypervisor/probes.test)',
};

/** DELTA's cases (NDSS 2017). */
export const delta: readonly Row[] = [
  row('1.1.010', 'Port range violation', messages),
  row('1.1.011', 'TTP port range violation', messages),
  row('1.1.020', 'Table number violation', messages),
  row('1.1.030', 'Group identifier violation', messages),
  row('1.1.040', 'Meter identifier violation', messages),
  row('1.1.050', 'Table loop', messages),
  row('1.1.060', 'Corrupted control message type', messages),
  row('1.1.070', 'Unsupported version', messages),
  row('1.1.080', 'Supported but not negotiated version', messages),
  row('1.1.090', 'Invalid OXM type', messages),
  row('1.1.100', 'Invalid OXM length', messages),
  row('1.1.110', 'Invalid OXM value', messages),
  row('1.1.120', 'Disabled table-features request', messages),
  row('1.1.130', 'Handshake without Hello', messages),
  row('1.1.140', 'Control message before Hello', messages),
  row('1.1.150', 'HELLO_FAILED after connection', messages),
  row('1.1.160', 'Corrupted cookie', messages),
  row('1.1.170', 'Malformed buffer id', messages),
  row('1.2.010', 'Slave controller violation', roles),
  row('1.2.020', 'Corrupted generation id', roles),
  row('1.2.030', 'Auxiliary connection when the main one is down', roles),
  row('1.2.040', 'Auxiliary connection without Hello', roles),
  row('1.2.050', 'Auxiliary connection with messages it may not have', roles),
  row('2.1.010', 'Malformed version from switch', switches),
  row('2.1.020', 'Corrupted message type', switches),
  row('2.1.030', 'Handshake without Hello', switches),
  row('2.1.040', 'Message before Hello', switches),
  row('2.1.050', 'Several main connections with the same dpid', switches),
  row('2.1.060', 'Un-flagged flow-removed', switches),
  row('2.1.070', 'TLS support', tls),
  row('2.1.071', 'start-up with failed TLS', tls),
  row('2.1.072', 'invalid credentials', tls),
  row('2.1.073', 'control-packet modification', tls),
  row('2.1.080', 'Auxiliary connection that does not fit the main one', switches),
  row('3.1.001', 'Flow-rule inconsistency', { in: 'attacks/drift.test.ts' }),
  row('3.1.002', 'Flow-rule inconsistency of an output port', { in: 'attacks/drift.test.ts' }),
  row('3.1.010', 'Packet-in flooding', floods),
  row('3.1.020', 'Control-message drop', floods),
  row('3.1.030', 'Infinite loop of an application', floods),
  row('3.1.040', 'Internal storage abuse', noApi),
  row('3.1.050', 'Switch table flooding', floods),
  row('3.1.060', 'Switch identification spoofing', { in: 'hypervisor/acceptor.test.ts' }),
  row('3.1.070', 'Flow-rule modification', floods),
  row('3.1.080', 'Table clearance', floods),
  row('3.1.090', 'Event unsubscription', noApi),
  row('3.1.100', 'Application eviction', noApi),
  row('3.1.110', 'Memory exhaustion', floods),
  row('3.1.120', 'CPU exhaustion', floods),
  row('3.1.130', 'System variable manipulation', noProcess),
  row('3.1.140', 'System command execution', noProcess),
  row('3.1.150', 'Host-location hijack', noDiscovery),
  row('3.1.160', 'Link fabrication', noDiscovery),
  row('3.1.170', 'Eavesdrop', tls),
  row('3.1.180', 'Man in the middle', tls),
  row('3.1.190', 'Flow-rule flooding', floods),
  row('3.1.200', 'Switch firmware misuse', {
    not: 'slow paths are the hardware’s; what a rule may say is the same for every tenant',
  }),
  row('3.1.210', 'Packet-in data forge', switches),
  row('3.1.220', 'Malformed rule generation', floods),
  row('3.1.230', 'Rule-id spoofing', floods),
  row('3.1.240', 'Infinite rule synchronization', floods),
  row('3.1.250', 'Table-features reply amplification', floods),
  row('0.0.010', 'control plane, from seeds', fuzz),
  row('0.0.011', 'control plane, live', fuzz),
  row('0.0.020', 'data plane, from seeds', fuzz),
  row('0.0.021', 'data plane, live', { in: 'live/mirror/random.test.ts' }),
];

/** Holes of FlowVisor and OpenVirteX. */
export const isolation: readonly Row[] = [
  row('I1', 'vendor messages forwarded', holes),
  row('I2', 'vendor statistics forwarded', holes),
  row('I3', 'vendor actions approved', holes),
  row('I4', 'rewriting out of the slice', holes),
  row('I5', 'packet-out too short to be read', holes),
  row('I6', 'SET_CONFIG for everybody', holes),
  row('I7', 'DESC of the real switch', holes),
  row('I8', 'table statistics of everybody', holes),
  row('I9', 'features of the real switch', holes),
  row('I10', 'port statistics are the physical port’s', holes),
  row('I11', 'flow-removed to everybody', holes),
  row('I12', 'LLDP to everybody', more),
  row('I13', 'errors show the physical request', more),
  row('I14', 'barrier answered at once', bodies),
  row('I15', 'messages dropped in silence', more),
  row('I16', 'exceptions swallowed', more),
  row('I17', 'addresses rewritten to isolate', more),
  row('I18', 'ports and buffers that are not there', more),
  row('I19', 'fake capacities', more),
  row('I20', 'a controller that is ourselves', more),
  row('I21', 'table-fill side channel', more),
  row('I22', 'ids of two tenants that collide', more),
  row('I23', 'two copies answer', bodies),
  row('I24', 'a remap inferred from messages', bodies),
];

/** Families of attacks in the literature, and vulnerabilities of other products. */
export const families: readonly Row[] = [
  row('DELTA', '', { not: 'its cases are rows of their own, above' }),
  row('ConGuard:', 'events that meet at the wrong moment', published),
  row('TopoGuard and Sphinx', '', noDiscovery),
  row('CCS 2019', 'holes of the guards of discovery', noDiscovery),
  row('HMAC on LLDP', '', noDiscovery),
  row('SCN 2018:', 'table overflow to count the neighbours', published),
  row('arXiv 1704.08958:', 'a neighbour’s messages make a tenant slow', published),
  row('BEADS, ATTAIN:', 'messages doubled, late, changed and left out', switches),
  row('DiffController:', 'what a switch of another mind says', switches),
  row('CVE-2018-1000155', 'a dpid that is believed', published),
  row('CVE-2017-9214', '', published),
  row('CVE-2017-9263', '', published),
  row('CVE-2017-9265', '', published),
  row('CVE-2018-17204', '', published),
  row('CVE-2018-17205', '', published),
  row('CVE-2018-17206', '', published),
  row('CVE-2015-1611', '', published),
  row('CVE-2017-1000411', 'expired flows that stay in memory', published),
  row('CVE-2015-7516', '', published),
  row('CVE-2019-1010250', 'rules that nobody asked for', published),
  row('Floodlight', '828 to 873', published),
  row('JISA 2015', '6:18', published),
];
