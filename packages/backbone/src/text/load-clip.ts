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

/** What the shapes of a checkpoint do not tell of the text tower. */
export type LoadClipTextOptions = Partial<Pick<ClipTextTransformerConfig, 'heads' | 'quickGelu' | 'recompute'>>;

export interface LoadClipOptions {
  /** What the shapes do not tell of the image tower, or another image size. */
  readonly image?: Parameters<typeof loadClipImage>[1];
  readonly text?: LoadClipTextOptions;
}

/**
 * CLIP's text tower of the sizes that a checkpoint has, be it of the tower or of both, with its weights, in evaluation mode.
 *
 * Heads are those of the configuration beside the weights, or of the published tower of this width and depth; for others
 * `options.heads` is needed. `options.quickGelu` is that of the configuration; OpenAI's, true, if there is none.
 *
 * @throws DataError if the checkpoint is of another network, incomplete or broken, or does not tell heads
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
 * Both towers of CLIP, with the scale of the logits, in evaluation mode.
 *
 * @throws DataError if the checkpoint is of another network, incomplete or broken
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
