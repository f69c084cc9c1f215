import { nearestName, OptionError } from '@ltml/tensor';
import { zoo } from './zoo.ts';
import type { KnownWeights, ZooEncoder } from './zoo-encoder.ts';

/** An encoder, and the weights that its name refers to. */
export interface NamedEncoder {
  readonly encoder: ZooEncoder;
  /**
   * The weights in the name, as in `resnet50.a1_in1k`; otherwise the first known weights; undefined if none are known.
   */
  readonly weights: KnownWeights | undefined;
}

/**
 * Finds an encoder by its name, or by a name of it or its weights in timm, torchvision, open_clip or the Hugging Face
 * hub.
 *
 * @throws OptionError if there is none, suggesting the nearest name
 */
export function encoderByName(name: string): NamedEncoder {
  for (const encoder of zoo) {
    const weights = encoder.weights.find((known) => namesOfWeights(known).includes(name));
    if (weights) return { encoder, weights };
    if (namesOf(encoder).includes(name)) return { encoder, weights: encoder.weights[0] };
  }
  const names = zoo.map((encoder) => encoder.name);
  const near = nearestName(String(name), zoo.flatMap(allNames));
  throw new OptionError({
    where: 'encoderByName',
    argument: 'name',
    expected: near ? 'an encoder of the zoo' : `one of ${names.join(', ')}`,
    received: `"${name}"`,
    ...(near && { hint: `Did you mean ${near}?` }),
  });
}

function allNames(encoder: ZooEncoder): string[] {
  return [...namesOf(encoder), ...encoder.weights.flatMap(namesOfWeights)];
}

function namesOf({ name, aliases }: ZooEncoder): string[] {
  return [name, ...aliases];
}

/** The hub's `timm/resnet50.a1_in1k` is `resnet50.a1_in1k` in timm. */
function namesOfWeights({ hub, aliases = [] }: KnownWeights): string[] {
  const ofTimm = hub.startsWith('timm/') ? [hub.slice('timm/'.length)] : [];
  return [hub, ...ofTimm, ...aliases];
}
