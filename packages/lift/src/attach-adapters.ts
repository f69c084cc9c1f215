import { checkCount, checkOptionNames, NotSupportedError, type RandomStream } from '@ltml/tensor';
import type { AdaptableEncoder, Encoder } from '@ltml/tensor/contract';
import { AdaptFormer, adapterWidth } from './adapt-former.ts';

/** Options of {@link attachAdapters}. */
export interface AttachOptions {
  /** W, width of a token. */
  readonly width: number;
  /** C, number of classes, which sets the default adapter width. */
  readonly classes: number;
  /** r, adapter width. Null: {@link adapterWidth}. */
  readonly bottleneck: number | null;
  /** How many of the last blocks get an adapter. Null: all. */
  readonly last: number | null;
  readonly random: RandomStream;
}

/**
 * Adds an adapter parallel to the MLP of each block. Adapters become part of the encoder, with state names
 * `….adapter.…`.
 *
 * @throws NotSupportedError for an encoder whose blocks take no adapters; OptionError if it has fewer than `last`
 *   blocks
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
      expected: 'a vision transformer with blocks that take adapters',
      received: 'another network',
      hint: 'The method lift-head works with any encoder. It trains the classifier only.',
    });
  }
  const count = last ?? blocks.length;
  checkCount(where, 'options.last', count, { min: 1, max: blocks.length });
  // As published, the width depends on the number of all blocks, even if fewer are adapted.
  const r = bottleneck ?? adapterWidth(classes, blocks.length);
  for (const block of blocks.slice(blocks.length - count)) {
    block.adapter = new AdaptFormer({ width, bottleneck: r, random });
  }
}
