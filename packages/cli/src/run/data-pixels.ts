import { type DecodeMode, decodeImage } from '@ltml/images/node';
import { writeSafetensorsFile } from '@ltml/tensor/node';
import { sizeOfFile } from '../paths.ts';
import { printLines } from '../terminal.ts';

/** Options of `ltml data pixels`. */
export interface PixelsOptions {
  readonly mode: DecodeMode;
  readonly out: string;
}

/** Writes the pixels of a picture as a tensor. Writes no file if the picture can't be read. */
export async function writePixels(file: string, { mode, out }: PixelsOptions): Promise<void> {
  sizeOfFile(file);
  const { height, width, pixels } = await decodeImage(file, { mode });
  await writeSafetensorsFile(out, new Map([['pixels', { dtype: 'U8', shape: [height, width, 3], data: pixels }]]));
  await printLines(`${out}: ${height} × ${width}`);
}
