import type { QuarterTurn } from '@ltml/images/node';
import type { SparseLabels } from '@ltml/tensor/labels';
import type { ClassList } from '../../data-set.ts';
import type { CheckedFact } from '../../expected-count.ts';
import type { Pictures } from '../../pictures.ts';
import type { PictureNames } from '../picture-files.ts';
import type { SetFolder } from './set-folder.ts';

/** What of a published data set to read, and from where. */
export interface SetRequest<Options> {
  readonly folder: SetFolder;
  /** Published names of the splits. */
  readonly splits: readonly string[];
  /** Files that list the images of a split in place of the published ones, by split. */
  readonly lists: Readonly<Record<string, string>>;
  readonly options: Options;
  /** Told of what is odd and can be read all the same. */
  readonly onWarning: (message: string) => void;
}

/** The images of one split as they are read; no picture has been opened. */
export interface ReadSplit {
  /** May have columns for the first classes alone. */
  readonly labels: SparseLabels;
  readonly pictures: PictureNames;
  /** What gives the pictures where they are no files of their own. */
  readonly decoded?: Pictures;
  /** [N] ids of the images in COCO, −1 where there is none: data sets of different names may share pictures. */
  readonly cocoIds?: ArrayLike<number>;
  /** Reads how stored pictures are turned, where the set publishes it; undefined without the file that says so. */
  readonly readTurns?: () => Promise<((index: number) => QuarterTurn | undefined) | undefined>;
}

/** What was read. */
export interface ReadSet {
  readonly classes: ClassList;
  /** By published name. */
  readonly splits: Readonly<Record<string, ReadSplit>>;
  /** What a check of this set alone found. */
  readonly facts?: readonly CheckedFact[];
}

/**
 * Reads splits of a published data set in its published layout.
 *
 * @throws DataError by file and line, id or key
 */
export type SetReader<Options> = (request: SetRequest<Options>) => Promise<ReadSet>;
