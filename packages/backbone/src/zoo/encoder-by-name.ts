import { nearestName, OptionError } from '@ltml/tensor';
import { zoo } from './zoo.ts';
import type { KnownWeights, ZooEncoder } from './zoo-encoder.ts';

/** An encoder, and the weights that its name tells. */
export interface NamedEncoder {
  readonly encoder: ZooEncoder;
  /** Those that the name tells, as `resnet50.a1_in1k` does, else the first that are known; undefined if none are. */
  readonly weights: KnownWeights | undefined;
}

/**
 * Finds an encoder by its name, or by what timm, torchvision, open_clip or the Hugging Face hub call it or its weights.
 *
 * @throws OptionError if there is none, with the nearest name
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

/** `timm/resnet50.a1_in1k`, which timm calls `resnet50.a1_in1k`. */
function namesOfWeights({ hub, aliases = [] }: KnownWeights): string[] {
  const ofTimm = hub.startsWith('timm/') ? [hub.slice('timm/'.length)] : [];
  return [hub, ...ofTimm, ...aliases];
}
