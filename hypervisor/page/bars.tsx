/**
 * Use against limits, as bars with their numbers.
 */
import type { Bar } from './use.ts';

const NEARLY = 0.9;

export function Bars({ of }: { readonly of: readonly Bar[] }) {
  return (
    <>
      {of.map(({ title, used, limit, part, unit }) => (
        <div key={title} class={`meter ${part !== undefined && part >= NEARLY ? 'full' : ''}`}>
          <span>{title}</span>
          <span class="value">
            {used.toLocaleString('en')}
            {limit !== undefined && <small> of {limit.toLocaleString('en')}</small>}
            {unit}
          </span>
          {part !== undefined && (
            <span class="track">
              <span class="fill" style={{ width: `${part * 100}%` }} />
            </span>
          )}
        </div>
      ))}
    </>
  );
}
