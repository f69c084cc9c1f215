import { DataError } from '@ltml/tensor';

/** Depths and heads by width. */
type Heads = Readonly<Record<number, readonly (readonly [depth: number, heads: number])[]>>;

/**
 * Image towers from the literature. Towers of the same width and depth have the same heads, whatever their patch size.
 *
 * Sources: Dosovitskiy et al. 2021, table 1; Touvron et al. 2021 and 2022 (DeiT); Zhai et al. 2022, table 2; Radford et
 * al. 2021, table 20; the configurations of open_clip. (MoCo v3's ViT-S has 12 heads, but its state names belong to
 * none of the supported layouts.)
 */
const imageHeads: Heads = {
  192: [[12, 3]],
  384: [[12, 6]],
  512: [[12, 8]],
  768: [[12, 12]],
  896: [[12, 14]],
  1024: [[24, 16]],
  1280: [[32, 16]],
  1408: [[40, 16]],
  1664: [[48, 16]],
};

/** Text towers of OpenAI's CLIP and of open_clip. */
const textHeads: Heads = {
  384: [[12, 6]],
  512: [[12, 8]],
  640: [[12, 10]],
  768: [[12, 12]],
  1024: [
    [12, 16],
    [24, 16],
  ],
  1280: [[32, 20]],
};

/** Which tower of CLIP; a network without texts is an image tower. */
export type Tower = 'image' | 'text';

/** The heads of the published network with this width and depth; undefined if there is none. */
export function publishedHeads(tower: Tower, width: number, depth: number): number | undefined {
  return (tower === 'image' ? imageHeads : textHeads)[width]?.find(([blocks]) => blocks === depth)?.[1];
}

/** The heads of the attention pooling in CLIP's published ResNets, by the number of channels after the stem. */
export function publishedPoolHeads(width: number): number | undefined {
  return [64, 80, 96, 128].includes(width) ? width / 2 : undefined;
}

/**
 * The number of heads for loading a network.
 *
 * @throws DataError if it is unknown. Shapes do not show it, and a wrong number would give wrong features
 */
export function toldHeads(where: string, heads: number | undefined, width: number): number {
  if (heads !== undefined) return heads;
  // Heads have 8 to 128 features.
  const possible = Array.from({ length: 121 }, (_, i) => width / (128 - i)).filter(Number.isInteger);
  throw new DataError({
    where,
    argument: 'options.heads',
    expected: `given, because the weights do not show the number of heads for width ${width}`,
    received: 'none',
    hint:
      `Possible are ${possible.join(', ') || `divisors of ${width}`}. ` +
      'A config.json beside the file has it as num_attention_heads.',
  });
}
