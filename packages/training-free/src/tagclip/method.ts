import type { Method } from '@ltml/tensor/contract';
import { type TagclipConfig, tagclipConfigSchema, tagclipPresets } from './config.ts';
import { Tagclip, type TagclipParts } from './tagclip.ts';

/** TagCLIP as a method, for configurations and benchmarks. It has no stage: there is nothing to learn. */
export const tagclip: Method<TagclipConfig, TagclipParts> & { readonly presets: typeof tagclipPresets } = {
  name: 'tagclip',
  configSchema: tagclipConfigSchema,
  presets: tagclipPresets,
  needs: { encodings: ['patches'], images: true, text: 'tower', loss: 'own' },
  stages: [],
  create: (task, parts, config) => new Tagclip(task, parts, config),
};
