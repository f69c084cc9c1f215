import type { DecodeMode } from '@ltml/images/node';
import type { ViewsName } from './predict/views.ts';

/** How predictions are printed or written. */
export type FormatName = 'table' | 'jsonl' | 'csv' | 'parquet';

/** Options that all predictions share. */
export interface PredictionOptions {
  /** Number of classes to print for each picture. */
  readonly top: number;
  /** Do not turn pictures upright by their EXIF orientation. */
  readonly asStored?: boolean;
  /** Continue after a picture that can't be read, and count it. */
  readonly skipBroken?: boolean;
  /** Short for the format `jsonl`. */
  readonly json?: boolean;
  readonly format?: FormatName;
  /** File to write, instead of standard output. */
  readonly out?: string;
  /** Test-time augmentation; default `none`. */
  readonly tta?: ViewsName;
}

/** How pictures are decoded: upright, unless `asStored` is set. */
export function decodeModeOf({ asStored = false }: Pick<PredictionOptions, 'asStored'>): DecodeMode {
  return asStored ? 'as-pil' : 'upright';
}
