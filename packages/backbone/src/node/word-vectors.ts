import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { HostTensor } from '@ltml/tensor';
import { embedByWordVectors } from '../text/word-vectors.ts';

/**
 * {@link embedByWordVectors} from a file, e.g. `glove.6B.300d.txt`. The file is streamed: of one of gigabytes only the
 * vectors of the names are ever in memory.
 *
 * @throws DataError as there; an error with the path if the file can't be read
 */
export async function embedByWordVectorFile(names: readonly string[], path: string): Promise<HostTensor> {
  const input = createReadStream(path, 'utf8');
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  // A file that is not there fails the stream, which readline alone would wait for in vain.
  const failure = new Promise<never>((_, reject) => input.once('error', reject));
  try {
    return await Promise.race([embedByWordVectors(names, lines), failure]);
  } finally {
    lines.close();
    input.destroy();
  }
}
