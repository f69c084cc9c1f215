import { DataError } from '@ltml/tensor';

/**
 * Opens a text file of a data set by its path in the published layout.
 *
 * Lines come without their ends and in batches, so that a file of any size takes the memory of one batch.
 */
export type LineSource = (file: string) => AsyncIterable<readonly string[]>;

/**
 * Visits each line with its place from 0. Blank lines at the end of the file are left out.
 *
 * @returns the number of lines
 */
export async function eachLine(
  source: LineSource,
  file: string,
  visit: (line: string, index: number) => void,
): Promise<number> {
  let count = 0;
  let blank = 0;
  for await (const batch of source(file)) {
    for (const line of batch) {
      if (line.trim() === '') {
        blank++;
        continue;
      }
      // Those were not at the end: they count.
      for (; blank > 0; blank--) visit('', count++);
      visit(line, count++);
    }
  }
  return count;
}

/** What a list of names may have, in names and in characters of one: more than any published list, and bounded memory. */
const mostNames = 1_000_000;
const longestName = 300;

/**
 * A list of names, one a line.
 *
 * @throws DataError on a blank line between names, a name of more than 300 characters, and more than 1,000,000 names
 */
export async function readNames(where: string, source: LineSource, file: string): Promise<string[]> {
  const names: string[] = [];
  await eachLine(source, file, (line, index) => {
    const name = line.trim();
    if (name === '') throw lineError(where, file, index, 'a name', 'a blank line');
    if (name.length > longestName) {
      throw lineError(where, file, index, `a name of at most ${longestName} characters`, `${name.length}`);
    }
    if (index >= mostNames) throw lineError(where, file, index, `among the first ${mostNames}`, 'another name');
    names.push(name);
  });
  return names;
}

/** Complains about a line by file and number, counted from 1 as editors do. */
export function lineError(where: string, file: string, index: number, expected: string, received: string): DataError {
  return new DataError({ where, argument: `${file}, line ${index + 1},`, expected, received });
}
