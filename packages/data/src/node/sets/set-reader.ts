import type { QuarterTurn } from '@ltml/images/node';
import type { SparseLabels } from '@ltml/tensor/labels';
import type { ClassList } from '../../data-set.ts';
import type { CheckedFact } from '../../expected-count.ts';
import type { Pictures } from '../../pictures.ts';
import type { PictureNames } from '../picture-files.ts';
import type { SetFolder } from './set-folder.ts';

/** Which parts of a published data set to read, and from where. */
export interface SetRequest<Options> {
  readonly folder: SetFolder;
  /** The published names of the splits. */
  readonly splits: readonly string[];
  /** The user's files that list the images of a split, replacing the published ones; by split. */
  readonly lists: Readonly<Record<string, string>>;
  readonly options: Options;
  /** Called with a message about unusual input that can still be read. */
  readonly onWarning: (message: string) => void;
}

/** The images of one split. No picture has been opened. */
export interface ReadSplit {
  /** The labels; they may have columns for the first classes only. */
  readonly labels: SparseLabels;
  readonly pictures: PictureNames;
  /** The pictures, if they are not files of their own. */
  readonly decoded?: Pictures;
  /** [N] COCO ids of the images, −1 if there is none. Several data sets share pictures of COCO. */
  readonly cocoIds?: ArrayLike<number>;
  /** Reads how stored pictures are rotated, if the data set publishes it; undefined if the file does not exist. */
  readonly readTurns?: () => Promise<((index: number) => QuarterTurn | undefined) | undefined>;
}

/** The result of reading a data set. */
export interface ReadSet {
  readonly classes: ClassList;
  /** The splits, by published name. */
  readonly splits: Readonly<Record<string, ReadSplit>>;
  /** The results of checks that only this data set has. */
  readonly facts?: readonly CheckedFact[];
}

/**
 * Reads splits of a published data set in its published layout.
 *
 * @throws DataError naming file and line, id or key
 */
export type SetReader<Options> = (request: SetRequest<Options>) => Promise<ReadSet>;
