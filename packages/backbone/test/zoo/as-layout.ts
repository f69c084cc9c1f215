import type { HostTensor } from '@ltml/tensor';

/** A name of the network, and what a layout calls it; `{}` stands for the names of q, k and v, which it keeps apart. */
type Rename = readonly [pattern: RegExp, name: string | ((...groups: string[]) => string)];

interface Writing {
  readonly renames: readonly Rename[];
  readonly qkv?: readonly [string, string, string];
  /** Matrices that it has the other way round, by the names of the network. */
  readonly turned?: RegExp;
}

const all: Rename = [/^/, ''];

const huggingFaceResNet: Writing = {
  renames: [
    [/^conv1\./, 'resnet.embedder.embedder.convolution.'],
    [/^bn1\./, 'resnet.embedder.embedder.normalization.'],
    [
      /^layer(\d)\.(\d+)\.(conv|bn)(\d)\./,
      (_, stage, block, kind, i) =>
        `resnet.encoder.stages.${+stage - 1}.layers.${block}.layer.${+i - 1}.${kind === 'conv' ? 'convolution' : 'normalization'}.`,
    ],
    [
      /^layer(\d)\.(\d+)\.downsample\.(\d)\./,
      (_, stage, block, i) =>
        `resnet.encoder.stages.${+stage - 1}.layers.${block}.shortcut.${i === '0' ? 'convolution' : 'normalization'}.`,
    ],
  ],
};

const cprfl: Writing = {
  renames: [
    [/^conv1\./, 'Backbone.0.'],
    [/^bn1\./, 'Backbone.1.'],
    [/^layer(\d)\./, (_, stage) => `Backbone.${+stage + 3}.`],
  ],
};

const torchvisionVit: Writing = {
  renames: [
    [/^cls_token$/, 'class_token'],
    [/^pos_embed$/, 'encoder.pos_embedding'],
    [/^patch_embed\.proj\./, 'conv_proj.'],
    [/^blocks\.(\d+)\.norm(\d)\./, 'encoder.layers.encoder_layer_$1.ln_$2.'],
    [/^blocks\.(\d+)\.attn\.qkv\./, 'encoder.layers.encoder_layer_$1.self_attention.in_proj_'],
    [/^blocks\.(\d+)\.attn\.proj\./, 'encoder.layers.encoder_layer_$1.self_attention.out_proj.'],
    [/^blocks\.(\d+)\.mlp\.fc1\./, 'encoder.layers.encoder_layer_$1.mlp.0.'],
    [/^blocks\.(\d+)\.mlp\.fc2\./, 'encoder.layers.encoder_layer_$1.mlp.3.'],
    [/^norm\./, 'encoder.ln.'],
  ],
};

const huggingFaceVit = (model: string, layer: (part: string) => string): Writing => ({
  qkv: ['query', 'key', 'value'],
  renames: [
    [/^cls_token$/, `${model}.embeddings.cls_token`],
    [/^dist_token$/, `${model}.embeddings.distillation_token`],
    [/^reg_token$/, `${model}.embeddings.register_tokens`],
    [/^pos_embed$/, `${model}.embeddings.position_embeddings`],
    [/^patch_embed\.proj\./, `${model}.embeddings.patch_embeddings.projection.`],
    [/^blocks\.(\d+)\.attn\.qkv\./, `${model}.encoder.layer.$1.attention.attention.{}.`],
    [/^blocks\.(\d+)\.attn\.proj\./, `${model}.encoder.layer.$1.attention.output.dense.`],
    [/^blocks\.(\d+)\.ls(\d)\.gamma$/, `${model}.encoder.layer.$1.layer_scale$2.lambda1`],
    [/^blocks\.(\d+)\.(norm\d|mlp\.fc\d)\./, (_, i, part) => `${model}.encoder.layer.${i}.${layer(part)}.`],
    [/^norm\./, `${model}.layernorm.`],
  ],
});

const partsOfVit: Readonly<Record<string, string>> = {
  norm1: 'layernorm_before',
  norm2: 'layernorm_after',
  'mlp.fc1': 'intermediate.dense',
  'mlp.fc2': 'output.dense',
};

const huggingFaceClip: Writing = {
  qkv: ['q', 'k', 'v'],
  turned: /^(visual\.proj|text_projection)$/,
  renames: [
    [/^visual\.class_embedding$/, 'vision_model.embeddings.class_embedding'],
    [/^visual\.positional_embedding$/, 'vision_model.embeddings.position_embedding.weight'],
    [/^visual\.conv1\./, 'vision_model.embeddings.patch_embedding.'],
    // Spelled so.
    [/^visual\.ln_pre\./, 'vision_model.pre_layrnorm.'],
    [/^visual\.ln_post\./, 'vision_model.post_layernorm.'],
    [/^visual\.proj$/, 'visual_projection.weight'],
    [/^token_embedding\./, 'text_model.embeddings.token_embedding.'],
    [/^positional_embedding$/, 'text_model.embeddings.position_embedding.weight'],
    [/^ln_final\./, 'text_model.final_layer_norm.'],
    [/^text_projection$/, 'text_projection.weight'],
    [
      /^(visual\.)?transformer\.resblocks\.(\d+)\.attn\.in_proj_/,
      (_, visual, i) => `${tower(visual)}.${i}.self_attn.{}_proj.`,
    ],
    [
      /^(visual\.)?transformer\.resblocks\.(\d+)\.attn\.out_proj\./,
      (_, visual, i) => `${tower(visual)}.${i}.self_attn.out_proj.`,
    ],
    [
      /^(visual\.)?transformer\.resblocks\.(\d+)\.ln_(\d)\./,
      (_, visual, i, j) => `${tower(visual)}.${i}.layer_norm${j}.`,
    ],
    [/^(visual\.)?transformer\.resblocks\.(\d+)\.mlp\.c_fc\./, (_, visual, i) => `${tower(visual)}.${i}.mlp.fc1.`],
    [/^(visual\.)?transformer\.resblocks\.(\d+)\.mlp\.c_proj\./, (_, visual, i) => `${tower(visual)}.${i}.mlp.fc2.`],
  ],
};

function tower(visual: string | undefined): string {
  return `${visual ? 'vision' : 'text'}_model.encoder.layers`;
}

const timmClipVit: Writing = {
  turned: /^visual\.proj$/,
  renames: [
    [/^visual\.class_embedding$/, 'cls_token'],
    [/^visual\.positional_embedding$/, 'pos_embed'],
    [/^visual\.conv1\./, 'patch_embed.proj.'],
    [/^visual\.ln_pre\./, 'norm_pre.'],
    [/^visual\.ln_post\./, 'norm.'],
    [/^visual\.proj$/, 'head.weight'],
    [/^visual\.transformer\.resblocks\.(\d+)\.attn\.in_proj_/, 'blocks.$1.attn.qkv.'],
    [/^visual\.transformer\.resblocks\.(\d+)\.attn\.out_proj\./, 'blocks.$1.attn.proj.'],
    [/^visual\.transformer\.resblocks\.(\d+)\.ln_(\d)\./, 'blocks.$1.norm$2.'],
    [/^visual\.transformer\.resblocks\.(\d+)\.mlp\.c_fc\./, 'blocks.$1.mlp.fc1.'],
    [/^visual\.transformer\.resblocks\.(\d+)\.mlp\.c_proj\./, 'blocks.$1.mlp.fc2.'],
  ],
};

/** How each layout that is known names the tensors of a network. */
export const writings: Readonly<Record<string, Writing>> = {
  'torchvision ResNet': { renames: [all] },
  'timm ResNet-D': { renames: [all] },
  'Hugging Face ResNet': huggingFaceResNet,
  CPRFL: cprfl,
  'timm ViT': { renames: [all] },
  'torchvision ViT': torchvisionVit,
  'Hugging Face ViT': huggingFaceVit('vit', (part) => partsOfVit[part]),
  'Hugging Face DINOv2': huggingFaceVit('dinov2', (part) => part),
  'OpenAI CLIP': { renames: [all] },
  'OpenAI CLIP image': { renames: [[/^visual\./, '']] },
  'OpenAI CLIP text': { renames: [all] },
  'MKT image': {
    renames: [
      [/^visual\.proj$/, 'projection_dist'],
      [/^visual\./, ''],
    ],
  },
  'Hugging Face CLIP': huggingFaceClip,
  'Hugging Face CLIP text': huggingFaceClip,
  'timm CLIP ViT': timmClipVit,
};

/**
 * The tensors of a network as a checkpoint of a layout has them.
 *
 * @param tensors by canonical names, those of CLIP's image tower with `visual.`
 */
export function asLayout(layout: string, tensors: ReadonlyMap<string, HostTensor>): Map<string, HostTensor> {
  const { renames, qkv = [], turned } = writings[layout];
  const written = new Map<string, HostTensor>();
  for (const [name, tensor] of tensors) {
    const rename = renames.find(([pattern]) => pattern.test(name));
    if (!rename) throw new Error(`${layout} has no name for ${name}`);
    const other = name.replace(rename[0], rename[1] as string);
    if (other.includes('{}')) {
      for (const [i, letter] of qkv.entries()) written.set(other.replace('{}', letter), third(tensor, i));
    } else written.set(other, turned?.test(name) ? transposed(tensor) : tensor);
  }
  return written;
}

function third({ shape: [rows, ...rest], data }: HostTensor, i: number): HostTensor {
  const size = data.length / 3;
  return { dtype: 'F32', shape: [rows / 3, ...rest], data: (data as Float32Array).slice(i * size, (i + 1) * size) };
}

function transposed({ shape: [rows, columns], data }: HostTensor): HostTensor {
  const turned = Float32Array.from({ length: data.length }, (_, i) =>
    Number(data[(i % rows) * columns + Math.floor(i / rows)]),
  );
  return { dtype: 'F32', shape: [columns, rows], data: turned };
}
