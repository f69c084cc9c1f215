import { readFileSync, statSync } from 'node:fs';
import { longest } from '../recipe/parse.ts';
import { UsageError } from '../usage-error.ts';

/** Reasons why a file can't be read, by the system's error code. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'is a folder; a recipe is a file',
  ENOTDIR: 'no such file',
  EACCES: 'permission denied',
};

/** Reads a recipe file. @throws UsageError if it can't be read or is much too long */
export function readText(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > 4 * longest) throw new UsageError(`${file}: should have at most ${longest} characters`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `${file}: ${reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message}`,
    );
  }
}
