import type { HostTensor } from '@ltml/tensor';
import { linesOfFile } from '@ltml/tensor/node';
import { embedByWordVectors } from '../text/word-vectors.ts';

/**
 * Like {@link embedByWordVectors}, from a file, e.g. `glove.6B.300d.txt`. The file is streamed: even of a file of
 * gigabytes, only the vectors of the names are in memory.
 *
 * @throws DataError naming the path: see {@link embedByWordVectors}; also if the file cannot be read or a line is too
 *   long
 */
export function embedByWordVectorFile(names: readonly string[], path: string): Promise<HostTensor> {
  return embedByWordVectors(names, eachLine(path), path);
}

async function* eachLine(path: string): AsyncGenerator<string, void, undefined> {
  for await (const batch of linesOfFile(path)) yield* batch;
}
