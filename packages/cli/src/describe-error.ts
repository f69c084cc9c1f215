import { UsageError } from '@ltml/recipes/usage-error';
import { LtmlError } from '@ltml/tensor';

/** What a user is told of an error, and the exit code that goes with it. */
export interface ErrorDescription {
  /** A line for each mistake; unsafe characters are still in them. */
  readonly lines: readonly string[];
  /** 2: called wrongly; 1: the command failed. */
  readonly exitCode: 1 | 2;
}

/** What the system says of a path that a user named. */
const wrongPaths: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'goes through a file as if it were a folder',
  EISDIR: 'is a folder, not a file',
  EEXIST: 'is there already',
  ENOTEMPTY: 'is a folder that is not empty',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'is on a read-only file system',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many links',
};

/** What the system says of the machine. */
const troubles: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the device',
  EDQUOT: 'over the disk quota',
  EFBIG: 'larger than the file system allows',
  EIO: 'the device failed',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
  ENOMEM: 'out of memory',
};

/** An error in one line, or in one for each mistake of a recipe, by what it is. */
export function describeError(error: unknown): ErrorDescription {
  if (error instanceof UsageError) return { lines: error.lines, exitCode: 2 };
  if (!(error instanceof Error)) return { lines: [`${String(error)} (--verbose tells where)`], exitCode: 1 };
  if (LtmlError.is(error)) return { lines: [error.message], exitCode: 1 };
  const { code = '', path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  const known = wrongPaths[code] ?? troubles[code];
  if (known === undefined) return { lines: [`${error.message} (--verbose tells where)`], exitCode: 1 };
  const where = code === 'EEXIST' || code === 'ENOTEMPTY' ? (dest ?? path) : path;
  return { lines: [where === undefined ? known : `${where}: ${known}`], exitCode: code in wrongPaths ? 2 : 1 };
}
