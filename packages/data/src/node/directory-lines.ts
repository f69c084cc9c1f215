import { join } from 'node:path';
import { linesOfFile } from '@ltml/tensor/node';
import type { LineSource } from '../text-lines.ts';

/**
 * Text files of a folder, see `linesOfFile`.
 *
 * @throws DataError that names the file, while it is read, if it can't be or has a line of more than 1,048,576 characters
 */
export function directoryLines(directory: string): LineSource {
  return (file) => linesOfFile(join(directory, file));
}
