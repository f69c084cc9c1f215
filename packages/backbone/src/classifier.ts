import { type Linear, NotSupportedError } from '@ltml/tensor';

/** The classifier of a network that may have been made without one. @throws NotSupportedError if it was */
export function classifierOf(network: string, layer: Linear | undefined): Linear {
  if (layer) return layer;
  throw new NotSupportedError({
    where: `${network}.classify`,
    argument: 'the network',
    expected: 'made with a classifier',
    received: 'one without',
    hint: 'Give it `classes`.',
  });
}
