import type { DecodeMode } from '@ltml/images/node';
import type { ViewsName } from './predict/views.ts';

/** How predictions are printed or written. */
export type FormatName = 'table' | 'jsonl' | 'csv' | 'parquet';

export interface PredictionOptions {
  /** Classes printed of each picture. */
  readonly top: number;
  /** Take pictures as their files store them, not upright. */
  readonly asStored?: boolean;
  /** Go on after a picture that can't be read, and count it. */
  readonly skipBroken?: boolean;
  /** Lines of JSON; short for the format `jsonl`. */
  readonly json?: boolean;
  readonly format?: FormatName;
  /** File for predictions, in place of standard output. */
  readonly out?: string;
  /** Test-time augmentation; default `none`. */
  readonly tta?: ViewsName;
}

/** How pictures are read: people's own are seen upright. */
export function decodeModeOf({ asStored = false }: Pick<PredictionOptions, 'asStored'>): DecodeMode {
  return asStored ? 'as-pil' : 'upright';
}
