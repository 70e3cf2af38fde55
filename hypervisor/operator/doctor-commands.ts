/**
 * `limevisor doctor`: asks for the status, and says what in it looks wrong.
 */
import { exitCodes, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import { findingsOf, findingsText } from './findings.ts';
import type { StatusReport } from './report.ts';

export async function doctor({ socket, json }: Options): Promise<void> {
  const findings = findingsOf(await ask<StatusReport>(socket, 'status', {}));
  say(json ? JSON.stringify({ findings }) : findingsText(findings));
  if (findings.length > 0) process.exitCode = exitCodes.failed;
}
