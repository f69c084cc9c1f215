import { buildEncoder, encoderByName, type ZooEncoder } from '@ltml/backbone';
import * as tf from '@tensorflow/tfjs-core';
import type { JsonValue, ParityAdapter, ParityAdapters } from './adapter.ts';
import { fillByFormula, formulaImage } from './formula-weights.ts';
import { channelsFirst } from './stored-module.ts';
import { imageShape, summarise } from './summary.ts';

type Json = { readonly [name: string]: JsonValue };

interface StoredEncoder {
  readonly encoder: string;
  /** What a small network of its kind has otherwise. */
  readonly sizes?: object;
  readonly input: readonly number[];
  readonly outputs: Readonly<Record<string, Json>>;
}

/** Encoders of the zoo with weights and images by a formula: of each encoding shape, spread and a few values. */
const zooNetworks: ParityAdapter = async (inputs) => {
  const models = inputs.json('models') as unknown as Readonly<Record<string, StoredEncoder>>;
  const outputs: Record<string, JsonValue> = {};
  for (const [name, { encoder, sizes = {}, input, outputs: stored }] of Object.entries(models)) {
    const network = buildEncoder(resized(encoderByName(encoder).encoder, sizes), { imageSize: [input[2], input[3]] });
    fillByFormula(network.eval(), '', encoder.includes('clip') ? 'visual.' : '');
    const encodings: Record<string, tf.Tensor> = tf.tidy(() =>
      network.forward(tf.tensor(formulaImage('', input), imageShape(input))),
    );
    for (const encoding of Object.keys(stored)) {
      const inFileOrder = tf.tidy(() => channelsFirst(encodings[encoding]).clone());
      outputs[`models/${name}/outputs/${encoding}`] = await summarise(inFileOrder, stored[encoding]);
    }
    network.dispose();
    tf.dispose(encodings);
  }
  return outputs;
};

function resized(encoder: ZooEncoder, sizes: object): ZooEncoder {
  const { network } = encoder;
  if ('shape' in network)
    return { ...encoder, network: { ...network, shape: { ...network.shape, ...sizes } } as never };
  if ('config' in network)
    return { ...encoder, network: { ...network, config: { ...network.config, ...sizes } } as never };
  return encoder;
}

export const zooAdapters: ParityAdapters = { zoo_network_checksum: zooNetworks };
