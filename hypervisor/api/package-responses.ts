/**
 * A tenant's whole network as `packages` answers it (control-export.ts): its part of the file, the
 * names that belong to this physical network, and the contents of its tables.
 */
import type { PackageContents } from '../operator/package-text.ts';
import { HintsFile, ScheduleFile, TenantFile } from './config-responses.ts';
import { closed, count, listOf, named, says, text, texts } from './response-values.ts';

const Made = closed({ reads: text('for people'), frame: text('the message, in hex') });

const Rule = closed({
  ...{ rule: text('for people'), table: count(), priority: count(), cookie: text('0x...') },
  ...{ flags: count(), idle: count(), hard: count(), match: text(), instructions: text() },
});

const Contents = says<PackageContents>()(
  closed({
    ports: named(count(), 'by vport, what controllers configured of it (OFPPC_*)'),
    ...{ meters: listOf(Made), groups: listOf(Made), rules: listOf(Rule) },
  }),
);

export const PackageSchema = closed({
  whole: closed({
    ...{ tenant: text(), exported: text('ISO 8601') },
    ...{ network: TenantFile, hints: HintsFile, schedules: named(ScheduleFile) },
    contents: named(Contents, 'by vswitch'),
  }),
  leftOut: texts('what is not in it, a line each'),
});
