import * as z from 'zod';

/** SPARC and what it reads. */
export interface SparcConfig {
  /** The first pass over the images learns how scores spread, the others how they go together. */
  readonly epochs: number;
  /** Texts with `{}` for the name; embeddings are averaged over them. */
  readonly templates: readonly string[];
  /** One text with `{}` for the name, by which images are compared among themselves. */
  readonly nameTemplate: string;
  /** Texts that name several classes, as scenes that might be seen. A class is found in them by its name. */
  readonly compounds: readonly string[];
  /** See {@link MatchOptions}. */
  readonly renames: Readonly<Record<string, string>>;
  /** Share of the score that is merged with the compound prompts. */
  readonly mix: number;
  /** Names to tell apart besides the classes of the task. */
  readonly otherClasses: readonly string[];
}

const text = z.string().min(1);
const template = text.refine((value) => value.includes('{}'), 'should have {} for the name');

/** Defaults are those of the preset `published`. */
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
 * The published settings. The paper has CLIP's 80 templates, and compound prompts that a language model wrote for each data
 * set; neither is shipped.
 *
 * Source: SPARC, CVPR 2025, released code; its mAP: COCO 2014 68.0, VOC 2007 88.7, NUS-WIDE 47.5.
 */
export const sparcPresets: Readonly<Record<'published', SparcConfig>> = { published: sparcConfigSchema.parse({}) };
