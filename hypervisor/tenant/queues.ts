/**
 * The queues of the ports of a vswitch's hosts: those that the file grants and the datapath has
 * (translation/wiring/queues.ts). Each is the tenant's alone, as its port is.
 */
import { ofError, queueAll } from '../../openflow/values/constants.ts';
import type { OfError, QueueStats } from '../../openflow/values/values.ts';
import type { Vport } from '../../slices/ids.ts';
import { queuesOf } from '../../translation/wiring/queues.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import { whenAll } from '../world/when-all.ts';
import type { WithVswitch } from './configured.ts';

export class Queues {
  readonly #datapaths: Datapaths;
  readonly #owner: Pick<WithVswitch, 'vswitch'>;

  constructor(datapaths: Datapaths, owner: Pick<WithVswitch, 'vswitch'>) {
    this.#datapaths = datapaths;
    this.#owner = owner;
  }

  /** Rows of these vports' queues, of one number or all; an error when there is none of it. */
  read(
    vports: readonly Vport[],
    queueId: number,
    done: (rows: readonly QueueStats[] | OfError) => void,
  ): void {
    const asked = vports.flatMap((vport) => {
      const attachment = this.#owner.vswitch.ports.get(vport);
      if (attachment?.type !== 'host') return [];
      const all = [...queuesOf(attachment)].filter(([theirs]) =>
        [theirs, queueAll].includes(queueId),
      );
      return all.map(([theirs, below]) => ({ vport, at: attachment.at, theirs, below }));
    });
    const rows: QueueStats[] = [];
    const finish = (): void => {
      if (rows.length > 0 || queueId === queueAll) done(rows);
      else done(ofError('queueOpFailed', 'badQueue', `queue ${queueId} does not exist`));
    };
    const read = (
      { vport, at, theirs, below }: (typeof asked)[number],
      ended: () => void,
    ): void => {
      // One by one: Open vSwitch gives the age of a queue only when asked for that one.
      const request = { kind: 'queueStats', portNo: at.port, queueId: below } as const;
      this.#datapaths.datapath(at.device).query(request, (parts) => {
        const found = (parts ?? []).flatMap((one) => (one.kind === 'queueStats' ? one.queues : []));
        rows.push(...found.map((row) => ({ ...row, portNo: vport, queueId: theirs })));
        ended();
      });
    };
    whenAll(asked, read, finish);
  }
}
