import type { Pair } from '@ltml/tensor';
import type { EncodingName } from '@ltml/tensor/contract';
import type { ClipResNetConfig } from '../clip-resnet.ts';
import type { ClipVisionTransformerConfig } from '../clip-vision-transformer.ts';
import type { BasicShape, BottleneckShape } from '../resnets.ts';
import type { ClipTextTransformerConfig } from '../text/clip-text-transformer.ts';
import type { VisionTransformerConfig } from '../vision-transformer.ts';
import type { Preprocessing } from './preprocessing.ts';

/** The sizes of a network, as plain data. */
export type ZooNetwork =
  | { readonly kind: 'resnet'; readonly shape: BottleneckShape }
  | { readonly kind: 'basic-resnet'; readonly shape: BasicShape }
  | { readonly kind: 'vit'; readonly config: Omit<VisionTransformerConfig, 'imageSize' | 'classes' | 'recompute'> }
  | { readonly kind: 'clip-vit'; readonly config: Omit<ClipVisionTransformerConfig, 'imageSize' | 'recompute'> }
  | { readonly kind: 'clip-resnet'; readonly config: Omit<ClipResNetConfig, 'imageSize' | 'recompute'> }
  | { readonly kind: 'resnet-tiny' }
  | { readonly kind: 'tiny-clip' };

/** Published weights of a network. */
export interface KnownWeights {
  /** `owner/name` on the Hugging Face hub. */
  readonly hub: string;
  /** Other names of the network with these weights. */
  readonly aliases?: readonly string[];
  /** The file to use, if the hub's model has several. */
  readonly file?: string;
  /** The licence, an SPDX name; `unstated` if the hub's page does not say. */
  readonly licence: string;
  /** Who trained them and on what, in a few words. */
  readonly source: string;
  /** The preprocessing, if it differs from that of the encoder's first weights. */
  readonly preprocessing?: Preprocessing;
}

/** A network by name, with everything needed to use it. */
export interface ZooEncoder {
  /** Its name in recipes and in {@link encoderByName}. */
  readonly name: string;
  /** Its names in timm, torchvision, open_clip and the Hugging Face hub. */
  readonly aliases: readonly string[];
  readonly network: ZooNetwork;
  /** Its encodings: `features` [B, D], and possibly `featureMap` [B, h, w, D] or `patches` [B, N, D]. */
  readonly encodings: readonly EncodingName[];
  /** D, the number of features. */
  readonly width: number;
  /** Channels of its feature map, if they differ from D. */
  readonly mapWidth?: number;
  /** In pixels: the image size of its first weights. */
  readonly imageSize: Pair;
  /** Whether images of another size need another network, with positions resized from those of the weights. */
  readonly hasPositions: boolean;
  /** The preprocessing of its first weights. */
  readonly preprocessing: Preprocessing;
  /** The text tower whose embeddings share the space of its features. */
  readonly text?: Omit<ClipTextTransformerConfig, 'recompute'>;
  /** The layouts of its known checkpoints: names of `weightLayouts`. */
  readonly layouts: readonly string[];
  /** Known weights. The first are used if a recipe names none; empty if the weights are part of this package. */
  readonly weights: readonly KnownWeights[];
}
