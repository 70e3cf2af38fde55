/**
 * The rows that the parts of details.tsx are made of.
 */
import type { ComponentChildren } from 'preact';
import type { Mark } from './marks.ts';
import type { Network } from './network.ts';

export interface DetailsProps {
  readonly network: Network;
  readonly marks: ReadonlyMap<string, Mark>;
  readonly chosen: string | undefined;
  readonly point: (id: string | undefined) => void;
  readonly choose: (id: string | undefined) => void;
}

export function splitAt(id: string): readonly [string, string] {
  const colon = id.indexOf(':');
  return [id.slice(0, Math.max(0, colon)), id.slice(colon + 1)];
}

export function Rows({
  of: rows,
}: {
  readonly of: readonly (readonly [string, ComponentChildren])[];
}) {
  return (
    <dl class="rows">
      {rows.map(([title, value]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

type Choose = DetailsProps['choose'];

export function Links({
  ids,
  choose,
}: {
  readonly ids: readonly string[];
  readonly choose: Choose;
}) {
  if (ids.length === 0) return <span class="dim">none</span>;
  return (
    <>
      {ids.map((id) => (
        <button key={id} type="button" class="chip" onClick={() => choose(id)}>
          {splitAt(id)[1]}
        </button>
      ))}
    </>
  );
}

export function Gone({ what }: { readonly what: string }) {
  return <p class="dim">{what} is not there any more.</p>;
}

/** Bits, as bandwidths are written. */
export function rateText(bytesPerSec: number): string {
  const bits = bytesPerSec * 8;
  const [unit, factor] =
    bits >= 1e9 ? ['Gbit/s', 1e9] : bits >= 1e6 ? ['Mbit/s', 1e6] : ['kbit/s', 1e3];
  return `${(bits / Number(factor)).toPrecision(3)} ${unit}`;
}
