import { checkChoice, checkCount, checkFlag, checkOptionNames, OptionError, type RandomStreams } from '@ltml/tensor';
import type { InputParts, InputSource, LabelledInputs, Sampler } from './labelled-inputs.ts';
import type { Mix } from './mix/mix.ts';

/** Options of {@link BatchLoader}. */
export interface BatchLoaderOptions<Source extends InputSource | InputParts = InputSource> {
  /** The data set. If its inputs have several parts, those of a batch are tensors by name. */
  readonly dataset: LabelledInputs<Source>;
  /** Decides which images an epoch uses, and in which order. */
  readonly sampler: Sampler;
  /** B, the number of images in a batch. */
  readonly batchSize: number;
  /** Leaves out the last batch of an epoch if it is smaller than B; default false. */
  readonly dropLast?: boolean;
  /** The random streams for augmentation; default no augmentation. */
  readonly random?: RandomStreams;
  /**
   * Mixes pairs of images of a batch, and their labels: `mixup()` or `cutmix()`. It needs image inputs and `random`.
   */
  readonly mix?: Mix;
  /**
   * What happens if an image cannot be read: `throw` (default) stops with an error that names it, `skip` leaves it out
   * and counts it.
   */
  readonly onBroken?: 'throw' | 'skip';
  /** Number of batches that are read ahead while one is in use, from 1; default 2. */
  readonly readAhead?: number;
}

/** Checks the options. @throws OptionError, also if dropLast leaves no batch */
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
      expected: `at most ${sampler.epochLength}, the number of images in an epoch, because dropLast is set`,
      received: `${batchSize}`,
      hint: 'Otherwise an epoch has no batch. Use a smaller batchSize, or leave out dropLast.',
    });
  }
}

/** Checks that the inputs can be mixed. @throws OptionError if they are not images, or without random streams */
function checkMixed({ dataset, random }: BatchLoaderOptions<InputSource | InputParts>): void {
  const { shape } = dataset.inputs;
  const received = Array.isArray(shape) ? `[${shape}]` : Object.keys(shape).join(', ');
  if (!Array.isArray(shape) || shape.length !== 3 || shape[2] !== 3) {
    throw new OptionError({
      where: 'BatchLoader',
      argument: 'options.mix',
      expected: 'left out, unless inputs are images [H, W, 3]',
      received: `inputs ${received}`,
      hint: 'Features and views cannot be mixed. Train the encoder on images.',
    });
  }
  if (random) return;
  const expected = 'given together with options.mix, because partners are drawn from it';
  throw new OptionError({ where: 'BatchLoader', argument: 'options.random', expected, received: 'nothing' });
}
