/**
 * Small drawings: the mark of Limevisor, tenants' marks, and the symbols on buttons.
 */
import { type Mark, shapePath } from './marks.ts';

export function Logo({ size = 22 }: { readonly size?: number }) {
  return (
    <svg class="logo" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path class="layer-1" d="M16 3 29 10 16 17 3 10z" />
      <path class="layer-2" d="M3 16l4-2.2 9 4.9 9-4.9 4 2.2-13 7z" />
      <path class="layer-3" d="M3 22l4-2.2 9 4.9 9-4.9 4 2.2-13 7z" />
    </svg>
  );
}

/** A tenant's colour and shape. */
export function TenantMark({ mark }: { readonly mark: Mark | undefined }) {
  return (
    <svg class={`mark tenant-${mark?.colour ?? 0}`} viewBox="-9 -9 18 18" aria-hidden="true">
      <path d={shapePath(mark?.shape ?? 'circle', 6)} />
    </svg>
  );
}

const icons = {
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  whole: 'M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 1 0 0-5.6M8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4',
  out: 'M6 3H3v10h3M7 8h6M10.5 5.5 13 8l-2.5 2.5',
  back: 'M6 4 2.5 7.5 6 11M3 7.5h6.5a3.5 3.5 0 0 1 0 7H7',
  play: 'M5 3.5v9l7.5-4.5z',
  down: 'M8 3v8M4.5 7.8 8 11.3l3.5-3.5M3 13.5h10',
} as const;

export function Icon({ name }: { readonly name: keyof typeof icons }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={icons[name]} />
    </svg>
  );
}
