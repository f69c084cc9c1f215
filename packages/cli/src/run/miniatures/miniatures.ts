import { UsageError } from '@ltml/recipes/usage-error';
import { cifarFiles } from './cifar.ts';
import { cocoFiles, cocoLongTailFiles } from './coco.ts';
import { nusWideFiles } from './nus-wide.ts';
import { openImagesFiles } from './open-images.ts';
import { type Files, miniatureScenes, singleScenes, writeFiles } from './scenes.ts';
import { inaturalistFiles, pathListFiles } from './single-label.ts';
import { visualGenomeFiles } from './visual-genome.ts';
import { voc07Files, voc12Files, vocLongTailFiles } from './voc.ts';

/** Makers of the files of a small published set, by its name. */
const miniatures: Readonly<Record<string, () => Promise<Files>>> = {
  voc07: async () => voc07Files(await miniatureScenes()),
  voc12: async () => voc12Files(await miniatureScenes()),
  'voc-mlt': async () => vocLongTailFiles(await miniatureScenes()),
  coco14: async () => cocoFiles(await miniatureScenes(), 2014),
  coco17: async () => cocoFiles(await miniatureScenes(), 2017),
  'coco-mlt': async () => cocoLongTailFiles(await miniatureScenes()),
  vg: async () => visualGenomeFiles(await miniatureScenes()),
  'nus-wide': async () => nusWideFiles(await miniatureScenes(true)),
  'open-images': async () => openImagesFiles(await miniatureScenes(true)),
  'imagenet-lt': async () => pathListFiles(await singleScenes(), 'ImageNet_LT'),
  'places-lt': async () => pathListFiles(await singleScenes(), 'Places_LT'),
  inat18: async () => inaturalistFiles(await singleScenes()),
  'cifar-100-lt': async () => cifarFiles(await singleScenes()),
};

/** Names of the published sets that have a miniature. */
export const miniatureNames: readonly string[] = Object.keys(miniatures);

/**
 * Writes a few scenes of digits-lt in the layout of a published set. Its reader takes them for that set, so that you
 * can try commands.
 *
 * @returns the number of files
 * @throws UsageError for a set without a miniature
 */
export async function writeMiniature(folder: string, set: string): Promise<number> {
  const make = Object.hasOwn(miniatures, set) ? miniatures[set] : undefined;
  if (!make) throw new UsageError(`--as: unknown "${set}"; known: ${miniatureNames.join(', ')}`);
  const files = await make();
  await writeFiles(folder, files);
  return files.size;
}
