/**
 * Rules: as a vswitch's controllers have them, and beside them what the datapaths hold for them.
 */
import { useMemo, useState } from 'preact/hooks';
import { useAsked } from './asked.ts';
import type { FlowsDocument } from './documents.ts';
import { goTo } from './hooks.ts';
import { ownPath } from './live.ts';
import { type Change, changesBetween, hasWords, rowOf } from './rows.ts';
import type { ViewProps } from './view.ts';

export function RulesView({ live, known, route }: ViewProps) {
  const names = known.network.vswitches.map(({ name }) => name);
  const chosen = route[0] ?? names[0];
  const [before, setBefore] = useState(live.compared);
  live.compared = before;
  const [text, search] = useState('');
  const [rule, setRule] = useState<number>();
  // What is there is another when it has moved.
  const moves = known.migrations
    .filter(({ vswitch }) => vswitch === chosen)
    .map(({ state }) => state.type);
  const tenant = known.self?.tenant;
  const query = new URLSearchParams({ vswitch: chosen ?? '' });
  const whole = tenant === undefined ? `/flows?physical=true&` : `${ownPath(tenant)}/flows?`;
  const path = chosen === undefined ? undefined : `${whole}${query}`;
  const mark = moves.join(' ');
  const { value: flows, why, again } = useAsked<FlowsDocument>(live, path, { mark });
  const isOther = before !== undefined && before.vswitch !== chosen;
  return (
    <main class="rules">
      <div class="bar">
        <Vswitches names={names} chosen={chosen} />
        <input
          type="search"
          placeholder="Search rules (/)"
          aria-label="Search rules"
          value={text}
          onInput={(event) => search(event.currentTarget.value)}
        />
        <button type="button" onClick={again}>
          Read again
        </button>
        <button
          type="button"
          class="toggle"
          aria-pressed={before !== undefined && !isOther}
          title="What comes and goes from now on is marked"
          onClick={() => setBefore(before === undefined || isOther ? flows : undefined)}
        >
          Compare with now
        </button>
        {why !== '' && <p role="alert">{why}</p>}
      </div>
      {flows !== undefined && (
        <div class="sides">
          <Virtual flows={flows} text={text} rule={rule} setRule={setRule} />
          {flows.physical !== undefined && (
            <Physical flows={flows} text={text} rule={rule} before={isOther ? undefined : before} />
          )}
        </div>
      )}
    </main>
  );
}

interface VswitchesProps {
  readonly names: readonly string[];
  readonly chosen: string | undefined;
}

function Vswitches({ names, chosen }: VswitchesProps) {
  return (
    <select
      aria-label="Vswitch"
      value={chosen}
      onChange={(event) => goTo('rules', event.currentTarget.value)}
    >
      {names.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}

interface VirtualProps {
  readonly flows: FlowsDocument;
  readonly text: string;
  /** The number of the one whose entries are wanted. */
  readonly rule: number | undefined;
  readonly setRule: (rule: number | undefined) => void;
}

function Virtual({ flows: { vswitch, flows, serials }, text, rule, setRule }: VirtualProps) {
  const rows = flows.map((one, i) => ({ ...rowOf(one), serial: serials?.[i] }));
  const shown = rows.filter((row) => hasWords(row.text, text));
  return (
    <section>
      <h2>
        Virtual <span class="dim">{vswitch}</span> <small>{count(shown.length, rows.length)}</small>
      </h2>
      <ol class="flows">
        {shown.map(({ what, packets, table, text: whole, serial }) => (
          <li key={whole}>
            <button
              type="button"
              aria-pressed={rule !== undefined && serial === rule}
              title={whole}
              onClick={() => setRule(serial === rule ? undefined : serial)}
            >
              <i>{table}</i>
              <code>{what}</code>
              <span class="dim">{packets}</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function count(some: number, all: number): string {
  return some === all ? `${all}` : `${some} of ${all}`;
}

interface PhysicalProps {
  readonly flows: FlowsDocument;
  readonly text: string;
  readonly rule: number | undefined;
  readonly before: FlowsDocument | undefined;
}

function Physical({ flows: { physical = [] }, text, rule, before }: PhysicalProps) {
  const gone = (before?.physical ?? []).filter(({ datapath }) => {
    return physical.every((one) => one.datapath !== datapath);
  });
  const all = [...physical, ...gone.map((one) => ({ ...one, flows: [], purposes: [], rules: [] }))];
  return (
    <section>
      <h2>
        Physical <span class="dim">{physical.map(({ datapath }) => datapath).join(', ')}</span>
      </h2>
      {all.map((one) => {
        const was = before?.physical?.find(({ datapath }) => datapath === one.datapath)?.flows;
        return (
          <OnDatapath
            key={one.datapath}
            of={one}
            was={before && (was ?? [])}
            text={text}
            rule={rule}
          />
        );
      })}
    </section>
  );
}

interface OnDatapathProps {
  readonly of: NonNullable<FlowsDocument['physical']>[number];
  readonly was: readonly string[] | undefined;
  readonly text: string;
  readonly rule: number | undefined;
}

function OnDatapath({ of, was, text, rule }: OnDatapathProps) {
  const { datapath, why, flows, purposes = [], rules = [] } = of;
  const changes = useMemo(() => was && changesBetween(was, flows), [was, flows]);
  if (changes !== undefined) return <Changes title={datapath} changes={changes} />;
  const rows = flows
    .map((one, i) => ({ ...rowOf(one), purpose: purposes[i] ?? '', serial: rules[i] }))
    .filter((row) => hasWords(`${row.text} ${row.purpose}`, text))
    .filter(({ serial }) => rule === undefined || serial === rule);
  return (
    <>
      <h3>
        {datapath} <small>{count(rows.length, flows.length)}</small>
      </h3>
      {why !== '' && <p class="bad">{why}</p>}
      <ol class="flows">
        {rows.map(({ what, packets, table, text: whole, purpose }) => (
          <li key={whole} title={whole}>
            <i>{table}</i>
            <code>
              {what}
              <small>{purpose}</small>
            </code>
            <span class="dim">{packets}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

const signs = { '+': 'came', '-': 'went', ' ': 'same' } as const;

function Changes({
  title,
  changes,
}: {
  readonly title: string;
  readonly changes: readonly Change[];
}) {
  return (
    <>
      <h3>{title}</h3>
      <ol class="flows diff">
        {changes.map(({ sign, text }, i) => (
          <li key={i} class={signs[sign]}>
            <i>{sign}</i>
            <code>{text}</code>
          </li>
        ))}
      </ol>
    </>
  );
}
