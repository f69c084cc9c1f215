import {
  type AttentionPool,
  bicubic,
  type ClipResNet,
  type ClipVisionTransformer,
  clipResnet50,
  clipResnet101,
  clipVitB16,
  clipVitB32,
  interpolatePositions,
  type ResNet,
  type ResNetOptions,
  resnet50,
  resnet101,
  resnext50,
  type VisionTransformer,
  vitB16,
} from '@ltml/backbone';
import { differentiate, importState } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { JsonValue, ParityAdapter } from '../../../packages/tensor/parity/adapter.ts';
import { channelsFirst, inFileOrder } from '../../../packages/tensor/parity/stored-module.ts';
import { fillByFormula, formulaImage, formulaNumber, formulaSeed, formulaTensor } from './formula-weights.ts';
import { fullTextTower } from './full-text-tower.ts';
import { imageShape, summarise } from './summary.ts';

type Json = { readonly [name: string]: JsonValue };

interface StoredModel {
  readonly salt: string;
  /** For a CLIP: the token ids of the texts. */
  readonly token_rows?: readonly (readonly number[])[];
  readonly parameter_probe?: Readonly<Record<string, Json>>;
  readonly runs: readonly { readonly input: readonly number[]; readonly outputs: Readonly<Record<string, Json>> }[];
  readonly gradients?: { readonly input: readonly number[]; readonly params: Readonly<Record<string, Json>> };
}

/** Outputs under the names of the file. Feature maps have channels last. */
type Forward = (images: tf.Tensor4D) => Record<string, tf.Tensor>;

interface Network {
  readonly forward: Forward;
  dispose(): void;
}

type ImageSize = readonly [height: number, width: number];

/** Networks under the names of the file, filled with the formula, for a given image size. */
const networks: Readonly<Record<string, (salt: string, imageSize: ImageSize) => Network>> = {
  resnet50: (salt) => resnet(resnet50, salt),
  resnet101: (salt) => resnet(resnet101, salt),
  resnext50_32x4d: (salt) => resnet(resnext50, salt),
  hcp_resnet101_avgpool2: (salt) => {
    const network = resnet101({ halveMap: true }).eval();
    fillByFormula(network, salt);
    return { forward: (images) => ({ feature: network.forward(images).featureMap }), dispose: () => network.dispose() };
  },
  clip_rn50: (salt, imageSize) => clipResnet(clipResnet50({ imageSize }), salt),
  clip_rn101: (salt, imageSize) => clipResnet(clipResnet101({ imageSize }), salt),
  clip_vit_b32: (salt, imageSize) => clipVit(clipVitB32({ imageSize }), 32, salt),
  clip_vit_b16: (salt, imageSize) => clipVit(clipVitB16({ imageSize }), 16, salt),
  vit_b16_timm: vit,
};

function filledResnet(create: (options: ResNetOptions) => ResNet, salt: string): ResNet {
  const network = create({ classes: 1000 }).eval();
  fillByFormula(network, salt);
  return network;
}

function resnet(create: (options: ResNetOptions) => ResNet, salt: string): Network {
  const network = filledResnet(create, salt);
  return {
    forward(images) {
      const maps = network.forwardStages(images);
      const pooled = tf.mean(maps[maps.length - 1], [1, 2]);
      const conv1 = network.conv1.forward(images);
      return { conv1, ...stages(maps), pooled, logits: network.classify(pooled) };
    },
    dispose: () => network.dispose(),
  };
}

function stages(maps: readonly tf.Tensor[]): Record<string, tf.Tensor> {
  return Object.fromEntries(maps.map((map, i) => [i === 0 ? 'stem' : `layer${i}`, map]));
}

function clipResnet(network: ClipResNet, salt: string): Network {
  network.eval();
  fillByFormula(network, salt, 'visual.');
  fillPositions(network.attnpool, 'positional_embedding', 'visual.attnpool.positional_embedding', [50, 2048], salt);
  return {
    forward(images) {
      const maps = network.forwardStages(images);
      return { ...stages(maps), image_embedding: network.attnpool.forward(maps[maps.length - 1]) };
    },
    dispose: () => network.dispose(),
  };
}

function blocksAt(blocks: readonly tf.Tensor[]): Record<string, tf.Tensor> {
  return { block0: blocks[0], block5: blocks[5], block11: blocks[11] };
}

function clipVit(network: ClipVisionTransformer, patchSize: number, salt: string): Network {
  network.eval();
  fillByFormula(network, salt, 'visual.');
  const rows = 1 + (224 / patchSize) ** 2;
  fillPositions(network, 'positional_embedding', 'visual.positional_embedding', [rows, 768], salt);
  return {
    forward(images) {
      const { embedded, blocks, projected } = network.forwardStages(images);
      const [B, , D] = projected.shape;
      const image_embedding = tf.reshape(tf.slice(projected, [0, 0, 0], [B, 1, D]), [B, D]);
      return { ln_pre: embedded, ...blocksAt(blocks), proj_all: projected, image_embedding };
    },
    dispose: () => network.dispose(),
  };
}

/** Fills position embeddings. The formula is for 224 × 224 pixels; they are resized for other sizes. */
function fillPositions(
  network: ClipVisionTransformer | VisionTransformer | AttentionPool,
  name: string,
  fileName: string,
  shape: number[],
  salt: string,
): void {
  const positions = interpolatePositions(formulaTensor(fileName, shape, salt), network.grid, bicubic);
  importState(network, new Map([[name, positions]]), { partial: true });
}

function vit(salt: string, imageSize: ImageSize): Network {
  const network = vitB16({ imageSize, classes: 1000 }).eval();
  fillByFormula(network, salt);
  fillPositions(network, 'pos_embed', 'pos_embed', [1, 197, 768], salt);
  return {
    forward(images) {
      const { patches, blocks, tokens } = network.forwardStages(images);
      const cls = tf.reshape(tf.slice(tokens, [0, 0, 0], [tokens.shape[0], 1, 768]), [-1, 768]);
      return { patch_tokens: patches, ...blocksAt(blocks), tokens, logits: network.classify(cls) };
    },
    dispose: () => network.dispose(),
  };
}

/**
 * Compares full-size networks with weights and images from a formula: shape, spread and a few values of each output.
 */
export const fullNetworks: ParityAdapter = async (inputs) => {
  const models = inputs.json('models') as unknown as Readonly<Record<string, StoredModel>>;
  const outputs: Record<string, JsonValue> = {};
  for (const [name, model] of Object.entries(models)) {
    for (const [i, { input, outputs: stored }] of model.runs.entries()) {
      const network = networks[name](model.salt, [input[2], input[3]]);
      const results = tf.tidy(() => network.forward(tf.tensor(formulaImage(model.salt, input), imageShape(input))));
      if ('text.text_embedding' in stored) {
        Object.assign(results, fullTextTower(model.salt, results.image_embedding, model.token_rows ?? []));
      }
      for (const [output, result] of Object.entries(results)) {
        // OpenAI's code does not resize position embeddings, so the file has embeddings for images of 224 pixels only.
        if (!(output in stored)) continue;
        const summary = await summarise(
          tf.tidy(() => channelsFirst(result).clone()),
          stored[output],
        );
        outputs[`models/${name}/runs/${i}/outputs/${output}`] = summary;
      }
      network.dispose();
      tf.dispose(results);
    }
  }
  const { salt, gradients } = models.resnet50;
  if (gradients) Object.assign(outputs, await resnet50Gradients(salt, gradients));
  return outputs;
};

/** Gradients of a sum of the logits, weighted with the formula. */
async function resnet50Gradients(
  salt: string,
  { input, params }: NonNullable<StoredModel['gradients']>,
): Promise<Record<string, JsonValue>> {
  const network = filledResnet(resnet50, salt);
  const parameters = new Map(network.namedParameters());
  const seed = formulaSeed(`${salt}cot`);
  const images = tf.tensor(formulaImage(salt, input), imageShape(input));
  const cotangent = tf.tensor2d(
    Float32Array.from({ length: 1000 }, (_, i) => formulaNumber(seed, i)),
    [1, 1000],
  );
  const wanted = Object.keys(params).map((name) => [name, parameters.get(name)] as const);
  const { gradients } = differentiate(
    () => {
      const logits = network.classify(network.forward(images).features);
      return { loss: tf.sum(tf.mul(logits, cotangent)) as tf.Scalar, terms: {} };
    },
    wanted.flatMap(([, parameter]) => parameter ?? []),
  );
  const outputs: Record<string, JsonValue> = {};
  for (const [name, parameter] of wanted) {
    const gradient = parameter && gradients.get(parameter);
    if (!gradient) continue;
    const ordered = tf.tidy(() => inFileOrder(gradient, parameter));
    const values = Array.from(await ordered.data());
    const l2 = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    outputs[`models/resnet50/gradients/params/${name}`] = { shape: ordered.shape, l2, mean, first: values.slice(0, 8) };
  }
  network.dispose();
  return outputs;
}
