import { type PicturePipelines, unitStatistics } from '@ltml/images';
import type { PublishedPictures } from '@ltml/tensor/contract';
import { own } from '../recipe/merge.ts';
import { lossPictures } from './losses.ts';
import { methods } from './methods.ts';
import { levelsOf, withLevels } from './normalization.ts';

/** Methods and losses whose papers may give pipelines of pictures. */
export const publishedNames: readonly string[] = [...Object.keys(methods), ...Object.keys(lossPictures)];

/** The pipelines of the paper of a method or a loss; undefined if it gives none. */
export async function publishedPictures(name: string): Promise<PublishedPictures | undefined> {
  return own(lossPictures, name) ?? (await own(methods, name)?.())?.needs.pictures;
}

/** The pipelines of a paper. @param size height and width of the network's input in pixels; default: the paper's */
export function publishedPipelines(
  { steps, size: ofPaper }: PublishedPictures,
  size: number = ofPaper,
): PicturePipelines {
  const { train, test, normalization } = steps(size);
  const levels = levelsOf(normalization, unitStatistics);
  return { train: withLevels(train, levels), test: withLevels(test, levels) };
}
