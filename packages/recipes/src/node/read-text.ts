import { readFileSync, statSync } from 'node:fs';
import { longest } from '../recipe/parse.ts';
import { UsageError } from '../usage-error.ts';

/** Why a file cannot be read, by the codes of the system. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'is a folder; a recipe is a file',
  ENOTDIR: 'there is no such file',
  EACCES: 'may not be read by this user',
};

/** The text of a recipe's file. @throws UsageError if it cannot be read, or is far too long */
export function readText(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > 4 * longest) throw new UsageError(`${file}: should have at most ${longest} letters`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `${file}: ${reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message}`,
    );
  }
}
