import type { Method } from '@ltml/tensor/contract';
import { type TagclipConfig, tagclipConfigSchema, tagclipPresets } from './config.ts';
import { Tagclip, type TagclipParts } from './tagclip.ts';

/** TagCLIP (AAAI 2024) as a {@link Method}, for recipes and benchmarks. It learns nothing, so it has no stage. */
export const tagclip: Method<TagclipConfig, TagclipParts> & { readonly presets: typeof tagclipPresets } = {
  name: 'tagclip',
  configSchema: tagclipConfigSchema,
  presets: tagclipPresets,
  needs: { encodings: ['patches'], images: true, text: 'tower', loss: 'own' },
  stages: [],
  create: (task, parts, config) => new Tagclip(task, parts, config),
};
