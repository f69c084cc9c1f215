import type { KnownWeights, NamedEncoder } from '@ltml/backbone';
import { hubFile } from '@ltml/backbone/node';
import { DataError } from '@ltml/tensor';

/** The weights of an encoder. */
export interface FoundWeights {
  /** Path of the file; left out for weights in the `@ltml/backbone` package. */
  readonly path?: string;
  readonly known?: KnownWeights | undefined;
}

/**
 * Finds the weights that a recipe names: a file, or a model in the Hugging Face cache.
 *
 * @param weights `hub:owner/name` or a path; left out: the weights that belong to the encoder's name
 * @throws DataError if they are not in the cache
 */
export async function weightsOf(
  { encoder, weights: named }: NamedEncoder,
  weights: string | undefined,
): Promise<FoundWeights> {
  if (weights === undefined) {
    if (encoder.layouts.length === 0) return {};
    if (named) return { path: await hubFile({ model: named.hub, file: named.file }), known: named };
    const expected = 'a file, hub:owner/name or none, since this encoder has no known weights';
    throw new DataError({ where: encoder.name, argument: 'weights', expected, received: 'nothing' });
  }
  if (!weights.startsWith('hub:')) return { path: weights };
  const [, model, revision] = /^hub:([^@]+)(?:@(.+))?$/.exec(weights) ?? [];
  if (model === undefined || !/^[\w.-]+\/[\w.-]+$/.test(model)) {
    const expected = 'hub:owner/name or hub:owner/name@commit';
    throw new DataError({ where: encoder.name, argument: 'weights', expected, received: weights });
  }
  const known = encoder.weights.find(({ hub }) => hub === model);
  return { path: await hubFile({ model, revision, file: known?.file }), known };
}
