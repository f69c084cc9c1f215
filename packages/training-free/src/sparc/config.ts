import * as z from 'zod';

/** Configuration of SPARC. */
export interface SparcConfig {
  /**
   * Passes over the images. The first computes means and deviations of the scores, the others their covariances.
   * Default 2.
   */
  readonly epochs: number;
  /** Texts with `{}` for the name. Embeddings are averaged over them. */
  readonly templates: readonly string[];
  /** One text with `{}` for the name. Its cosines remove the bias of each image. Default `{}`. */
  readonly nameTemplate: string;
  /** Compound prompts: texts that name several classes, such as likely scenes. Classes are found in them by name. */
  readonly compounds: readonly string[];
  /** See {@link MatchOptions}. */
  readonly renames: Readonly<Record<string, string>>;
  /** Weight of the score that is merged with compound prompts, in [0, 1]. Default 0.5. */
  readonly mix: number;
  /** Further class names, in addition to the classes of the task. Default none. */
  readonly otherClasses: readonly string[];
}

const text = z.string().min(1);
const template = text.refine((value) => value.includes('{}'), 'should have {} for the name');

/** Schema of {@link SparcConfig}. The defaults are the preset `published`. */
export const sparcConfigSchema: z.ZodType<SparcConfig> = z.strictObject({
  epochs: z.int().min(1).max(1e6).default(2),
  templates: z.array(template).min(1).default(['a photo of a {}.']),
  nameTemplate: template.default('{}'),
  compounds: z.array(text).default([]),
  renames: z.record(text, text).default({}),
  mix: z.number().min(0).max(1).default(0.5),
  otherClasses: z.array(text).default([]),
});

/**
 * The published settings, with one template and no compound prompts. The paper uses CLIP's 80 templates, and compound
 * prompts that a language model wrote for each data set. We ship neither.
 *
 * Source: SPARC, CVPR 2025, released code; its mAP: COCO 2014 68.0, VOC 2007 88.7, NUS-WIDE 47.5.
 */
export const sparcPresets: Readonly<Record<'published', SparcConfig>> = { published: sparcConfigSchema.parse({}) };
