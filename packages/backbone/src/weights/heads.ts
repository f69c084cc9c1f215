import { DataError } from '@ltml/tensor';

/** Blocks and heads by width. */
type Heads = Readonly<Record<number, readonly (readonly [depth: number, heads: number])[]>>;

/**
 * Image towers of the literature; those of one width and depth have the same heads whatever their patches.
 *
 * Sources: Dosovitskiy et al. 2021, table 1; Touvron et al. 2021 and 2022 (DeiT); Zhai et al. 2022, table 2; Radford et al.
 * 2021, table 20; the configurations of open_clip. (MoCo v3's ViT-S has 12 heads, but names of its own, which no layout
 * here has.)
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

export type Tower = 'image' | 'text';

/** Heads of the published network with this width and so many blocks; undefined if there is none. */
export function publishedHeads(tower: Tower, width: number, depth: number): number | undefined {
  return (tower === 'image' ? imageHeads : textHeads)[width]?.find(([blocks]) => blocks === depth)?.[1];
}

/** Heads of the attention pooling of CLIP's published ResNets, by the channels after the stem. */
export function publishedPoolHeads(width: number): number | undefined {
  return [64, 80, 96, 128].includes(width) ? width / 2 : undefined;
}

/**
 * The heads of a network that is loaded.
 *
 * @throws DataError if nobody told them: shapes do not, and with other heads the network would give other features
 */
export function toldHeads(where: string, heads: number | undefined, width: number): number {
  if (heads !== undefined) return heads;
  // Heads are from 8 to 128 wide.
  const possible = Array.from({ length: 121 }, (_, i) => width / (128 - i)).filter(Number.isInteger);
  throw new DataError({
    where,
    argument: 'options.heads',
    expected: `given, since the weights do not tell the heads of a width of ${width}`,
    received: 'none',
    hint: `Possible are ${possible.join(', ') || `divisors of ${width}`}. A config.json beside the file tells it by num_attention_heads.`,
  });
}
