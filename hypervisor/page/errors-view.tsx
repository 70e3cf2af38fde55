/**
 * Errors that were sent to controllers, by vswitch: for which request, how often, and why.
 */
import { useAsked } from './asked.ts';
import type { OwnDocument, Refusal, StatusDocument } from './documents.ts';
import { hasWords } from './rows.ts';
import type { ViewProps } from './view.ts';

interface Row extends Refusal {
  readonly vswitch: string;
}

const EVERY_MS = 3_000;

interface ErrorsProps extends Pick<ViewProps, 'live' | 'known'> {
  readonly text: string;
}

export function ErrorsSent({ live, known: { self, document }, text }: ErrorsProps) {
  const isOwner = self?.role === 'owner';
  const path = isOwner ? undefined : '/status';
  const { value, why } = useAsked<StatusDocument>(live, path, { everyMs: EVERY_MS });
  const all = isOwner ? ownRows(document as OwnDocument | undefined) : rowsOf(value);
  const shown = all.filter((one) => hasWords(Object.values(one).join(' '), text));
  if (why !== '') return <p class="empty">{why}</p>;
  if (all.length === 0) return <p class="empty">No request of a controller was refused.</p>;
  return (
    <table class="errors">
      <thead>
        <tr>
          {['Vswitch', 'Request', 'Error', 'Times', isOwner ? '' : 'Why, the last time'].map(
            (title) => (
              <th key={title}>{title}</th>
            ),
          )}
        </tr>
      </thead>
      <tbody>
        {shown.map(({ vswitch, request, error, count, why: because }) => (
          <tr key={`${vswitch} ${request} ${error}`}>
            <td>{vswitch}</td>
            <td>{request}</td>
            <td class="mono">{error}</td>
            <td class="value">{count.toLocaleString('en')}</td>
            <td class="about">{because}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function rowsOf(status: StatusDocument | undefined): readonly Row[] {
  return (status?.vswitches ?? []).flatMap(({ name: vswitch, refusedRequests }) =>
    refusedRequests.map((one) => ({ vswitch, ...one })),
  );
}

function ownRows(document: OwnDocument | undefined): readonly Row[] {
  return (document?.vswitches ?? []).flatMap(({ name: vswitch, refused }) =>
    refused.map((one) => ({ vswitch, ...one })),
  );
}
