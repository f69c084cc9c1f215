import type { Freezing } from '@ltml/tensor';
import { freezingConfigSchema } from '@ltml/tensor/config';
import * as z from 'zod';

/** Configuration of the SSGRL network, for all methods that train it. */
export interface SsgrlConfig {
  /**
   * The frozen parts of the encoder. Default: all except `layer4`. In a ResNet-101 these are the paper's "first 91
   * layers": 1 convolution of the stem and 3 · (3 + 4 + 23) of the first three stages, with their norms.
   */
  readonly freeze: Freezing;
  /** D, features of a class. A feature map with another number of channels is projected to D channels. */
  readonly features: number;
  /** How class features are computed. */
  readonly attention: AttentionConfig;
  /** T, number of steps of the graph network. */
  readonly graphSteps: number;
}

/** How class features are computed from the feature map. */
export type AttentionConfig =
  /** Semantic decoupling, with word vectors. */
  | { readonly name: 'decoupling'; readonly innerFeatures: number }
  /** The semantic attention module, without word vectors. */
  | { readonly name: 'masks' };

const attention = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('decoupling'), innerFeatures: z.int().positive().max(65_536).default(512) }),
  z.strictObject({ name: z.literal('masks') }),
]);

/** Schema entries of {@link SsgrlConfig}. The defaults are those of the released code of SARB. */
export const ssgrlShape: { readonly [Name in keyof SsgrlConfig]: z.ZodType<SsgrlConfig[Name]> } = {
  freeze: freezingConfigSchema({ parameters: '^(?!layer4\\.)', statistics: '^(?!layer4\\.)' }),
  features: z.int().positive().max(65_536).default(1024),
  attention: attention.prefault({ name: 'decoupling' }),
  graphSteps: z.int().positive().max(1000).default(3),
};
