import { readFileSync } from 'node:fs';
import { UsageError } from '@ltml/recipes/usage-error';
import { describeError } from '../../describe-error.ts';

/**
 * Reads free labels from the command line or a file.
 *
 * @param labels the labels, or the name of a file with one label per line
 * @throws UsageError for fewer than two labels, or a label that is given twice
 */
export function readLabels(labels: readonly string[] | string): string[] {
  const lines = typeof labels === 'string' ? readLines(labels) : labels;
  const names = lines.map((label) => label.trim()).filter((label) => label !== '');
  if (names.length === 0)
    throw new UsageError('--labels: gives no label; write e.g. --labels "red three, green seven"');
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new UsageError(`--labels: "${name}" is given twice`);
    seen.add(name);
  }
  if (names.length > 1) return names;
  throw new UsageError(`--labels: only "${names[0]}"; scores rank labels within a list, so give two or more`);
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split(/\r?\n/);
  } catch (error) {
    throw new UsageError(`--labels-file: ${describeError(error).lines[0]}`);
  }
}
