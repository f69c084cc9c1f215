import { buildEncoder, buildTextTower, encoderByName, type ZooEncoder } from '@ltml/backbone';
import * as tf from '@tensorflow/tfjs-core';
import type { JsonValue, ParityAdapter, ParityAdapters } from '../../../packages/tensor/parity/adapter.ts';
import { channelsFirst } from '../../../packages/tensor/parity/stored-module.ts';
import { fillByFormula, formulaImage } from './formula-weights.ts';
import { imageShape, summarise } from './summary.ts';

type Json = { readonly [name: string]: JsonValue };

interface StoredEncoder {
  readonly encoder: string;
  /** Sizes of a small network of this kind, if they differ from those of the zoo. */
  readonly sizes?: object;
  readonly input: readonly number[];
  readonly outputs: Readonly<Record<string, Json>>;
  /** For the text tower of a CLIP, like `sizes`. */
  readonly textSizes?: object;
  /** For a CLIP: the token ids of each text, padded with zeros. */
  readonly texts?: readonly number[][];
  readonly textOutputs?: { readonly embedding: Json };
}

/**
 * Compares encoders of the zoo with weights and images from a formula: shape, spread and a few values of each encoding,
 * and of text embeddings.
 */
const zooNetworks: ParityAdapter = async (inputs) => {
  const models = inputs.json('models') as unknown as Readonly<Record<string, StoredEncoder>>;
  const outputs: Record<string, JsonValue> = {};
  for (const [name, model] of Object.entries(models)) {
    const { encoder, sizes = {}, input, outputs: stored, texts, textSizes = {}, textOutputs } = model;
    const resizedEncoder = resized(encoderByName(encoder).encoder, sizes, textSizes);
    const network = buildEncoder(resizedEncoder, { imageSize: [input[2], input[3]] });
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
    if (!texts || !textOutputs) continue;
    const { embedding } = textOutputs;
    outputs[`models/${name}/textOutputs/embedding`] = await summarise(embeddingOf(resizedEncoder, texts), embedding);
  }
  return outputs;
};

/** The embeddings of texts by the encoder's text tower. */
function embeddingOf(encoder: ZooEncoder, texts: readonly number[][]): tf.Tensor2D {
  const tower = buildTextTower(encoder).eval();
  fillByFormula(tower, '');
  const embedding = tf.tidy(() => tower.forward(tf.tensor2d(texts as number[][], undefined, 'int32')));
  tower.dispose();
  return embedding;
}

function resized(encoder: ZooEncoder, sizes: object, textSizes: object): ZooEncoder {
  const { network, text } = encoder;
  const own = 'shape' in network ? 'shape' : 'config';
  const given = (network as unknown as Readonly<Record<string, object>>)[own];
  const small = { ...network, [own]: { ...given, ...sizes } } as ZooEncoder['network'];
  return { ...encoder, network: small, ...(text && { text: { ...text, ...textSizes } }) };
}

export const zooAdapters: ParityAdapters = { zoo_network_checksum: zooNetworks };
