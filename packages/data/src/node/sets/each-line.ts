/**
 * Calls a function for each line of a file that comes in batches, with the line's index from 0. Blank lines at the end
 * are ignored.
 *
 * @returns the number of lines
 */
export async function eachLine(
  batches: AsyncIterable<readonly string[]>,
  visit: (line: string, index: number) => void,
): Promise<number> {
  let count = 0;
  let blank = 0;
  for await (const batch of batches) {
    for (const line of batch) {
      if (line.trim() === '') {
        blank++;
        continue;
      }
      // These blank lines were not at the end, so they count.
      for (; blank > 0; blank--) visit('', count++);
      visit(line, count++);
    }
  }
  return count;
}
