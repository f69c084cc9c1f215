import { UsageError } from '@ltml/recipes/usage-error';
import { LtmlError } from '@ltml/tensor';

/** The lines that a user sees of an error, and the exit code of the command. */
export interface ErrorDescription {
  /** One line for each mistake. Unsafe characters are not yet escaped. */
  readonly lines: readonly string[];
  /** 2: the command was called wrongly; 1: it failed. */
  readonly exitCode: 1 | 2;
}

/** Messages for system errors about a path that the user named. Exit code 2. */
const wrongPaths: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'is a folder, not a file',
  EEXIST: 'exists already',
  ENOTEMPTY: 'is a folder that is not empty',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'is on a read-only file system',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many links',
};

/** Messages for system errors about the machine. Exit code 1. */
const troubles: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the device',
  EDQUOT: 'over the disk quota',
  EFBIG: 'larger than the file system allows',
  EIO: 'the device failed',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
  ENOMEM: 'out of memory',
};

/** Describes an error in one line; a wrong recipe gives one line for each mistake. */
export function describeError(error: unknown): ErrorDescription {
  if (error instanceof UsageError) return { lines: error.lines, exitCode: 2 };
  if (!(error instanceof Error)) return { lines: [`${String(error)} (--verbose shows where)`], exitCode: 1 };
  if (LtmlError.is(error)) return { lines: [error.message], exitCode: 1 };
  const { code = '', path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  const known = wrongPaths[code] ?? troubles[code];
  if (known === undefined) return { lines: [`${error.message} (--verbose shows where)`], exitCode: 1 };
  const where = code === 'EEXIST' || code === 'ENOTEMPTY' ? (dest ?? path) : path;
  return { lines: [where === undefined ? known : `${where}: ${known}`], exitCode: code in wrongPaths ? 2 : 1 };
}
