import type { HostTensor } from '@ltml/tensor';
import { linesOfFile } from '@ltml/tensor/node';
import { embedByWordVectors } from '../text/word-vectors.ts';

/**
 * {@link embedByWordVectors} from a file, e.g. `glove.6B.300d.txt`. The file is streamed: of one of gigabytes only the
 * vectors of the names are ever in memory.
 *
 * @throws DataError with the path: as there, if the file can't be read, and on a line that is longer than lines of text are
 */
export function embedByWordVectorFile(names: readonly string[], path: string): Promise<HostTensor> {
  return embedByWordVectors(names, eachLine(path), path);
}

async function* eachLine(path: string): AsyncGenerator<string, void, undefined> {
  for await (const batch of linesOfFile(path)) yield* batch;
}
