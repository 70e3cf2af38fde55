/**
 * One network: its state and the reason, its controllers, the last errors that they were sent, and
 * its actions.
 */
import { useAsked } from './asked.ts';
import type { CausedError, ListedDocument, OwnDocument } from './documents.ts';
import { useNow } from './hooks.ts';
import { type Live, ownPath } from './live.ts';
import { shortName } from './network.ts';
import { NetworkActions } from './network-actions.tsx';
import { endsText, stateOf, whyOf } from './networks.ts';

const EVERY_MS = 2_000;
const ERRORS_SHOWN = 50;

interface OwnedProps {
  readonly live: Live;
  readonly of: ListedDocument;
  readonly role: string;
  /** `name`: which there is then; absent: it is there no more. */
  readonly changed: (name?: string) => void;
}

export function OwnedNetwork({ live, of, role, changed }: OwnedProps) {
  const { name, owner, quota, endsSoon, counts = {} } = of;
  const nowMs = useNow(true, EVERY_MS);
  const path = ownPath(name);
  const { value: document, why } = useAsked<OwnDocument>(live, path, { everyMs: EVERY_MS });
  const errors = useAsked<readonly CausedError[]>(live, `${path}/errors`, { everyMs: EVERY_MS });
  const { says, level } = stateOf(of);
  return (
    <>
      <div class="title">
        <div>
          <p class="kind">
            {owner === undefined ? 'Tenant of the file' : `Network of ${owner}, quota ${quota}`}
          </p>
          <h1>
            {name} <em class={`state ${level}`}>{says}</em>
          </h1>
          <p class={endsSoon === true ? 'soon' : 'dim'}>
            {endsSoon === true && '⚠ '}
            {endsText(of, nowMs)}
          </p>
        </div>
        <NetworkActions live={live} of={of} role={role} document={document} changed={changed} />
      </div>
      {why !== '' && <p role="alert">{why}</p>}
      <ul class="lacks">
        {whyOf(of).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <dl class="numbers counts">
        {Object.entries({ vswitches: of.vswitches, hosts: of.hosts, ...counts })
          .filter(([title]) => title !== 'networks')
          .map(([title, count]) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd>{count.toLocaleString('en')}</dd>
            </div>
          ))}
      </dl>
      {document !== undefined && <Controllers of={document} />}
      <h3>Errors that its controllers were sent</h3>
      {errors.why !== '' && <p role="alert">{errors.why}</p>}
      <Errors all={errors.value ?? []} />
    </>
  );
}

function Controllers({ of: { vswitches } }: { readonly of: OwnDocument }) {
  const rows = vswitches.flatMap(({ name, controllers }) =>
    controllers.map((one) => ({ vswitch: shortName(name), ...one })),
  );
  if (rows.length === 0) return null;
  return (
    <>
      <h3>Controllers</h3>
      <ul class="ports">
        {rows.map(({ vswitch, target, state, why }) => (
          <li key={`${vswitch} ${target}`} class={state === 'up' ? '' : 'bad'}>
            <b>{vswitch}</b>
            <code>{target}</code>
            <em>{state === 'up' ? 'connected' : `not connected: ${state}`}</em>
            {why !== '' && <small>{why}</small>}
          </li>
        ))}
      </ul>
    </>
  );
}

/** The newest first. */
function Errors({ all }: { readonly all: readonly CausedError[] }) {
  if (all.length === 0) return <p class="dim">None that is remembered.</p>;
  return (
    <table class="errors">
      <thead>
        <tr>
          {['Time', 'Vswitch', 'Controller', 'Error', 'Caused by'].map((title) => (
            <th key={title}>{title}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {[...all]
          .reverse()
          .slice(0, ERRORS_SHOWN)
          .map(({ atMs, vswitch, controller, request, error, message, why }, i) => (
            <tr key={`${atMs} ${i}`}>
              <td class="mono">{new Date(atMs).toISOString().slice(11, 23)}</td>
              <td>{shortName(vswitch)}</td>
              <td class="mono">{controller}</td>
              <td class="mono">{error}</td>
              <td class="mono about">
                {message === '' ? request : message}
                {why !== undefined && <p>{why}</p>}
              </td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
