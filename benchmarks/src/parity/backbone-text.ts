import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  byteSymbols,
  type ClipTextTransformer,
  ClipTokenizer,
  type ClipTokenizerOptions,
  cprflTemplate,
  fillTemplate,
  loadClip,
  loadClipText,
  mktTemplate,
  tensorSource,
  tokenizerFromMerges,
} from '@ltml/backbone';
import type { Module } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { JsonValue, ParityAdapter, ParityAdapters, ParityValue } from '../../../packages/tensor/parity/adapter.ts';
import { cprflNames, inFileOrder, storedWeights } from '../../../packages/tensor/parity/stored-module.ts';

type Outputs = Record<string, ParityValue>;

/** CLIP's merges. Other parts do not store them. */
const merges = new URL('../../../packages/backbone/test/fixtures/text/backbone/clip_merges.json', import.meta.url);

function clipTokenizer(options: ClipTokenizerOptions = {}): ClipTokenizer {
  return new ClipTokenizer(tokenizerFromMerges(JSON.parse(readFileSync(merges, 'utf8'))), options);
}

/** Token ids with start and end, without padding. */
function withEnds(tokenizer: ClipTokenizer, text: string): number[] {
  return [tokenizer.startId, ...tokenizer.encode(text), tokenizer.endId];
}

interface TokenizerRow {
  readonly text: string;
  readonly [column: string]: JsonValue;
}

/** Compares tokenization. In the file, null means that a row or column has nothing to compare. */
const tokenize: ParityAdapter = (inputs) => {
  const contextLength = inputs.params.context_length as number;
  const file = join(inputs.folder, 'tokenizer_mini.json');
  const create = (options: ClipTokenizerOptions): ClipTokenizer =>
    inputs.params.vocab_size === 49408
      ? clipTokenizer(options)
      : new ClipTokenizer(readFileSync(file, 'utf8'), options);
  const tokenizer = create({ contextLength, overlong: 'truncate' });
  const unrepaired = create({ cleaning: 'openaiUnrepaired' });
  const huggingFace = create({ cleaning: 'huggingFace' });
  const rows = inputs.json('') as unknown as readonly TokenizerRow[];
  return {
    clean: rows.map(({ text }) => tokenizer.clean(text)),
    ids: rows.map(({ text }) => tokenizer.encode(text)),
    length: rows.map(({ text }) => withEnds(tokenizer, text).length),
    overflows: rows.map(({ text }) => withEnds(tokenizer, text).length > contextLength),
    context: rows.map(({ text, context }) => context && Array.from(tokenizer.tokenize([text]).ids)),
    decoded: rows.map(({ text }) => tokenizer.decode(tokenizer.encode(text))),
    ids_without_ftfy: rows.map(({ text, ids_without_ftfy: stored }) => stored && unrepaired.encode(text)),
    hf_ids: rows.map(({ text }) => withEnds(huggingFace, text)),
  };
};

const loadTokenizer: ParityAdapter = (inputs) => {
  const tokenizer = new ClipTokenizer(JSON.stringify(inputs.json('')));
  return {
    'model/vocab': Object.fromEntries(tokenizer.vocabulary),
    'post_processor/cls': ['<|startoftext|>', tokenizer.startId],
    'post_processor/sep': ['<|endoftext|>', tokenizer.endId],
  };
};

/** Splits the tokens of the vocabulary into the merges that they come from. */
const vocabulary: ParityAdapter = (inputs) => {
  const pairs = inputs.json('') as readonly string[];
  const tokens = [...tokenizerFromMerges(pairs).vocabulary].sort(([, a], [, b]) => a - b).map(([token]) => token);
  const space = (token: string, at: number): string => `${token.slice(0, at)} ${token.slice(at)}`;
  return { '': pairs.map((pair, rank) => space(tokens[512 + rank], pair.indexOf(' '))) };
};

const byteEncoder: ParityAdapter = () => ({
  '': byteSymbols().map(({ byte, codePoint }) => [byte, codePoint]),
});

const cprflTokens: ParityAdapter = (inputs) => {
  const tokenizer = clipTokenizer();
  const encode = (texts: readonly string[]): number[][] => texts.map((text) => withEnds(tokenizer, text));
  if (inputs.has('text')) return { tokens: encode(inputs.json('text') as readonly string[]) };
  const classes = inputs.json('classes') as readonly string[];
  const fill = (template: string): string[] => classes.map((name) => fillTemplate(template, name));
  const prompts = fill(cprflTemplate);
  const withoutDot = fill(inputs.params.paper_template as string);
  return {
    code_template: encode(prompts),
    code_template_text: prompts,
    paper_template: encode(withoutDot),
    paper_template_text: withoutDot,
  };
};

const mktTokens: ParityAdapter = (inputs) => {
  const tokenizer = clipTokenizer();
  const names = inputs.json('name') as readonly string[];
  return {
    name_ids: names.map((name) => tokenizer.encode(name)),
    prompt_ids: names.map((name) => withEnds(tokenizer, fillTemplate(mktTemplate, name))),
  };
};

function stages(tower: ClipTextTransformer, ids: tf.Tensor, prefix: string): Outputs {
  const { tokenEmbeddings, blocks, tokens, embedding } = tower.forwardStages(ids);
  const numbered = blocks.map((block, i) => [`${prefix}block${i}`, block]);
  return {
    [`${prefix}token_embedding`]: tokenEmbeddings,
    ...Object.fromEntries(numbered),
    [`${prefix}ln_final`]: tokens,
    [`${prefix}embedding`]: embedding,
  };
}

/** Gradients of a loss under the names of the file. */
function gradients(module: Module, loss: () => tf.Tensor): Outputs {
  const parameters = [...module.namedParameters()];
  const variables = parameters.map(([, { variable }]) => variable);
  const { grads } = tf.variableGrads(() => loss() as tf.Scalar, variables);
  return Object.fromEntries(
    parameters.map(([name, parameter]) => [`grad_w/${name}`, inFileOrder(grads[parameter.variable.name], parameter)]),
  );
}

const textTransformer: ParityAdapter = async (inputs) => {
  const tower = await loadClipText(tensorSource(storedWeights(inputs)), { heads: inputs.params.heads as number });
  const ids = inputs.tensor('in/ids');
  const outputs = stages(tower, ids, 'out/');
  const cotangent = inputs.tensor('cot/embedding');
  Object.assign(
    outputs,
    gradients(tower, () => tf.sum(tf.mul(tower.forward(ids), cotangent))),
  );
  tower.dispose();
  return outputs;
};

const cprflTextEncoder: ParityAdapter = async (inputs) => {
  const tower = await loadClipText(tensorSource(storedWeights(inputs, cprflNames)), {
    heads: inputs.params.heads as number,
  });
  const ids = inputs.tensor('in.tokens');
  const outputs = stages(tower, ids, 'mid.');
  tower.dispose();
  return { ...outputs, 'out.text_features': outputs['mid.embedding'] };
};

const similarity: ParityAdapter = async (inputs) => {
  const { vision_heads: imageHeads, transformer_heads: textHeads } = inputs.params as Record<string, number>;
  const clip = await loadClip(tensorSource(storedWeights(inputs)), {
    image: { heads: imageHeads },
    text: { heads: textHeads },
  });
  const images = tf.transpose(inputs.tensor('in/image'), [0, 2, 3, 1]);
  const ids = inputs.tensor('in/ids');
  const { imageFeatures, textFeatures, logits } = clip.forward(images, ids);
  const outputs: Outputs = {
    'out/image_features': imageFeatures,
    'out/text_features': textFeatures,
    'out/logits_per_image': logits,
    'out/logits_per_text': tf.transpose(logits),
  };
  if (inputs.has('cot/logits_per_image')) {
    const cotangent = inputs.tensor('cot/logits_per_image');
    const loss = (): tf.Tensor => tf.sum(tf.mul(clip.forward(images, ids).logits, cotangent));
    Object.assign(outputs, gradients(clip, loss));
  }
  clip.dispose();
  return outputs;
};

/** Comparisons of CLIP's text side: from names to embeddings, and to the logits of images. */
export const backboneTextAdapters: ParityAdapters = {
  clip_tokenize: tokenize,
  load_tokenizer_json: loadTokenizer,
  clip_vocab: vocabulary,
  byte_encoder: byteEncoder,
  clip_tokens: cprflTokens,
  clip_bpe_tokenizer: mktTokens,
  clip_text_transformer: textTransformer,
  clip_text_encoder: cprflTextEncoder,
  clip_similarity: similarity,
  load_hf_clip: similarity,
};
