/**
 * `limevisor doctor`: asks for the status, and reports what looks wrong in it and on this machine.
 */
import { exitCodes, type Options, say } from '../world/exit-codes.ts';
import { ask, Refused } from './client.ts';
import { remoteAt } from './contexts.ts';
import type { BackupResult } from './control-backup.ts';
import { findingsOf, findingsText } from './findings.ts';
import { localFindings } from './local-findings.ts';
import type { StatusReport } from './report.ts';

export async function doctor({ socket, json }: Options): Promise<void> {
  const status = await ask<StatusReport>(socket, 'status', {});
  // What is here is of no interest where Limevisor is elsewhere.
  const here = remoteAt(socket) === undefined ? localFindings(status, await storeAt(socket)) : [];
  const findings = [...findingsOf(status), ...here];
  say(json ? JSON.stringify({ findings }) : findingsText(findings));
  if (findings.length > 0) process.exitCode = exitCodes.failed;
}

/** Undefined where there is no file. */
async function storeAt(socket: string): Promise<BackupResult | undefined> {
  try {
    return await ask<BackupResult>(socket, 'backup', {});
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}
