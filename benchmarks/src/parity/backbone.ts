import {
  AttentionPool,
  Bottleneck,
  bicubic,
  bicubicAntialias,
  bilinear,
  bottleneckResNet,
  ClipBottleneck,
  ClipResNet,
  ClipVisionTransformer,
  clipImage,
  clipVitB16,
  interpolatePositions,
  loadResNet,
  loadVisionTransformer,
  loadWeights,
  planWeights,
  ResidualAttentionBlock,
  ResNet,
  type ResNetOptions,
  resnet50,
  resnet101,
  tensorSource,
  VisionTransformer,
  type WeightSource,
} from '@ltml/backbone';
import { classifierPresets } from '@ltml/classifier';
import { freezeLayers, mktPresets } from '@ltml/mkt';
import { sarbPresets } from '@ltml/sarb';
import { freezeNetwork, isBatchNorm, type Module, maxPool2d } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type {
  JsonValue,
  ParityAdapter,
  ParityAdapters,
  ParityInputs,
  ParityValue,
} from '../../../packages/tensor/parity/adapter.ts';
import {
  backboneNames,
  channelsLast,
  cprflNames,
  runStored,
  storedWeights,
} from '../../../packages/tensor/parity/stored-module.ts';
import { fullNetworks } from './full-networks.ts';

type Parameters = Readonly<Record<string, number>> & { readonly mode: 'train' | 'eval' };

const parametersOf = (inputs: ParityInputs): Parameters => inputs.params as Parameters;
const isTraining = ({ mode }: Parameters): boolean => mode === 'train';

const stem: ParityAdapter = (inputs) => {
  const { kernel, stride, pool_kernel, pool_stride, pool_padding, ...parameters } = parametersOf(inputs);
  const channels = inputs.host('w/bn1.weight').shape[0];
  const network = new ResNet({ stem: { channels, kernel, stride, maxPool: true }, stages: [] });
  return runStored(
    inputs,
    network,
    ({ conv1, bn1 }, x) => {
      const conv = conv1.forward(x);
      const bn = bn1.forward(conv);
      const relu = tf.relu(bn);
      return {
        conv,
        bn,
        relu,
        pool: maxPool2d(relu, { kernel: pool_kernel, stride: pool_stride, padding: pool_padding }),
      };
    },
    { training: isTraining(parameters as Parameters) },
  );
};

const bottleneck: ParityAdapter = (inputs) => {
  const { inplanes, planes, stride, groups = 1, base_width = 64, ...others } = parametersOf(inputs);
  const block = new Bottleneck({
    inChannels: inplanes,
    planes,
    stride,
    groups,
    groupWidth: base_width,
    random: undefined,
  });
  const names = inputs.part === 'cprfl' ? cprflNames : backboneNames;
  const training = inputs.part === 'cprfl' ? inputs.params.train === true : isTraining(others as Parameters);
  return runStored(inputs, block, (block, x) => ({ y: block.forward(x as tf.Tensor4D) }), { names, training });
};

const clipBottleneck: ParityAdapter = (inputs) => {
  const { inplanes, planes, stride, ...others } = parametersOf(inputs);
  const block = new ClipBottleneck({ inChannels: inplanes, planes, stride, random: undefined });
  const training = isTraining(others as Parameters);
  return runStored(inputs, block, (block, x) => ({ y: block.forward(x as tf.Tensor4D) }), { training });
};

interface TinyResNet {
  readonly stem: number;
  readonly planes: readonly number[];
  readonly layers: readonly number[];
  readonly groups?: number;
  readonly base_width?: number;
  readonly num_classes?: number;
  readonly mode: 'train' | 'eval';
}

function tinyResNet(inputs: ParityInputs, options: ResNetOptions): ResNet {
  const { stem, planes, layers, groups = 1, base_width: groupWidth = 64 } = inputs.params as unknown as TinyResNet;
  return bottleneckResNet({ stem, planes, blocks: layers, groups, groupWidth }, options);
}

/** Feature maps of all stages under their names. */
function named(maps: readonly tf.Tensor[]): Record<string, tf.Tensor> {
  return Object.fromEntries(maps.map((map, i) => [i === 0 ? 'stem' : `layer${i}`, map]));
}

const resnet: ParityAdapter = (inputs) => {
  const { num_classes: classes, mode } = inputs.params as unknown as TinyResNet;
  const network = tinyResNet(inputs, { ...(classes !== undefined && { classes }) });
  return runStored(
    inputs,
    network,
    (network, x) => {
      const maps = network.forwardStages(x);
      const pooled = tf.mean(maps[maps.length - 1], [1, 2]);
      return { ...named(maps), pooled, logits: network.classify(pooled) };
    },
    { training: mode === 'train' },
  );
};

const hcp: ParityAdapter = (inputs) =>
  runStored(
    inputs,
    tinyResNet(inputs, { halveMap: true }),
    (network, x) => ({ feature: network.forward(x).featureMap }),
    { training: false },
  );

const frozenHcp: ParityAdapter = (inputs) => {
  const network = tinyResNet(inputs, { halveMap: true });
  freezeNetwork(network, sarbPresets.sarb.freeze);
  return runStored(
    inputs,
    network,
    (network, x) => {
      const maps = named(network.forwardStages(x));
      return {
        layer3: maps.layer3,
        layer4: maps.layer4,
        feature: tf.avgPool(maps.layer4 as tf.Tensor4D, 2, 2, 'valid'),
      };
    },
    { training: true },
  );
};

const attentionBlock: ParityAdapter = (inputs) => {
  const { width, heads } = parametersOf(inputs);
  const block = new ResidualAttentionBlock({ width, heads, causal: inputs.params.causal === true, random: undefined });
  const swapped = (x: tf.Tensor): tf.Tensor => tf.transpose(x, [1, 0, 2]);
  return runStored(inputs, block, (block, x) => ({ y: block.forward(x as tf.Tensor3D) }), {
    fromStored: swapped,
    toStored: swapped,
    training: false,
  });
};

const attentionPool: ParityAdapter = (inputs) => {
  const { spatial, embed, heads, output } = parametersOf(inputs);
  const pool = new AttentionPool({
    grid: [spatial, spatial],
    width: embed,
    heads,
    embedding: output,
    random: undefined,
  });
  return runStored(inputs, pool, (pool, x) => ({ y: pool.forward(x) }), { training: false });
};

const clipResnet: ParityAdapter = (inputs) => {
  const { output_dim, heads, input_resolution, width, ...others } = parametersOf(inputs);
  const blocks = inputs.params.layers as number[];
  const network = new ClipResNet({ imageSize: input_resolution, width, blocks, heads, embedding: output_dim });
  return runStored(
    inputs,
    network,
    (network, x) => {
      const maps = network.forwardStages(x);
      return { ...named(maps), embedding: network.attnpool.forward(maps[maps.length - 1]) };
    },
    { training: isTraining(others as Parameters) },
  );
};

function tinyClipVit(inputs: ParityInputs): ClipVisionTransformer {
  const { input_resolution, patch_size, width, layers, heads, output_dim } = parametersOf(inputs);
  const size = { imageSize: input_resolution, patchSize: patch_size };
  return new ClipVisionTransformer({ ...size, width, layers, heads, embedding: output_dim });
}

const numbered = (blocks: readonly tf.Tensor[]): Record<string, tf.Tensor> =>
  Object.fromEntries(blocks.map((block, i) => [`block${i}`, block]));

const firstToken = (tokens: tf.Tensor3D): tf.Tensor2D =>
  tf.reshape(tf.slice(tokens, [0, 0, 0], [tokens.shape[0], 1, tokens.shape[2]]), [tokens.shape[0], -1]);

const clipVit: ParityAdapter = (inputs) =>
  runStored(
    inputs,
    tinyClipVit(inputs),
    (network, x) => {
      const { patches, embedded, blocks, tokens, projected } = network.forwardStages(x);
      return {
        patch_tokens: patches,
        ln_pre: embedded,
        ...numbered(blocks),
        ln_post_all: tokens,
        proj_all: projected,
        embedding: firstToken(projected),
      };
    },
    { training: false },
  );

const mktImage: ParityAdapter = async (inputs) => {
  const network = tinyClipVit(inputs).eval();
  await loadWeights(network, tensorSource(storedWeights(inputs)), { select: clipImage });
  const { features, patches } = network.forward(channelsLast(inputs.tensor('in/x')));
  network.dispose();
  return { 'out/pred_feat': patches, 'out/dist_feat': features };
};

const vit: ParityAdapter = (inputs) => {
  const { patch_size, embed_dim, depth, heads, num_classes, ln_eps } = parametersOf(inputs);
  const imageSize = inputs.params.img_size as [number, number];
  const size = { imageSize, patchSize: patch_size, width: embed_dim, depth, heads };
  return runStored(
    inputs,
    new VisionTransformer({ ...size, epsilon: ln_eps, classes: num_classes }),
    (network, x) => {
      const { patches, embedded, blocks, tokens } = network.forwardStages(x);
      const cls = firstToken(tokens);
      return { patch_tokens: patches, embedded, ...numbered(blocks), tokens, cls, logits: network.classify(cls) };
    },
    { training: false },
  );
};

interface PositionCase {
  readonly case: string;
  readonly grid_from: [number, number];
  readonly grid_to: [number, number];
}

const positions: ParityAdapter = (inputs) => {
  const outputs: Record<string, ParityValue> = {};
  for (const { case: name, grid_from: from, grid_to: to } of inputs.params.cases as readonly PositionCase[]) {
    const table = inputs.host(`${name}/in/pos_embed`);
    for (const [kind, resampling] of Object.entries({ bicubic, bicubic_antialias: bicubicAntialias, bilinear })) {
      outputs[`${name}/out/${kind}`] = interpolatePositions(table, to, resampling, from);
    }
  }
  return outputs;
};

const huggingFaceResNet: ParityAdapter = async (inputs) => {
  const network = await loadResNet(tensorSource(storedWeights(inputs)), { classifier: true });
  const { featureMap, features } = network.forward(channelsLast(inputs.tensor('in/x')));
  const logits = network.classify(features);
  network.dispose();
  return { 'out/layer4': tf.transpose(featureMap, [0, 3, 1, 2]), 'out/logits': logits };
};

const foreignVit: ParityAdapter = async (inputs) => {
  const { heads, ln_eps: epsilon } = parametersOf(inputs);
  const source = tensorSource(storedWeights(inputs));
  const network = await loadVisionTransformer(source, { heads, epsilon, classifier: true });
  const { tokens, features } = network.forward(channelsLast(inputs.tensor('in/x')));
  const logits = network.classify(features);
  network.dispose();
  return { 'out/tokens': tokens, 'out/logits': logits };
};

type NameRow = readonly [source: string, shape: readonly number[], canonical: string, transform: string];

/** Tensors that OpenAI stores in our orientation. All other matrices are stored transposed. */
const asStored = /(positional_embedding|token_embedding\.weight|text_projection|visual\.proj)$/;

const nameMapping: ParityAdapter = (inputs) => {
  const layouts = inputs.json('') as Readonly<Record<string, readonly NameRow[]>>;
  return Object.fromEntries(
    Object.entries(layouts).map(([layout, rows]) => {
      const shapes = new Map(rows.map(([name, shape]) => [name, shape]));
      const source: WeightSource = {
        names: [...shapes.keys()],
        shape: (name) => shapes.get(name) as readonly number[],
        read: () => {
          throw new Error('values must not be read: only names are compared');
        },
      };
      return [layout, mappedRows(source)];
    }),
  );
};

function mappedRows(source: WeightSource): JsonValue {
  const { tensors } = planWeights(source);
  const rows = new Map<string, JsonValue>();
  for (const [canonical, { sources, transposed }] of tensors) {
    for (const [i, name] of sources.entries()) {
      const shape = source.shape(name);
      const turned = transposed || (shape.length === 2 && !asStored.test(canonical));
      const order = shape.length === 4 ? 'OIHW>HWIO' : turned ? 'T' : 'id';
      const part = sources.length > 1 ? `+concat${i}/${sources.length}` : '';
      rows.set(name, [name, [...shape], canonical, order + part]);
    }
  }
  return source.names.map((name) => rows.get(name) ?? null);
}

function describeFreezing(backbone: Module, freeze: (backbone: Module) => unknown): Record<string, JsonValue> {
  freeze(backbone);
  backbone.train();
  const parameters = [...backbone.namedParameters()];
  const norms = [...backbone.namedModules()].flatMap(([name, module]) =>
    isBatchNorm(module) ? [[name, module] as const] : [],
  );
  const those = (trainable: boolean) => parameters.filter(([, parameter]) => parameter.trainable === trainable);
  const size = (trainable: boolean) => those(trainable).reduce((sum, [, { variable }]) => sum + variable.size, 0);
  const namesOf = (entries: readonly (readonly [string, unknown])[]): string[] => entries.map(([name]) => name);
  const convolutions = namesOf(parameters)
    .filter((name) => /conv\d\.weight$/.test(name))
    .map((name) => name.replace('.weight', ''));
  backbone.dispose();
  return {
    frozen: namesOf(those(false)),
    trainable: namesOf(those(true)),
    frozen_numel: size(false),
    trainable_numel: size(true),
    bn_eval: namesOf(norms.filter(([, norm]) => !norm.usesBatch)),
    bn_train: namesOf(norms.filter(([, norm]) => norm.usesBatch)),
    first_91_convs: convolutions.slice(0, 91),
  };
}

const freezing: ParityAdapter = () => {
  const outputs: Record<string, JsonValue> = {};
  const add = (method: string, described: Record<string, JsonValue>, fields: readonly string[]): void => {
    for (const field of fields) outputs[`${method}/${field}`] = described[field];
  };
  const lists = ['frozen', 'trainable', 'bn_eval', 'bn_train'];
  const sarb = describeFreezing(resnet101(), (network) => freezeNetwork(network, sarbPresets.sarb.freeze));
  add('sarb_resnet101', sarb, [...lists, 'frozen_numel', 'trainable_numel', 'first_91_convs']);
  const { freeze } = classifierPresets['distribution-balanced'];
  add(
    'db_resnet50_frozen_stages1',
    describeFreezing(resnet50(), (network) => freezeNetwork(network, freeze)),
    lists,
  );
  const { fixLayer } = mktPresets.repo.distil;
  add(
    'mkt_stage1_vit_b16',
    describeFreezing(clipVitB16(), (network) => freezeLayers(network, fixLayer)),
    ['frozen'],
  );
  return outputs;
};

/** Comparisons of image encoders, of the names of their weights, and of their frozen parts. */
export const backboneAdapters: ParityAdapters = {
  resnet_stem: stem,
  resnet_bottleneck: bottleneck,
  resnet_forward: resnet,
  resnet_freeze_sarb: frozenHcp,
  hcp_backbone: hcp,
  clip_residual_attention_block: attentionBlock,
  clip_bottleneck: clipBottleneck,
  clip_attention_pool: attentionPool,
  clip_modified_resnet: clipResnet,
  clip_vision_transformer: clipVit,
  mkt_encode_img: mktImage,
  vit_forward: vit,
  interpolate_pos_embed: positions,
  load_hf_resnet: huggingFaceResNet,
  load_vit_names: foreignVit,
  name_mapping: nameMapping,
  freezing,
  full_network_checksum: fullNetworks,
};
