import { checkOptionNames, DataError } from '@ltml/tensor';
import type { ClipResNet } from '../clip-resnet.ts';
import type { ClipVisionTransformer } from '../clip-vision-transformer.ts';
import { readClipText } from '../weights/architecture.ts';
import { toldHeads } from '../weights/heads.ts';
import { clipText, loadWeights } from '../weights/load.ts';
import { loadClipImage } from '../weights/load-networks.ts';
import { planWeights } from '../weights/plan.ts';
import type { WeightSource } from '../weights/source.ts';
import { Clip } from './clip.ts';
import { ClipTextTransformer, type ClipTextTransformerConfig } from './clip-text-transformer.ts';

/** Options of the text tower that the shapes of a checkpoint do not show. */
export type LoadClipTextOptions = Partial<Pick<ClipTextTransformerConfig, 'heads' | 'quickGelu' | 'recompute'>>;

/** Options of {@link loadClip}. */
export interface LoadClipOptions {
  /** Options of the image tower that the shapes do not show, or another image size. */
  readonly image?: Parameters<typeof loadClipImage>[1];
  /** Options of the text tower that the shapes do not show. */
  readonly text?: LoadClipTextOptions;
}

/**
 * Builds CLIP's text tower with the sizes of a checkpoint and loads its weights, in evaluation mode. The checkpoint may
 * contain the text tower or both towers.
 *
 * The number of heads comes from the configuration beside the weights, or from the published tower with this width and
 * depth; for others give `options.heads`. `options.quickGelu` defaults to the configuration; without one to true, as in
 * OpenAI's weights.
 *
 * @throws DataError if the checkpoint is of another network, incomplete or broken, or the heads are unknown;
 *   OptionError
 */
export async function loadClipText(
  source: WeightSource,
  options: LoadClipTextOptions = {},
): Promise<ClipTextTransformer> {
  checkOptionNames('loadClipText', options, ['heads', 'quickGelu', 'recompute']);
  const config = readClipText(planWeights(source));
  const heads = options.heads ?? toldHeads('loadClipText', config.heads, config.width);
  const tower = new ClipTextTransformer({ ...config, ...options, heads });
  try {
    await loadWeights(tower, source, { select: clipText });
  } catch (error) {
    tower.dispose();
    throw error;
  }
  return tower.eval();
}

/**
 * Builds both towers of CLIP with the sizes of a checkpoint and loads their weights and the logit scale, in evaluation
 * mode.
 *
 * @throws DataError if the checkpoint is of another network, incomplete or broken; OptionError
 */
export async function loadClip(
  source: WeightSource,
  options: LoadClipOptions = {},
): Promise<Clip<ClipVisionTransformer | ClipResNet>> {
  checkOptionNames('loadClip', options, ['image', 'text']);
  const text = await loadClipText(source, options.text);
  let visual: ClipVisionTransformer | ClipResNet | undefined;
  try {
    visual = await loadClipImage(source, options.image);
    const clip = new Clip(visual, text);
    const select = (name: string): string | undefined => (name === 'logit_scale' ? name : undefined);
    const { missing } = await loadWeights(clip, source, { select, partial: true });
    if (missing.includes('logit_scale')) {
      const expected = 'a tensor, as CLIP has it';
      throw new DataError({ where: 'loadClip', argument: 'logit_scale', expected, received: 'none' });
    }
    return clip.eval();
  } catch (error) {
    text.dispose();
    visual?.dispose();
    throw error;
  }
}
