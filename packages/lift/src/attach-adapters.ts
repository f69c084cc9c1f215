import { checkCount, checkOptionNames, NotSupportedError, type RandomStream } from '@ltml/tensor';
import type { AdaptableEncoder, Encoder } from '@ltml/tensor/contract';
import { AdaptFormer, adapterWidth } from './adapt-former.ts';

export interface AttachOptions {
  /** W, features of a token. */
  readonly width: number;
  /** C, by which the published width of the adapters goes. */
  readonly classes: number;
  /** r; that of the published runs if null. */
  readonly bottleneck: number | null;
  /** The last blocks, which are adapted; all of them if null. */
  readonly last: number | null;
  readonly random: RandomStream;
}

/**
 * Puts an adapter beside the MLP of each block. The adapters become a part of the encoder: `….adapter.…` among its names.
 *
 * @throws NotSupportedError for an encoder without such blocks; OptionError if it has fewer than `last`
 */
export function attachAdapters(encoder: Encoder, options: AttachOptions): void {
  const where = 'attachAdapters';
  checkOptionNames(where, options, ['width', 'classes', 'bottleneck', 'last', 'random']);
  const { width, classes, bottleneck, last, random } = options;
  checkCount(where, 'options.width', width);
  checkCount(where, 'options.classes', classes);
  if (bottleneck !== null) checkCount(where, 'options.bottleneck', bottleneck);
  const { adaptableBlocks: blocks } = encoder as Encoder & Partial<Pick<AdaptableEncoder, 'adaptableBlocks'>>;
  if (!blocks) {
    throw new NotSupportedError({
      where,
      argument: 'encoder',
      expected: 'a vision transformer, whose blocks take adapters',
      received: 'another network',
      hint: 'lift-head trains the classifier alone, on any encoder.',
    });
  }
  const count = last ?? blocks.length;
  checkCount(where, 'options.last', count, { min: 1, max: blocks.length });
  // By all blocks of the encoder, as published, however many of them are adapted.
  const r = bottleneck ?? adapterWidth(classes, blocks.length);
  for (const block of blocks.slice(blocks.length - count)) {
    block.adapter = new AdaptFormer({ width, bottleneck: r, random });
  }
}
