/**
 * Limevisor without guards, for the canary of guard.test.ts: what it must catch.
 *
 *     node unguarded.ts FILE
 */
import { serve } from '../../hypervisor/run.ts';

await serve(process.argv[2] ?? '', 'info', 'off');
