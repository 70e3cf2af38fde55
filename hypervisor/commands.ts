/**
 * The implementation of each command of the command line (main.ts). A command's modules are loaded
 * when it is given, for most commands end sooner than loading all modules would take.
 */
import type { ApplyOptions } from './operator/apply-commands.ts';
import type { BackupOptions } from './operator/backup-commands.ts';
import { ask } from './operator/client.ts';
import type { DecidedResult } from './operator/control.ts';
import type { DecideOptions } from './operator/departure-commands.ts';
import type { EventsOptions } from './operator/event-commands.ts';
import type { FlowsReport } from './operator/report.ts';
import type { StatusOptions } from './operator/status-commands.ts';
import type { TopOptions } from './operator/top-commands.ts';
import type { WaitOptions } from './operator/wait-commands.ts';
import type { CheckOptions, RunFlags } from './with-file.ts';
import { type Options, say } from './world/exit-codes.ts';

export async function statusIt(names: readonly string[], options: StatusOptions): Promise<void> {
  const { status } = await import('./operator/status-commands.ts');
  await status(names, options);
}

export async function doctorIt(options: Options): Promise<void> {
  const { doctor } = await import('./operator/doctor-commands.ts');
  await doctor(options);
}

export async function eventsIt(options: EventsOptions): Promise<void> {
  const { events } = await import('./operator/event-commands.ts');
  await events(options);
}

export async function waitIt(names: readonly string[], options: WaitOptions): Promise<void> {
  const { wait } = await import('./operator/wait-commands.ts');
  await wait(names, options);
}

export async function flows(
  vswitch: string,
  options: Options & { physical?: boolean },
): Promise<void> {
  const params = { vswitch, physical: options.physical === true };
  const report = await ask<FlowsReport>(options.socket, 'flows', params);
  if (options.json) {
    say(JSON.stringify(report));
    return;
  }
  const { flowsText } = await import('./operator/report-text.ts');
  say(flowsText(report));
}

export async function linksIt(options: Options): Promise<void> {
  const { links } = await import('./operator/link-commands.ts');
  await links(options);
}

export async function discoverIt(options: Options): Promise<void> {
  const { discover } = await import('./operator/link-commands.ts');
  await discover(options);
}

export async function reopen(vswitch: string, { socket, json }: Options): Promise<void> {
  const { done } = await ask<DecidedResult>(socket, 'reopen', { vswitch });
  say(json ? JSON.stringify({ done }) : done.join('\n'));
}

export async function purgeIt(vswitch: string | undefined, options: DecideOptions): Promise<void> {
  const { purge } = await import('./operator/departure-commands.ts');
  say(await purge(vswitch, options));
}

export async function backupIt(to: string, options: BackupOptions): Promise<void> {
  const { backup } = await import('./operator/backup-commands.ts');
  await backup(to, options);
}

export async function restoreIt(
  vswitch: string | undefined,
  options: DecideOptions & { readonly from?: string },
): Promise<void> {
  const { from } = options;
  if (from !== undefined) {
    const { restoreFrom } = await import('./operator/backup-commands.ts');
    restoreFrom({ ...options, from });
    return;
  }
  const { restore } = await import('./operator/departure-commands.ts');
  say(await restore(vswitch, options));
}

export async function topIt(options: TopOptions): Promise<void> {
  const { top } = await import('./operator/top-commands.ts');
  await top(options);
}

/** What serves networks is loaded by those who need it: others are done before it would be. */
export async function serve(file: string, options: RunFlags): Promise<void> {
  const { serveFile } = await import('./with-file.ts');
  await serveFile(file, options);
}

export async function applyIt(file: string, options: ApplyOptions): Promise<void> {
  const { apply } = await import('./operator/apply-commands.ts');
  await apply(file, options);
}

export async function checkFile(file: string, options: CheckOptions): Promise<void> {
  const { check } = await import('./with-file.ts');
  check(file, options);
}

export async function showIt(tenants: readonly string[], options: Options): Promise<void> {
  const { show } = await import('./file-commands.ts');
  await show(tenants, options);
}

export async function diffIt(
  file: string,
  to: string | undefined,
  options: Options,
): Promise<void> {
  const { diff } = await import('./file-commands.ts');
  await diff(file, to, options);
}
