/** Errors in words for people. */
import { getSystemErrorMap } from 'node:util';

/** What the system reports by a name such as ENOENT, as strerror(3) has it. */
const systemWords: ReadonlyMap<string, string> = new Map([
  ...getSystemErrorMap().values(),
  ['EISDIR', 'it is a folder'],
  ['ENOTSOCK', 'it is not a socket'],
  ['EDQUOT', 'disk quota exceeded'],
  ['ENOTFOUND', 'this host name is not known'],
  ['EAI_AGAIN', 'the name server does not answer'],
]);

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return systemWords.get(code ?? '') ?? error.message;
}
