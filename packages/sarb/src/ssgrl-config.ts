import type { Freezing } from '@ltml/tensor';
import { freezingConfigSchema } from '@ltml/tensor/config';
import * as z from 'zod';

/** The network of SSGRL, as the methods that train it have it in their configurations. */
export interface SsgrlConfig {
  /**
   * What of the encoder does not train. By default all but `layer4`: of a ResNet-101 the "first 91 layers", the convolution
   * of the stem and the 3 · (3 + 4 + 23) of the first three stages, with their norms.
   */
  readonly freeze: Freezing;
  /** D, features of a class. A map of another number of channels is brought to it. */
  readonly features: number;
  readonly attention: AttentionConfig;
  /** T, steps of the graph network. */
  readonly graphSteps: number;
}

/** How class features come from the map. */
export type AttentionConfig =
  /** Semantic decoupling, by word vectors. */
  | { readonly name: 'decoupling'; readonly innerFeatures: number }
  /** The semantic attention module, without word vectors. */
  | { readonly name: 'masks' };

const attention = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('decoupling'), innerFeatures: z.int().positive().max(65_536).default(512) }),
  z.strictObject({ name: z.literal('masks') }),
]);

/** The entries of {@link SsgrlConfig}; defaults are those of the released code of SARB. */
export const ssgrlShape: { readonly [Name in keyof SsgrlConfig]: z.ZodType<SsgrlConfig[Name]> } = {
  freeze: freezingConfigSchema({ parameters: '^(?!layer4\\.)', statistics: '^(?!layer4\\.)' }),
  features: z.int().positive().max(65_536).default(1024),
  attention: attention.prefault({ name: 'decoupling' }),
  graphSteps: z.int().positive().max(1000).default(3),
};
