import * as z from 'zod';

/** TagCLIP and what it reads. */
export interface TagclipConfig {
  /** Texts with `{}` for the name; embeddings are averaged over them. */
  readonly templates: readonly string[];
  /** Names of what is in pictures and is no class, e.g. sky. */
  readonly background: readonly string[];
  /** See {@link TagclipOptions}. */
  readonly votes: number;
  readonly layers: readonly [number, number];
  readonly scale: number;
  readonly reidentify: boolean;
  readonly relativeThreshold: number;
  readonly fullBoxes: boolean;
}

const text = z.string().min(1);
const layer = z.int().nonnegative().max(1000);

/** Defaults are those of the preset `voc`. */
export const tagclipConfigSchema: z.ZodType<TagclipConfig> = z.strictObject({
  templates: z
    .array(text.refine((value) => value.includes('{}'), 'should have {} for the name'))
    .min(1)
    .default(['a photo of a {}.']),
  background: z.array(text).default([]),
  votes: z.int().nonnegative().max(1000).default(4),
  layers: z.tuple([layer, layer]).default([8, 10]),
  scale: z.number().positive().default(100),
  reidentify: z.boolean().default(true),
  relativeThreshold: z.number().min(0).max(1).default(0.5),
  fullBoxes: z.boolean().default(false),
});

/**
 * The published settings, on CLIP's ViT-B/16: `voc` for VOC and COCO, `stuff` for COCO-Stuff. The paper has CLIP's 80
 * templates and names of backgrounds for VOC and COCO; neither is shipped.
 *
 * Source: TagCLIP, AAAI 2024, released code; its mAP: VOC 2007 92.8, COCO 2014 68.7.
 */
export const tagclipPresets: Readonly<Record<'voc' | 'stuff', TagclipConfig>> = {
  voc: tagclipConfigSchema.parse({}),
  stuff: tagclipConfigSchema.parse({ layers: [0, 10], relativeThreshold: 0.1 }),
};
