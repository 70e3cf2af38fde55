/**
 * Owners' networks: a list, what is left of the quota, and one of them with its actions. The
 * network that an owner selects is shown by all other views.
 */
import { useLayoutEffect, useState } from 'preact/hooks';
import { useAsked } from './asked.ts';
import { Bars } from './bars.tsx';
import type { ListedDocument, QuotaDocument } from './documents.ts';
import { goTo, isTyping, useKeyDown } from './hooks.ts';
import type { Known } from './live.ts';
import { NetworkForm } from './network-form.tsx';
import { NetworkList } from './network-list.tsx';
import { inOrder, quotaBars, stateOf } from './networks.ts';
import { OwnedNetwork } from './owned-network.tsx';
import { hasWords } from './rows.ts';
import type { ViewProps } from './view.ts';

const EVERY_MS = 3_000;
/** No network has such a name: an owner's has an `@`. */
const NEW = 'new';

export function NetworksView({ live, known, route }: ViewProps) {
  const { self, events } = known;
  const isMaker = self?.role === 'owner' && self.quota !== undefined;
  const how = { everyMs: EVERY_MS, mark: events.at(-1)?.id ?? 0 };
  const { value, why, again } = useAsked<readonly ListedDocument[]>(live, '/networks', how);
  const quota = useAsked<QuotaDocument>(live, isMaker ? '/quota' : undefined, how);
  const all = inOrder(value ?? []);
  const chosen = chosenIn(all, known, route[0]);
  const [isAsking, asks] = useState(false);
  const isNew = isMaker && (isAsking || route[0] === NEW || value?.length === 0);
  // Before anything else is pressed: who leaves this view at once has chosen all the same.
  useLayoutEffect(() => {
    if (chosen !== undefined) live.look(chosen.name);
  }, [live, chosen?.name]);
  useKeyOfNew(isMaker);
  const changed = (name?: string): void => {
    if (name === undefined) goTo('networks');
    else goTo('networks', name);
    again();
    quota.again();
    void live.refresh();
  };
  return (
    <main class="two-parts">
      <section class="list" aria-label="Networks">
        {value !== undefined && <Found all={all} chosen={chosen?.name ?? ''} isMaker={isMaker} />}
        {quota.value !== undefined && <Quota quota={quota.value} />}
      </section>
      <section class="play" aria-label="Network">
        {why !== '' && <p role="alert">{why}</p>}
        {quota.why !== '' && <p role="alert">{quota.why}</p>}
        {isNew && (
          <NetworkForm
            {...{ live, quota: quota.value, made: changed, asks, isFirst: value?.length === 0 }}
          />
        )}
        {!isNew && chosen !== undefined && (
          <OwnedNetwork
            key={chosen.name}
            {...{ live, of: chosen, role: self?.role ?? '', changed }}
          />
        )}
        {!isNew && chosen === undefined && value !== undefined && (
          <p class="empty">There is no network {route[0]} now.</p>
        )}
      </section>
    </main>
  );
}

interface FoundProps {
  readonly all: readonly ListedDocument[];
  readonly chosen: string;
  readonly isMaker: boolean;
}

function Found({ all, chosen, isMaker }: FoundProps) {
  const [text, search] = useState('');
  return (
    <>
      <div class="find">
        <input
          type="search"
          placeholder="Search (/)"
          aria-label="Search networks"
          value={text}
          onInput={(event) => search(event.currentTarget.value)}
        />
        {isMaker && (
          <a class="new" href={`#/networks/${NEW}`} title="A new network (n)">
            New
          </a>
        )}
      </div>
      <NetworkList
        all={all.filter((one) => hasWords(`${JSON.stringify(one)} ${stateOf(one).says}`, text))}
        chosen={chosen}
      />
    </>
  );
}

/** By the address; without, the one that is shown elsewhere, or the first. */
function chosenIn(
  all: readonly ListedDocument[],
  { self }: Known,
  name: string | undefined,
): ListedDocument | undefined {
  const named = (wanted: string | undefined) => all.find((one) => one.name === wanted);
  return name === undefined ? (named(self?.tenant) ?? all[0]) : named(name);
}

function useKeyOfNew(isMaker: boolean): void {
  useKeyDown(({ key, target, ctrlKey, metaKey, altKey }) => {
    if (!isMaker || key !== 'n' || isTyping(target) || ctrlKey || metaKey || altKey) return;
    goTo('networks', NEW);
  });
}

function Quota({ quota }: { readonly quota: QuotaDocument }) {
  const { offers } = quota;
  const free = offers.filter(({ isFree }) => isFree).map(({ name }) => name);
  return (
    <div class="quota">
      <h3>Quota {quota.quota}</h3>
      <Bars of={quotaBars(quota)} />
      <p class="dim">
        {free.length} of {offers.length} offers {free.length === 1 ? 'is' : 'are'} free
        {free.length > 0 && `: ${free.join(', ')}`}
      </p>
    </div>
  );
}
