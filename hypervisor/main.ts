/**
 * The command line: `limevisor run | check | show | diff | apply | status | wait | events | top |
 * flows | migrate | move | moved | abort | purge | restore | undo | drain | undrain | reopen |
 * token | audit | login | network`.
 *
 * Answers go to stdout, everything else to stderr; `--json` prints the answer as JSON. Exit
 * codes: 0 done, 1 failed, 2 usage, 3 not reachable, 4 rejected, 5 begun but undone.
 */
import { match, P } from 'ts-pattern';
import { Refused, Unreachable } from './operator/client.ts';
import { program } from './program.ts';
import { messageOf } from './world/error-text.ts';
import { Ending, exitCodes, note } from './world/exit-codes.ts';

/** Whoever read what we print went away (`| head`), or its disk is full: no reason to crash. */
function onOutputFailed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(exitCodes.brokenPipe);
  note(`limevisor: the answer could not be written: ${messageOf(error)}`);
  process.exit(exitCodes.failed);
}

process.stdout.on('error', onOutputFailed);
// The log and the progress of a migration: what nobody reads any more is let go.
process.stderr.on('error', () => undefined);
try {
  await program().parseAsync();
} catch (error) {
  const [code, message] = match(error)
    .when(
      (e) => e instanceof Ending,
      (e) => [(e as Ending).exitCode, (e as Ending).message] as const,
    )
    .when(
      (e) => e instanceof Unreachable,
      (e) => [exitCodes.unreachable, messageOf(e)] as const,
    )
    .when(
      (e) => e instanceof Refused,
      (e) => [exitCodes[(e as Refused).code], messageOf(e)] as const,
    )
    .with(P._, (e) => [exitCodes.failed, messageOf(e)] as const)
    .exhaustive();
  if (message !== '') note(`limevisor: ${message}`);
  process.exitCode = code;
}
