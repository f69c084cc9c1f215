import { type Linear, NotSupportedError } from '@ltml/tensor';

/** The classifier of a network. @throws NotSupportedError if the network was built without one */
export function classifierOf(network: string, layer: Linear | undefined): Linear {
  if (layer) return layer;
  throw new NotSupportedError({
    where: `${network}.classify`,
    argument: 'the network',
    expected: 'built with a classifier',
    received: 'one without',
    hint: 'Build it with the option `classes`.',
  });
}
