import { DataError, OptionError, type RandomStream } from '@ltml/tensor';
import { ClipTextTransformer } from '../text/clip-text-transformer.ts';
import { loadClipText } from '../text/load-clip.ts';
import { describeClipText, readClipText } from '../weights/architecture.ts';
import { planWeights } from '../weights/plan.ts';
import type { WeightSource } from '../weights/source.ts';
import { zoo } from './zoo.ts';
import type { ZooEncoder } from './zoo-encoder.ts';

/**
 * Builds the text tower of a CLIP of the zoo.
 *
 * @param random stream for the initial weights; leave it out if you load weights afterwards
 * @throws OptionError for an encoder without a text tower
 */
export function buildTextTower(encoder: ZooEncoder, random?: RandomStream): ClipTextTransformer {
  return new ClipTextTransformer(textOf('buildTextTower', encoder), random);
}

/**
 * Builds the text tower of a CLIP of the zoo and loads a checkpoint, in evaluation mode. The checkpoint may contain the
 * text tower or both towers. What weights do not show, e.g. the heads, comes from the encoder, unless the configuration
 * beside them says otherwise.
 *
 * @throws OptionError for an encoder without a text tower; DataError if the checkpoint is of another tower, incomplete
 *   or broken
 */
export async function loadTextTower(encoder: ZooEncoder, source: WeightSource): Promise<ClipTextTransformer> {
  const text = textOf('loadTextTower', encoder);
  const expected = `the text tower of ${encoder.name}`;
  const plan = planWeights(source);
  if (!plan.tensors.has('token_embedding.weight')) {
    const hint = 'At timm, model.safetensors has the image tower only, and open_clip_model.safetensors has both.';
    throw new DataError({ where: 'loadTextTower', argument: 'source', expected, received: 'no text tower', hint });
  }
  const found = readClipText(plan);
  const sizes = ['vocabularySize', 'contextLength', 'width', 'layers', 'embedding'] as const;
  const told = (['heads', 'quickGelu'] as const).filter((name) => found[name] !== undefined);
  const wanted = { quickGelu: true, ...text };
  const differing = [...sizes, ...told].find((name) => found[name] !== wanted[name]);
  if (differing !== undefined) {
    const received = `another: ${describeClipText(found)}; ${differing} ${found[differing]}`;
    throw new DataError({ where: 'loadTextTower', argument: 'source', expected, received });
  }
  const { heads, quickGelu } = wanted;
  return loadClipText(source, { quickGelu, ...(heads !== undefined && { heads }) });
}

function textOf(where: string, { name, text }: ZooEncoder): NonNullable<ZooEncoder['text']> {
  if (text) return text;
  const names = zoo.filter((encoder) => encoder.text).map((encoder) => encoder.name);
  throw new OptionError({ where, argument: 'encoder', expected: `one of ${names.join(', ')}`, received: name });
}
