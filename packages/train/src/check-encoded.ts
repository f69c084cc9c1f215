import type { InputSource } from '@ltml/data';
import { checkCount, DataError, OptionError, type RandomStreams } from '@ltml/tensor';

/** Options of storing features that are checked. */
export interface EncodedViews {
  readonly views: number;
  readonly random: RandomStreams | undefined;
  readonly batchSize: number;
}

/**
 * Checks them. @throws OptionError unless `views` is a whole number from 0, `random` is given if there are views, and
 * `batchSize` is a whole number from 1; DataError for no images
 */
export function checkEncoded(where: string, inputs: InputSource, { views, random, batchSize }: EncodedViews): void {
  checkCount(where, 'options.views', views, { min: 0 });
  checkCount(where, 'options.batchSize', batchSize);
  if (views > 0 && !random) {
    throw new OptionError({
      where,
      argument: 'options.random',
      expected: 'given, since the views are augmented at random',
      received: 'nothing',
    });
  }
  if (inputs.length > 0) return;
  throw new DataError({ where, argument: 'dataset', expected: 'a data set with at least one image', received: 'none' });
}
