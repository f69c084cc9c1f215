import { decodeLabels, unknownIsZero } from '@ltml/data';
import { labelRankingReport } from '@ltml/metrics';
import {
  combineStreams,
  distillationLoss,
  type ImageEmbeddings,
  labelStreams,
  localEvidence,
  TwoStreamHead,
  topKPool,
} from '@ltml/mkt';
import { differentiate, importState, Parameter, RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityAdapter, ParityAdapters, ParityInputs, ParityValue } from '../../tensor/parity/adapter.ts';
import { inFileOrder } from '../../tensor/parity/stored-module.ts';
import { mktStage1Adapters } from './stage1.ts';
import { mktStage2Adapters } from './stage2.ts';

/** A value, and the gradient of Σ value · upstream with respect to an input. */
function weighted(inputs: ParityInputs, name: string, value: (x: tf.Tensor) => tf.Tensor) {
  return tf.valueAndGrad((x) => tf.sum(tf.mul(value(x), inputs.tensor('upstream'))))(inputs.tensor(name));
}

const pool: ParityAdapter = (inputs) => {
  const k = inputs.params.k as number;
  const pooled = (x: tf.Tensor): tf.Tensor2D => topKPool(x as tf.Tensor3D, k);
  const { value, grad } = weighted(inputs, 'similarity', pooled);
  return {
    pooled: pooled(inputs.tensor('similarity')),
    loss: value,
    grad_similarity: grad,
    // In a tie any of the equal entries may get the gradient, so compare the sum over patches.
    grad_similarity_sum_over_patches: tf.sum(grad, 1),
  };
};

/** The class token and the patches of stored tokens. */
function storedTokens(tokens: tf.Tensor): ImageEmbeddings {
  const [B, L, W] = tokens.shape;
  return {
    features: tf.reshape(tf.slice(tokens, [0, 0, 0], [B, 1, W]), [B, W]),
    patches: tf.slice(tokens as tf.Tensor3D, [0, 1, 0], [B, L - 1, W]),
  };
}

const head: ParityAdapter = (inputs) => {
  const params = inputs.params as { topk: number; norm_pred: boolean; global_only?: boolean };
  const local = inputs.has('local.fc1.weight') ? 'mlp' : 'shared';
  const [features, embedding] = inputs.host('proj').shape;
  const network = new TwoStreamHead({ features, embedding, local, random: new RandomStream(0) });
  const stored = inputs.names.filter((name) => name === 'proj' || name.startsWith('local.'));
  importState(network, new Map(stored.map((name) => [name, inputs.host(name)])));
  const tokens = new Parameter(tf.clone(inputs.tensor('tokens')));
  const labels = new Parameter(tf.clone(inputs.tensor('label_embed')));
  const labelMatrix = labels.variable as unknown as tf.Tensor2D;
  const combine = params.global_only ? 'global' : 'mean';
  const run = () => {
    const image = network.forward(storedTokens(tokens.variable));
    const streams = labelStreams(image, labelMatrix, { topK: params.topk });
    return { image, streams, score: combineStreams(streams, { combine, normalize: params.norm_pred }) };
  };
  const parameters = new Map(network.namedParameters());
  const { loss, gradients } = differentiate(
    () => ({ loss: tf.sum(tf.mul(run().score, inputs.tensor('upstream'))), terms: {} }),
    [tokens, labels, ...parameters.values()],
  );
  const { image, streams, score } = run();
  const alone = (combine: 'local' | 'global') => combineStreams(streams, { combine, normalize: params.norm_pred });
  const outputs: Record<string, ParityValue | undefined> = {
    score,
    dist_feat: image.features,
    pred_feat: image.patches,
    patch_sim: localEvidence(image, labelMatrix),
    score_local_raw: streams.local,
    score_global_raw: streams.global,
    score_local: alone('local'),
    score_global: alone('global'),
    loss,
    grad_tokens: gradients.get(tokens),
    grad_label_embed: gradients.get(labels),
  };
  for (const [name, parameter] of parameters) {
    const gradient = gradients.get(parameter);
    outputs[`grad_${name}`] = gradient && inFileOrder(gradient, parameter);
  }
  for (const owned of [network, tokens, labels]) owned.dispose();
  return outputs;
};

const distillation = (reduction: 'mean' | 'rowNorm', loss: string, gradient: string): ParityAdapter => {
  return (inputs) => {
    const teacher = inputs.tensor('teacher') as tf.Tensor2D;
    const { value, grad } = tf.valueAndGrad((student) =>
      distillationLoss(student as tf.Tensor2D, teacher, { reduction }),
    )(inputs.tensor('student'));
    return { [loss]: value, [gradient]: grad };
  };
};

const zslAndGzsl: ParityAdapter = (inputs) => {
  const { topk: topK, seen, ks } = inputs.params as { topk: number; seen: number; ks: number[] };
  const image = {
    features: inputs.tensor('cls_feat') as tf.Tensor2D,
    patches: inputs.tensor('patch_feat') as tf.Tensor3D,
  };
  const labels = inputs.tensor('label_embed') as tf.Tensor2D;
  const all = labelStreams(image, labels, { topK });
  const [M, C] = all.global.shape;
  const unseen = (stream: tf.Tensor2D): tf.Tensor2D => tf.slice(stream, [0, seen], [M, C - seen]);
  const zsl = combineStreams({ global: unseen(all.global), local: unseen(all.local) });
  const gzsl = combineStreams(all);
  const codes = inputs.numbers('labels_1006');
  const report = (scores: tf.Tensor2D, first: number): number[] => {
    const kept = codes.filter((_, at) => at % C >= first);
    const matrix = { ...decodeLabels(kept, C - first, unknownIsZero), scores: scores.dataSync<'float32'>() };
    const { meanAveragePrecision, atK } = labelRankingReport(matrix, { k: ks });
    return [meanAveragePrecision, ...atK.flatMap(({ precision, recall, f1 }) => [f1, precision, recall])];
  };
  return { logits_81: zsl, logits_1006: gzsl, zsl: report(zsl, seen), gzsl: report(gzsl, 0) };
};

export const mktAdapters: ParityAdapters = {
  topk_mean_pool: pool,
  two_stream_head: head,
  two_stream_head_mlp_local: head,
  distill_loss: distillation('mean', 'loss', 'grad_student'),
  distill_loss_row_norm: distillation('rowNorm', 'loss_row_norm', 'grad_student_row_norm'),
  zsl_gzsl_evaluation: zslAndGzsl,
  ...mktStage1Adapters,
  ...mktStage2Adapters,
};
