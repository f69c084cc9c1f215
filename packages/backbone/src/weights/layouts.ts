import { DataError } from '@ltml/tensor';
import { foreignNetwork } from './foreign-networks.ts';
import { exact, type Placement, placeByRules, prefix, type Rule } from './placement.ts';

/** The family of networks whose canonical names a layout maps to. */
export type Family = 'resnet' | 'vit' | 'clip';

/** How a kind of checkpoint names its tensors. */
export interface WeightLayout {
  readonly name: string;
  readonly family: Family;
  /** Names that all checkpoints of this layout have, and others do not have. */
  readonly signature: readonly string[];
  /** Names beside those of the network that its checkpoints may have; they are not needed here. */
  readonly extras?: RegExp;
  /** Names of tensors that the network here does not have, and that change nothing because all their values are 0. */
  readonly zeros?: RegExp;
  /** ε of the layer norms in its models, if it differs from the family's usual value. */
  readonly epsilon?: number;
  /** Where a tensor belongs; undefined if the name does not belong to this layout. A pure function of the name. */
  place(name: string): Placement | undefined;
}

/** q, k and v come from three tensors and are stacked in this order. */
const stacked = { q: 0, query: 0, k: 1, key: 1, v: 2, value: 2 } as const;

function third(letter: string, name: string): Placement {
  return { name, part: [stacked[letter as keyof typeof stacked], 3] };
}

const huggingFaceResNet: readonly Rule[] = [
  prefix('embedder.embedder.convolution.', 'conv1.'),
  prefix('embedder.embedder.normalization.', 'bn1.'),
  [
    /^encoder\.stages\.(\d+)\.layers\.(\d+)\.layer\.(\d+)\.(convolution|normalization)\.(.*)$/,
    (stage, block, i, kind, rest) =>
      `layer${+stage + 1}.${block}.${kind === 'convolution' ? 'conv' : 'bn'}${+i + 1}.${rest}`,
  ],
  [
    /^encoder\.stages\.(\d+)\.layers\.(\d+)\.shortcut\.(convolution|normalization)\.(.*)$/,
    (stage, block, kind, rest) => `layer${+stage + 1}.${block}.downsample.${kind === 'convolution' ? 0 : 1}.${rest}`,
  ],
  prefix('classifier.1.', 'fc.'),
];

/** ViT and DeiT, and DINOv2, whose blocks have other names. Version 5 of transformers renamed parts of all three. */
const huggingFaceVit: readonly Rule[] = [
  exact('embeddings.cls_token', 'cls_token'),
  exact('embeddings.distillation_token', 'dist_token'),
  exact('embeddings.register_tokens', 'reg_token'),
  exact('embeddings.position_embeddings', 'pos_embed'),
  prefix('embeddings.patch_embeddings.projection.', 'patch_embed.proj.'),
  [
    /^(?:encoder\.layer|layers)\.(\d+)\.attention\.(?:attention\.(query|key|value)|([qkv])_proj)\.(.*)$/,
    (i, letter, short, rest) => third(letter ?? short, `blocks.${i}.attn.qkv.${rest}`),
  ],
  [
    /^(?:encoder\.layer|layers)\.(\d+)\.attention\.(?:output\.dense|o_proj)\.(.*)$/,
    (i, rest) => `blocks.${i}.attn.proj.${rest}`,
  ],
  [/^(?:encoder\.layer|layers)\.(\d+)\.(?:layernorm_before|norm1)\.(.*)$/, (i, rest) => `blocks.${i}.norm1.${rest}`],
  [/^(?:encoder\.layer|layers)\.(\d+)\.(?:layernorm_after|norm2)\.(.*)$/, (i, rest) => `blocks.${i}.norm2.${rest}`],
  [
    /^(?:encoder\.layer|layers)\.(\d+)\.(?:intermediate\.dense|mlp\.fc1)\.(.*)$/,
    (i, rest) => `blocks.${i}.mlp.fc1.${rest}`,
  ],
  [/^(?:encoder\.layer|layers)\.(\d+)\.(?:output\.dense|mlp\.fc2)\.(.*)$/, (i, rest) => `blocks.${i}.mlp.fc2.${rest}`],
  [/^encoder\.layer\.(\d+)\.layer_scale([12])\.lambda1$/, (i, j) => `blocks.${i}.ls${j}.gamma`],
  prefix('layernorm.', 'norm.'),
  prefix('classifier.', 'head.'),
  prefix('cls_classifier.', 'head.'),
  prefix('distillation_classifier.', 'head_dist.'),
];

/** timm's names, and Meta's different names for some of them. */
const timmVit: readonly Rule[] = [
  exact('register_tokens', 'reg_token'),
  [/^blocks\.(\d+)\.gamma_([12])$/, (i, j) => `blocks.${i}.ls${j}.gamma`],
  [
    /^((?:cls_token|dist_token|reg_token|pos_embed)$|(?:patch_embed|blocks|norm|fc_norm|head|head_dist)\..*)$/,
    (name) => name,
  ],
];

const torchvisionVit: readonly Rule[] = [
  exact('class_token', 'cls_token'),
  exact('encoder.pos_embedding', 'pos_embed'),
  prefix('conv_proj.', 'patch_embed.proj.'),
  [/^encoder\.layers\.encoder_layer_(\d+)\.ln_([12])\.(.*)$/, (i, j, rest) => `blocks.${i}.norm${j}.${rest}`],
  [/^encoder\.layers\.encoder_layer_(\d+)\.self_attention\.in_proj_(.*)$/, (i, rest) => `blocks.${i}.attn.qkv.${rest}`],
  [
    /^encoder\.layers\.encoder_layer_(\d+)\.self_attention\.out_proj\.(.*)$/,
    (i, rest) => `blocks.${i}.attn.proj.${rest}`,
  ],
  // Before 0.13 linear_1 and linear_2, later 0 and 3 of a list.
  [/^encoder\.layers\.encoder_layer_(\d+)\.mlp\.(?:0|linear_1)\.(.*)$/, (i, rest) => `blocks.${i}.mlp.fc1.${rest}`],
  [/^encoder\.layers\.encoder_layer_(\d+)\.mlp\.(?:3|linear_2)\.(.*)$/, (i, rest) => `blocks.${i}.mlp.fc2.${rest}`],
  prefix('encoder.ln.', 'norm.'),
  prefix('heads.head.', 'head.'),
];

const resblock = (tower: string): string => `${tower === 'vision' ? 'visual.' : ''}transformer.resblocks`;

const huggingFaceClip: readonly Rule[] = [
  exact('logit_scale', 'logit_scale'),
  exact('text_model.embeddings.token_embedding.weight', 'token_embedding.weight'),
  exact('text_model.embeddings.position_embedding.weight', 'positional_embedding'),
  prefix('text_model.final_layer_norm.', 'ln_final.'),
  exact('text_projection.weight', { name: 'text_projection', transposed: true }),
  exact('visual_projection.weight', { name: 'visual.proj', transposed: true }),
  exact('vision_model.embeddings.class_embedding', 'visual.class_embedding'),
  exact('vision_model.embeddings.position_embedding.weight', 'visual.positional_embedding'),
  exact('vision_model.embeddings.patch_embedding.weight', 'visual.conv1.weight'),
  // The misspelling is in the original.
  prefix('vision_model.pre_layrnorm.', 'visual.ln_pre.'),
  prefix('vision_model.post_layernorm.', 'visual.ln_post.'),
  [
    /^(text|vision)_model\.encoder\.layers\.(\d+)\.self_attn\.([qkv])_proj\.(.*)$/,
    (tower, i, letter, rest) => third(letter, `${resblock(tower)}.${i}.attn.in_proj_${rest}`),
  ],
  [
    /^(text|vision)_model\.encoder\.layers\.(\d+)\.self_attn\.out_proj\.(.*)$/,
    (tower, i, rest) => `${resblock(tower)}.${i}.attn.out_proj.${rest}`,
  ],
  [
    /^(text|vision)_model\.encoder\.layers\.(\d+)\.layer_norm([12])\.(.*)$/,
    (tower, i, j, rest) => `${resblock(tower)}.${i}.ln_${j}.${rest}`,
  ],
  [
    /^(text|vision)_model\.encoder\.layers\.(\d+)\.mlp\.fc([12])\.(.*)$/,
    (tower, i, j, rest) => `${resblock(tower)}.${i}.mlp.${j === '1' ? 'c_fc' : 'c_proj'}.${rest}`,
  ],
];

const timmClipVit: readonly Rule[] = [
  exact('cls_token', 'visual.class_embedding'),
  exact('pos_embed', 'visual.positional_embedding'),
  exact('patch_embed.proj.weight', 'visual.conv1.weight'),
  prefix('norm_pre.', 'visual.ln_pre.'),
  prefix('norm.', 'visual.ln_post.'),
  exact('head.weight', { name: 'visual.proj', transposed: true }),
  [/^blocks\.(\d+)\.norm([12])\.(.*)$/, (i, j, rest) => `visual.transformer.resblocks.${i}.ln_${j}.${rest}`],
  [/^blocks\.(\d+)\.attn\.qkv\.(.*)$/, (i, rest) => `visual.transformer.resblocks.${i}.attn.in_proj_${rest}`],
  [/^blocks\.(\d+)\.attn\.proj\.(.*)$/, (i, rest) => `visual.transformer.resblocks.${i}.attn.out_proj.${rest}`],
  [/^blocks\.(\d+)\.mlp\.fc1\.(.*)$/, (i, rest) => `visual.transformer.resblocks.${i}.mlp.c_fc.${rest}`],
  [/^blocks\.(\d+)\.mlp\.fc2\.(.*)$/, (i, rest) => `visual.transformer.resblocks.${i}.mlp.c_proj.${rest}`],
];

/** The image checkpoints of MKT. Their file also has two layers `projection`, which the network does not have. */
const mkt: readonly Rule[] = [
  exact('projection_dist', 'visual.proj'),
  [
    /^((?:class_embedding|positional_embedding|conv1|ln_pre|ln_post|transformer)(?:\..*)?)$/,
    (name) => `visual.${name}`,
  ],
];

/** The trunk of CPRFL's checkpoints: a list of torchvision's modules without names. */
const cprfl: readonly Rule[] = [
  prefix('Backbone.0.', 'conv1.'),
  prefix('Backbone.1.', 'bn1.'),
  [/^Backbone\.([4-7])\.(.*)$/, (i, rest) => `layer${+i - 3}.${rest}`],
];

const asItIs = (known: RegExp) => (name: string) => (known.test(name) ? { name } : undefined);
const byRules = (rules: readonly Rule[], unwrap?: RegExp) => (name: string) =>
  placeByRules(rules, unwrap ? name.replace(unwrap, '') : name);

const torchvisionName = /^(conv1|bn1|layer\d+|fc)\./;
const openAiName =
  /^(visual|transformer|token_embedding|ln_final)\.|^(positional_embedding|text_projection|logit_scale)$/;
const towerName =
  /^(conv\d|bn\d|layer\d+|attnpool|ln_pre|ln_post|transformer)\.|^(class_embedding|positional_embedding|proj)$/;

/** The token for masked patches in pretraining. */
const maskToken = /(^|\.)mask_token$/;

/** The known layouts; the first with a matching signature is used. */
export const weightLayouts: readonly WeightLayout[] = [
  {
    name: 'Hugging Face CLIP',
    family: 'clip',
    signature: ['vision_model.embeddings.patch_embedding.weight'],
    place: byRules(huggingFaceClip),
  },
  {
    name: 'Hugging Face CLIP text',
    family: 'clip',
    signature: ['text_model.embeddings.token_embedding.weight'],
    place: byRules(huggingFaceClip),
  },
  {
    name: 'Hugging Face ResNet',
    family: 'resnet',
    signature: ['resnet.embedder.embedder.convolution.weight'],
    place: byRules(huggingFaceResNet, /^resnet\./),
  },
  {
    name: 'Hugging Face ResNet',
    family: 'resnet',
    signature: ['embedder.embedder.convolution.weight'],
    place: byRules(huggingFaceResNet),
  },
  ...['dinov2.', 'dinov2_with_registers.', ''].map(
    (start): WeightLayout => ({
      name: 'Hugging Face DINOv2',
      family: 'vit',
      extras: maskToken,
      signature: [`${start}embeddings.cls_token`, `${start}encoder.layer.0.layer_scale1.lambda1`],
      place: byRules(huggingFaceVit, /^dinov2(_with_registers)?\./),
    }),
  ),
  ...['vit.', 'deit.', ''].map(
    (start): WeightLayout => ({
      name: 'Hugging Face ViT',
      family: 'vit',
      epsilon: 1e-12,
      // A layer on the class token that only pretraining used, the token for masked patches, and MAE's decoder.
      extras: /(^|\.)(pooler\.dense\.(weight|bias)|embeddings\.mask_token)$|^decoder\./,
      signature: [`${start}embeddings.cls_token`, `${start}embeddings.patch_embeddings.projection.weight`],
      place: byRules(huggingFaceVit, /^(vit|deit)\./),
    }),
  ),
  {
    name: 'torchvision ViT',
    family: 'vit',
    signature: ['class_token', 'conv_proj.weight'],
    place: byRules(torchvisionVit),
  },
  {
    name: 'timm CLIP ViT',
    family: 'clip',
    signature: ['norm_pre.weight', 'patch_embed.proj.weight'],
    // CLIP's projection has no bias. timm keeps it in a linear layer, which has one.
    zeros: /^head\.bias$/,
    place: byRules(timmClipVit),
  },
  {
    name: 'timm ViT',
    family: 'vit',
    extras: maskToken,
    signature: ['patch_embed.proj.weight', 'blocks.0.attn.qkv.weight'],
    place: byRules(timmVit),
  },
  { name: 'OpenAI CLIP', family: 'clip', signature: ['visual.conv1.weight'], place: asItIs(openAiName) },
  {
    name: 'OpenAI CLIP text',
    family: 'clip',
    signature: ['token_embedding.weight', 'text_projection'],
    place: asItIs(openAiName),
  },
  { name: 'MKT image', family: 'clip', signature: ['projection_dist', 'class_embedding'], place: byRules(mkt) },
  ...['class_embedding', 'attnpool.q_proj.weight'].map(
    (mark): WeightLayout => ({
      name: 'OpenAI CLIP image',
      family: 'clip',
      signature: [mark, 'conv1.weight'],
      place: (name) => (towerName.test(name) ? { name: `visual.${name}` } : undefined),
    }),
  ),
  {
    name: 'CPRFL',
    family: 'resnet',
    signature: ['Backbone.0.weight', 'Backbone.4.0.conv1.weight'],
    place: byRules(cprfl),
  },
  {
    name: 'torchvision ResNet',
    family: 'resnet',
    signature: ['conv1.weight', 'layer1.0.conv1.weight'],
    place: asItIs(torchvisionName),
  },
  {
    name: 'timm ResNet-D',
    family: 'resnet',
    signature: ['conv1.6.weight', 'layer1.0.conv1.weight'],
    place: asItIs(torchvisionName),
  },
];

/** Prefixes that module wrappers add to names, at any depth. */
const wrappers = /(^|\.)(?:(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.)+/g;
/** Prefixes that training code adds to names. */
const owners = /^(?:(?:module|model|backbone|net|network|encoder_q)\.)+/;

/**
 * The name of a tensor without the prefixes of training code: `_orig_mod.` of compiled modules, `module.` of data
 * parallelism, `model.`, `net.` and `network.` of Lightning modules, `backbone.` of SARB's code, `encoder_q.` of DSCL's
 * code, in any order and nesting. Undefined for tensors that are not weights: counters, position numbers, the momentum
 * encoder and the queue.
 */
export function unwrapName(name: string): string | undefined {
  const bare = name.replace(wrappers, '$1').replace(owners, '');
  const isNoWeight = /(^|\.)(num_batches_tracked|position_ids)$|^(encoder_k\.|queue)/.test(bare);
  return isNoWeight ? undefined : bare;
}

/**
 * Detects the layout of a checkpoint from its names.
 *
 * @throws DataError if it is unknown
 */
export function detectLayout(names: Iterable<string>): WeightLayout {
  const bare = new Set([...names].map(unwrapName));
  const layout = weightLayouts.find(({ signature }) => signature.every((name) => bare.has(name)));
  if (layout) return layout;
  const foreign = foreignNetwork(bare);
  throw new DataError({
    where: 'detectLayout',
    argument: 'names',
    expected: `those of ${[...new Set(weightLayouts.map(({ name }) => name))].join(', ')}`,
    received: `${foreign ? `those of ${foreign}: ` : ''}${[...bare].slice(0, 6).join(', ') || 'none'}`,
    hint: 'Supported are ResNets, ResNeXts, vision transformers and CLIP.',
  });
}
