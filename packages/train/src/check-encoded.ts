import type { InputSource } from '@ltml/data';
import { checkCount, DataError, OptionError, type RandomStreams } from '@ltml/tensor';

/** What features of images are computed by. */
export interface EncodedViews {
  readonly views: number;
  readonly random: RandomStreams | undefined;
  readonly batchSize: number;
}

/** @throws OptionError unless `views` is a whole number from 0 with a stream if there are any, and `batchSize` one from 1; DataError for no images */
export function checkEncoded(where: string, inputs: InputSource, { views, random, batchSize }: EncodedViews): void {
  checkCount(where, 'options.views', views, { min: 0 });
  checkCount(where, 'options.batchSize', batchSize);
  if (views > 0 && !random) {
    throw new OptionError({
      where,
      argument: 'options.random',
      expected: 'given, for the augmentation of the views',
      received: 'nothing',
    });
  }
  if (inputs.length > 0) return;
  throw new DataError({ where, argument: 'dataset', expected: 'at least one image long', received: 'none' });
}
