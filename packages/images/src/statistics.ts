/** Mean and standard deviation of each channel, in levels 0 … 255. */
export interface ChannelStatistics {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** The statistics of networks trained on ImageNet: 255 times (0.485, 0.456, 0.406) and (0.229, 0.224, 0.225). */
export const imagenetStatistics: ChannelStatistics = {
  mean: [123.675, 116.28, 103.53],
  std: [58.395, 57.12, 57.375],
};

/** The statistics of OpenAI's CLIP. */
export const clipStatistics: ChannelStatistics = {
  mean: [255 * 0.48145466, 255 * 0.4578275, 255 * 0.40821073],
  std: [255 * 0.26862954, 255 * 0.26130258, 255 * 0.27577711],
};

/** The statistics of the vision transformers that timm calls `augreg` and `orig`; levels become −1 … 1. */
export const halfStatistics: ChannelStatistics = { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] };

/** Statistics that map levels to 0 … 1. */
export const unitStatistics: ChannelStatistics = { mean: [0, 0, 0], std: [255, 255, 255] };
