/**
 * The frame around all views: navigation, whether the data are current, and keys.
 */
import { useEffect, useState } from 'preact/hooks';
import { EventsView } from './events-view.tsx';
import { Help } from './help.tsx';
import { goTo, isTyping, useKeyDown, useKnown, useRoute } from './hooks.ts';
import type { Known, Live } from './live.ts';
import { MigrationsView } from './migrations-view.tsx';
import { NetworksView } from './networks-view.tsx';
import { PlanesView } from './planes-view.tsx';
import { RulesView } from './rules-view.tsx';
import { Icon, Logo } from './symbols.tsx';
import { otherTheme } from './theme.ts';
import { UseView } from './use-view.tsx';

const views = [
  { name: 'planes', title: 'Planes', View: PlanesView },
  // Owners do not know that anything moves.
  { name: 'migrations', title: 'Migrations', View: MigrationsView, isPhysical: true },
  { name: 'rules', title: 'Rules', View: RulesView },
  { name: 'events', title: 'Events', View: EventsView },
  { name: 'tenants', title: 'Tenants', View: UseView },
  // An owner of one network of the file makes none.
  { name: 'networks', title: 'Networks', View: NetworksView, isOfMany: true },
] as const;

function viewsOf({ self }: Known): readonly (typeof views)[number][] {
  if (self?.role !== 'owner') return views;
  const isMaker = self.quota !== undefined;
  // Without a network there is nothing else to see.
  if (isMaker && self.tenant === undefined) return views.filter((one) => 'isOfMany' in one);
  return views.filter((one) => !('isPhysical' in one) && (isMaker || !('isOfMany' in one)));
}

interface ShellProps {
  readonly live: Live;
  readonly leave: () => void;
}

export function Shell({ live, leave }: ShellProps) {
  const known = useKnown(live);
  const [name = '', ...route] = useRoute();
  const [hasHelp, setHelp] = useState(false);
  useEffect(() => {
    void live.start();
    return () => live.stop();
  }, [live]);
  const all = viewsOf(known);
  useKeys(
    all.map((one) => one.name),
    () => setHelp((was) => !was),
    () => setHelp(false),
  );
  const { View, ...view } = all.find((one) => one.name === name) ?? all[0] ?? views[0];
  useEffect(() => {
    document.title = `${view.title} · Limevisor`;
  }, [view.title]);
  return (
    <div class="shell">
      <header>
        <a class="brand" href="#/planes">
          <Logo />
          Limevisor
        </a>
        <Tabs at={view.name} known={known} />
        <Liveness known={known} />
        <button type="button" class="quiet" title="Dark or light (t)" onClick={otherTheme}>
          <Icon name="sun" />
        </button>
        <button type="button" class="quiet" title="Keys (?)" onClick={() => setHelp(true)}>
          ?
        </button>
        <button type="button" class="quiet" title="Log out" onClick={leave}>
          <Icon name="out" />
        </button>
      </header>
      <View live={live} known={known} route={route} />
      {hasHelp && <Help close={() => setHelp(false)} />}
    </div>
  );
}

function Tabs({ at, known }: { readonly at: string; readonly known: Known }) {
  const moving = known.migrations.filter(({ state }) => !['done', 'undone'].includes(state.type));
  return (
    <nav aria-label="Views">
      {viewsOf(known).map(({ name, title }) => (
        <a
          key={name}
          href={`#/${name}`}
          class={name === at ? 'here' : ''}
          aria-current={name === at ? 'page' : undefined}
        >
          {title}
          {name === 'migrations' && moving.length > 0 && <b class="count">{moving.length}</b>}
        </a>
      ))}
    </nav>
  );
}

/** Whether events come in: what is seen may be old where they do not. */
function Liveness({ known: { isLive, why } }: { readonly known: Known }) {
  return (
    <span class={`liveness ${isLive ? 'live' : 'away'}`} role="status" title={why}>
      {isLive ? 'live' : 'reconnecting'}
    </span>
  );
}

function useKeys(names: readonly string[], help: () => void, letGo: () => void): void {
  useKeyDown((event) => {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    if (key === 'Escape') letGo();
    if (isTyping(target) || ctrlKey || metaKey || altKey) return;
    const name = names[Number(key) - 1];
    if (name !== undefined) goTo(name);
    else if (key === '?') help();
    else if (key === 't') otherTheme();
    else if (key === '/') {
      document.querySelector<HTMLInputElement>('input[type=search]')?.focus();
      event.preventDefault();
    }
  });
}
