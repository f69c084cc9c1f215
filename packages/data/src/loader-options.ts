import { checkChoice, checkCount, checkFlag, checkOptionNames, OptionError, type RandomStreams } from '@ltml/tensor';
import type { InputParts, InputSource, LabelledInputs, Sampler } from './labelled-inputs.ts';
import type { Mix } from './mix/mix.ts';

export interface BatchLoaderOptions<Source extends InputSource | InputParts = InputSource> {
  /** Its inputs may have several parts; those of a batch are tensors by their names then. */
  readonly dataset: LabelledInputs<Source>;
  readonly sampler: Sampler;
  /** B, images a batch. */
  readonly batchSize: number;
  /** Leave out the last batch of an epoch if it is smaller than B; default false. */
  readonly dropLast?: boolean;
  /** Where augmentation draws from; nothing is augmented if left out. */
  readonly random?: RandomStreams;
  /** Makes images of pairs of a batch, and their labels of both: `mixup()` or `cutmix()`. Needs images, and `random`. */
  readonly mix?: Mix;
  /** What an image that can't be read does: stop with its name (default), or be left out and counted. */
  readonly onBroken?: 'throw' | 'skip';
  /** Batches that are read while one is in use; default 2. */
  readonly readAhead?: number;
}

/** @throws OptionError, also where dropLast leaves no batch */
export function checkLoaderOptions(options: BatchLoaderOptions<InputSource | InputParts>): void {
  checkOptionNames('BatchLoader', options, [
    ...['dataset', 'sampler', 'batchSize', 'dropLast', 'random', 'mix', 'onBroken', 'readAhead'],
  ]);
  const { batchSize, sampler, dropLast = false, onBroken = 'throw', readAhead = 2 } = options;
  checkCount('BatchLoader', 'options.batchSize', batchSize);
  checkFlag('BatchLoader', 'options.dropLast', dropLast);
  checkChoice('BatchLoader', 'options.onBroken', onBroken, ['throw', 'skip']);
  checkCount('BatchLoader', 'options.readAhead', readAhead);
  if (options.mix) checkMixed(options);
  if (dropLast && sampler.epochLength > 0 && sampler.epochLength < batchSize) {
    throw new OptionError({
      where: 'BatchLoader',
      argument: 'options.batchSize',
      expected: `at most ${sampler.epochLength}, the images of an epoch, where dropLast is set`,
      received: `${batchSize}`,
      hint: 'An epoch would have no batch.',
    });
  }
}

/** @throws OptionError where there are no images to mix, or nothing to draw from */
function checkMixed({ dataset, random }: BatchLoaderOptions<InputSource | InputParts>): void {
  const { shape } = dataset.inputs;
  const received = Array.isArray(shape) ? `[${shape}]` : Object.keys(shape).join(', ');
  if (!Array.isArray(shape) || shape.length !== 3 || shape[2] !== 3) {
    throw new OptionError({
      where: 'BatchLoader',
      argument: 'options.mix',
      expected: 'left out, unless inputs are images [H, W, 3]',
      received: `inputs ${received}`,
      hint: 'Features and views are not mixed: train the encoder on images.',
    });
  }
  if (random) return;
  const expected = 'given where options.mix is, to draw partners from';
  throw new OptionError({ where: 'BatchLoader', argument: 'options.random', expected, received: 'nothing' });
}
