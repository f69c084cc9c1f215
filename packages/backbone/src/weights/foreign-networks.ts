/** Common networks that this package does not have, with names that only their checkpoints contain. */
const networks: readonly (readonly [network: string, names: RegExp])[] = [
  ['a Swin transformer', /relative_position_bias_table$|^swin(v2)?\./],
  ['a ConvNeXt', /^convnext(v2)?\.|\.(conv_dw|dwconv|depthwise_conv)\.weight$|^features\.\d+\.\d+\.layer_scale$/],
  ['an EfficientNet or MobileNet', /^(conv_stem|efficientnet|mobilenet_v\d)\.|^features\.\d+\.\d+\.(block|conv)\./],
  ['a DenseNet', /^features\.denseblock\d/],
  ['a VGG or AlexNet', /^features\.\d+\.weight$/],
  ['a SigLIP', /^(vision_model\.head\.probe|attn_pool\.latent|logit_bias)$/],
];

/** The kind of network with such names, with its article; undefined for other names. */
export function foreignNetwork(names: Iterable<string | undefined>): string | undefined {
  const all = [...names];
  return networks.find(([, pattern]) => all.some((name) => name !== undefined && pattern.test(name)))?.[0];
}

/** Parts that some variants of the vision transformer have and this package does not, with their names. */
const parts: readonly (readonly [part: string, names: RegExp])[] = [
  ['a pooling by attention, as SigLIP has it', /(^|\.)(head\.probe|attn_pool\.latent)$/],
  ['norms of queries and keys', /\.attn\.[qk]_norm\./],
  ['SwiGLU blocks', /\.mlp\.(w12|w3|fc1_g|weights_in)\./],
  ['relative positions', /relative_position_bias_table$/],
  ['a layer between class token and classifier', /(^|\.)pre_logits\./],
  ['squeeze and excitation', /\.se\.(fc|conv)/],
];

/** A part that this package lacks, and one of its names; undefined if there is none. */
export function foreignPart(names: readonly string[]): readonly [part: string, name: string] | undefined {
  for (const [part, pattern] of parts) {
    const name = names.find((candidate) => pattern.test(candidate));
    if (name !== undefined) return [part, name];
  }
  return undefined;
}
