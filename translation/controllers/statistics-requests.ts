/**
 * Requests for statistics, the standard's and Nicira's: their contents, or their errors.
 */
import type { NiciraRequest } from '../../openflow/messages/nicira-statistics.ts';
import { readNiciraRequest } from '../../openflow/messages/nicira-statistics.ts';
import { multipartType, port as ofpp, version } from '../../openflow/values/constants.ts';
import { isError, ofError } from '../../openflow/values/errors.ts';
import type { Message } from '../../openflow/values/values.ts';
import { refusePortNumber } from '../entries/reserved.ts';
import { refuseMatch } from '../requests/flow-mod.ts';
import { groupFeatures } from '../requests/group-mod.ts';
import { askedPorts } from '../wiring/queues.ts';
import { monitorRules } from './flow-monitors.ts';
import { tableFeatures } from './table-features.ts';
import { absorb, answer, type ReadCounters, refused, type Scene, type Verdict } from './verdict.ts';
import { descOf, portDescs } from './vswitch-description.ts';

/** What becomes of a request for statistics. */
export function statistics(scene: Scene, message: Message): Verdict {
  if (message.type !== 'multipartRequest') return absorb();
  const { request, xid } = message;
  switch (request.kind) {
    case 'desc':
      return reply(xid, descOf(scene.vswitch));
    case 'portDesc': {
      const ports = portDescs(scene.vswitch, (vport) => scene.portView(vport), scene.version);
      return reply(xid, { kind: 'portDesc', ports });
    }
    case 'flow':
    case 'aggregate':
      return readRules({ request, xid });
    case 'table':
      return { verdict: 'rewrite', effect: { type: 'readCounters', request, xid } };
    case 'portStats': {
      const error = refusePortNumber(request.portNo);
      if (error !== undefined) return refused(error);
      const all = [...scene.vswitch.portIdentities.keys()];
      // As Open vSwitch: of a port that is not there, no row.
      const vports = all.filter((one) => request.portNo === ofpp.any || request.portNo === one);
      return { verdict: 'rewrite', effect: { type: 'readPorts', vports, xid } };
    }
    case 'groupStats':
    case 'groupDesc':
      return { verdict: 'rewrite', effect: { type: 'readGroups', request, xid } };
    case 'groupFeatures':
      return reply(xid, { kind: 'groupFeatures', ...groupFeatures() });
    case 'meterStats':
    case 'meterConfig':
    case 'meterFeatures':
      return { verdict: 'rewrite', effect: { type: 'readMeters', request, xid } };
    case 'queueStats': {
      const vports = askedPorts(scene.vswitch, request.portNo, { config: false, of10: false });
      if (isError(vports)) return refused(vports);
      const { queueId } = request;
      return { verdict: 'rewrite', effect: { type: 'readQueues', vports, queueId, xid } };
    }
    case 'other': {
      if (request.mpType === multipartType.tableFeatures) {
        return tableFeaturesFor(xid, request.body);
      }
      const why = `statistics of type ${request.mpType} are not supported`;
      const isForeign = request.mpType === multipartType.experimenter;
      const monitored = isForeign ? monitorRules(scene, xid, request.body) : undefined;
      if (monitored !== undefined) return monitored;
      const known = isForeign && scene.version === version.of10;
      const asked = known ? readNiciraRequest(request.body) : undefined;
      if (isError(asked)) return refused(asked);
      if (asked !== undefined) return readRules({ request: asked, xid, form: 'nicira' });
      return refused(ofError('badRequest', isForeign ? 'badExperimenter' : 'badMultipart', why));
    }
  }
}

function readRules(
  asked: Omit<ReadCounters, 'type' | 'request'> & { readonly request: NiciraRequest },
): Verdict {
  const error = refuseMatch(asked.request.filter.match);
  if (error !== undefined) return refused(error);
  return { verdict: 'rewrite', effect: { type: 'readCounters', ...asked } };
}

/** An empty body asks; another would set them. */
function tableFeaturesFor(xid: number, body: Uint8Array): Verdict {
  const mpType = multipartType.tableFeatures;
  if (body.length === 0) return reply(xid, { kind: 'other', mpType, body: tableFeatures });
  return refused(ofError('tableFeaturesFailed', 'eperm', 'table features cannot be changed'));
}

function reply(xid: number, body: Extract<Message, { type: 'multipartReply' }>['reply']): Verdict {
  return answer({ type: 'multipartReply', xid, flags: 0, reply: body });
}
