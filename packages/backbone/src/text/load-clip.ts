import { checkOptionNames, DataError } from '@ltml/tensor';
import type { ClipResNet } from '../clip-resnet.ts';
import type { ClipVisionTransformer } from '../clip-vision-transformer.ts';
import { loadWeights } from '../weights/load.ts';
import { loadClipImage } from '../weights/load-networks.ts';
import { planWeights, type WeightPlan } from '../weights/plan.ts';
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
 * @throws DataError if the checkpoint is of another network, incomplete or broken
 */
export async function loadClipText(
  source: WeightSource,
  options: LoadClipTextOptions = {},
): Promise<ClipTextTransformer> {
  checkOptionNames('loadClipText', options, ['heads', 'quickGelu', 'recompute']);
  const tower = new ClipTextTransformer({ ...readClipTextConfig(planWeights(source)), ...options });
  try {
    await loadWeights(tower, source, { select: textState });
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
    if (missing.includes('logit_scale')) throw incomplete('loadClip', 'logit_scale', 'a tensor', 'none');
    return clip.eval();
  } catch (error) {
    text.dispose();
    visual?.dispose();
    throw error;
  }
}

function textState(name: string): string | undefined {
  return name.startsWith('visual.') || name === 'logit_scale' ? undefined : name;
}

/** Reads the text tower's sizes off the shapes of its weights; heads have 64 features, as everyone's. */
function readClipTextConfig(plan: WeightPlan): ClipTextTransformerConfig {
  const [vocabularySize, width] = matrix(plan, 'token_embedding.weight');
  const [contextLength] = matrix(plan, 'positional_embedding');
  const [, embedding] = matrix(plan, 'text_projection');
  const blocks = [...plan.tensors.keys()].map((name) =>
    Number(/^transformer\.resblocks\.(\d+)\./.exec(name)?.[1] ?? -1),
  );
  const heads = Math.max(1, Math.floor(width / 64));
  return { vocabularySize, contextLength, width, heads, layers: Math.max(-1, ...blocks) + 1, embedding };
}

function matrix(plan: WeightPlan, name: string): readonly number[] {
  const shape = plan.tensors.get(name)?.shape;
  if (shape?.length === 2) return shape;
  throw incomplete('loadClipText', name, 'a tensor of 2 axes', shape ? `[${shape}]` : 'none');
}

function incomplete(where: string, argument: string, expected: string, received: string): DataError {
  return new DataError({ where, argument, expected: `${expected}, as CLIP has it`, received });
}
