import type { Pair } from '@ltml/tensor';
import type { EncodingName } from '@ltml/tensor/contract';
import type { ClipResNetConfig } from '../clip-resnet.ts';
import type { ClipVisionTransformerConfig } from '../clip-vision-transformer.ts';
import type { BasicShape, BottleneckShape } from '../resnets.ts';
import type { ClipTextTransformerConfig } from '../text/clip-text-transformer.ts';
import type { VisionTransformerConfig } from '../vision-transformer.ts';
import type { Preprocessing } from './preprocessing.ts';

/** The sizes of a network, as data. */
export type ZooNetwork =
  | { readonly kind: 'resnet'; readonly shape: BottleneckShape }
  | { readonly kind: 'basic-resnet'; readonly shape: BasicShape }
  | { readonly kind: 'vit'; readonly config: Omit<VisionTransformerConfig, 'imageSize' | 'classes' | 'recompute'> }
  | { readonly kind: 'clip-vit'; readonly config: Omit<ClipVisionTransformerConfig, 'imageSize' | 'recompute'> }
  | { readonly kind: 'clip-resnet'; readonly config: Omit<ClipResNetConfig, 'imageSize' | 'recompute'> }
  | { readonly kind: 'resnet-tiny' }
  | { readonly kind: 'tiny-clip' };

/** Weights that others have published for a network. */
export interface KnownWeights {
  /** `owner/name` on the Hugging Face hub. */
  readonly hub: string;
  /** What others call the network with these weights. */
  readonly aliases?: readonly string[];
  /** Where the hub's model has several: the one to take. */
  readonly file?: string;
  /** What they are given under, an SPDX name; `unstated` where the hub's page says nothing. */
  readonly licence: string;
  /** Who trained them on what, in a few words. */
  readonly source: string;
  /** Where it is another than that of the encoder's first weights. */
  readonly preprocessing?: Preprocessing;
}

/** A network by name, with all that must be known to use it. */
export interface ZooEncoder {
  readonly name: string;
  /** What timm, torchvision, open_clip and the Hugging Face hub call it. */
  readonly aliases: readonly string[];
  readonly network: ZooNetwork;
  /** What it makes of an image: `features` [B, D] and perhaps a `featureMap` [B, h, w, D] or `patches` [B, N, D]. */
  readonly encodings: readonly EncodingName[];
  /** D */
  readonly width: number;
  /** Channels of its feature map, where these are not D. */
  readonly mapWidth?: number;
  /** Pixels, what its first weights were trained with. */
  readonly imageSize: Pair;
  /** Whether images of another size need another network, whose positions are resized from those of the weights. */
  readonly hasPositions: boolean;
  /** That of its first weights. */
  readonly preprocessing: Preprocessing;
  /** The text tower whose texts lie in the space of its features. */
  readonly text?: Omit<ClipTextTransformerConfig, 'recompute'>;
  /** How checkpoints that are known name its tensors: names of `weightLayouts`. */
  readonly layouts: readonly string[];
  /** The first is taken where a recipe names none; none where this package carries the weights. */
  readonly weights: readonly KnownWeights[];
}
