/**
 * Preloaded into the process of a test that hunts a mutant (hunt.ts): one source is another than on
 * disk, for this process and for all that it starts.
 */
import { registerHooks } from 'node:module';

const { MUTANT = '{}' } = process.env;
const { url, from, to } = JSON.parse(MUTANT) as Record<'url' | 'from' | 'to', string>;

registerHooks({
  load(loading, context, nextLoad) {
    const loaded = nextLoad(loading, context);
    if (loading !== url) return loaded;
    return { ...loaded, source: String(loaded.source).replace(from, () => to) };
  },
});
