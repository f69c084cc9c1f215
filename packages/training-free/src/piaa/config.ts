import * as z from 'zod';

/** Configuration of PIAA. */
export interface PiaaConfig {
  /** Passes over the images. Each starts anew, so more than one does not help. Default 1. */
  readonly epochs: number;
  /** The patches to use: those of the encoder (`plain`), or those of a modified CLIP ViT. Default `scclip`. */
  readonly patches: 'plain' | 'sclip' | 'itaclip' | 'scclip';
  /** Texts with `{}` for the name. Embeddings are averaged over them. */
  readonly templates: readonly string[];
  /** Further class names, in addition to the classes of the task. Default none. */
  readonly otherClasses: readonly string[];
  /** k, patches kept per class. Default 512. */
  readonly patchesOfClass: number;
  /** See {@link PatchClassesOptions}. */
  readonly entropyScale: number;
  /** See {@link LearnOptions}. */
  readonly temperature: number;
  /** See {@link LearnOptions}. Default 2. */
  readonly passes: 1 | 2;
  /** See {@link LearnOptions}. Default `throw`. */
  readonly onEmpty: 'throw' | 'first';
  /** See {@link ScoreOptions}. */
  readonly imageScale: number;
  /** See {@link ScoreOptions}. */
  readonly patchScale: number;
  /** See {@link ScoreOptions}. Default 500. */
  readonly gaussianTemperature: number;
  /** See {@link ScoreOptions}. Default 0.1. */
  readonly imageWeight: number;
}

const positive = z.number().positive();
const template = z.string().refine((text) => text.includes('{}'), 'should have {} for the name');

/** Schema of {@link PiaaConfig}. The defaults are the preset `voc`. */
export const piaaConfigSchema: z.ZodType<PiaaConfig> = z.strictObject({
  epochs: z.int().positive().max(1e6).default(1),
  patches: z.enum(['plain', 'sclip', 'itaclip', 'scclip']).default('scclip'),
  templates: z.array(template).min(1).default(['a photo of a {}']),
  otherClasses: z.array(z.string().min(1)).default([]),
  patchesOfClass: z.int().positive().max(65_536).default(512),
  entropyScale: positive.default(60),
  temperature: positive.default(100),
  passes: z.union([z.literal(1), z.literal(2)]).default(2),
  onEmpty: z.enum(['throw', 'first']).default('throw'),
  imageScale: z.number().min(0).default(80),
  patchScale: z.number().min(0).default(200),
  gaussianTemperature: positive.default(500),
  imageWeight: z.number().min(0).max(1).default(0.1),
});

/**
 * The published settings for each data set, for CLIP's ViT-B/16 at 224 pixels with the patches of SC-CLIP.
 *
 * Source: PIAA, ICML 2026, released code; its mAP: VOC 2007 92.5, VOC 2012 92.2, COCO 2014 73.2, NUS-WIDE 50.6.
 */
export const piaaPresets: Readonly<Record<'voc' | 'coco' | 'nus-wide', PiaaConfig>> = {
  voc: piaaConfigSchema.parse({}),
  coco: piaaConfigSchema.parse({ temperature: 0.01, patchScale: 400 }),
  'nus-wide': piaaConfigSchema.parse({ temperature: 500, imageScale: 10, patchScale: 400 }),
};
