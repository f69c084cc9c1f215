import { MatchingHead, matchScores, multiMatchingLoss, sinkhorn } from '@ltml/ram';
import { differentiate, Parameter } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { matrix } from '../../losses/parity/loss-values.ts';
import type { ParityAdapter, ParityAdapters, ParityInputs } from '../../tensor/parity/adapter.ts';

const transport: ParityAdapter = (inputs) => {
  const { reg, max_iterations, threshold } = inputs.params as Readonly<Record<string, number>>;
  const options = { regularization: reg, iterations: max_iterations, threshold };
  const plan = sinkhorn(matrix(inputs, 'a'), matrix(inputs, 'b'), inputs.tensor('cost') as tf.Tensor3D, options);
  return { plan, row_sums: tf.sum(plan, 2), column_sums: tf.sum(plan, 1) };
};

const matching: ParityAdapter = (inputs) => {
  const labels = matrix(inputs, 'labels');
  const { value, grad } = tf.valueAndGrad((x) => multiMatchingLoss(x as tf.Tensor2D, labels))(inputs.tensor('logits'));
  return { loss: value, grad_logits: grad };
};

function headOf(inputs: ParityInputs): MatchingHead {
  const { logit_scale, temperature_local, reg, reg_teacher, weight_temperature, teacher_sharpness } =
    inputs.params as Readonly<Record<string, number>>;
  return new MatchingHead({
    temperature: 1 / logit_scale,
    localTemperature: temperature_local,
    logitScale: logit_scale,
    regularization: reg,
    teacherWeight: reg_teacher,
    weightTemperature: weight_temperature,
    ...(teacher_sharpness !== undefined && { teacherSharpness: teacher_sharpness }),
  });
}

const scores: ParityAdapter = (inputs) => {
  const { seen, mode } = inputs.params as { readonly seen: number; readonly mode: string };
  const head = headOf(inputs);
  const all = matrix(inputs, 'text');
  const from = mode === 'zsl' ? seen : 0;
  const texts = tf.slice(all, [from, 0], [mode === 'seen' ? seen : -1, -1]) as tf.Tensor2D;
  const image = { features: matrix(inputs, 'global'), patches: inputs.tensor('local') as tf.Tensor3D };
  const score = matchScores(head.forward(image, texts));
  head.dispose();
  return { score };
};

const training: ParityAdapter = (inputs) => {
  const head = headOf(inputs);
  const [features, patches, texts] = ['global', 'local', 'text'].map(
    (name) => new Parameter(inputs.tensor(name).clone()),
  );
  const labels = matrix(inputs, 'labels');
  const teaching = {
    patches: inputs.tensor('teacher_local') as tf.Tensor3D,
    texts: matrix(inputs, 'teacher_text'),
    labels,
  };
  const matches = () =>
    head.forward(
      { features: features.variable as tf.Tensor2D, patches: patches.variable as tf.Tensor as tf.Tensor3D },
      texts.variable as tf.Tensor2D,
      teaching,
    );
  const parameters = [features, patches, texts, head.temperature, head.temperature_local];
  const { loss, gradients } = differentiate(() => {
    const { global, local } = matches();
    return { loss: tf.add(multiMatchingLoss(global, labels), multiMatchingLoss(local, labels)), terms: {} };
  }, parameters);
  const [grad_global, grad_local, grad_text, grad_temperature, grad_temperature_local] = parameters.map(
    (parameter) => gradients.get(parameter) as tf.Tensor,
  );
  const found = {
    ...{ score: matchScores(matches()), loss, grad_global, grad_local, grad_text },
    ...{ grad_temperature, grad_temperature_local },
  };
  head.dispose();
  for (const parameter of [features, patches, texts]) parameter.dispose();
  return found;
};

export const ramAdapters: ParityAdapters = {
  ram_sinkhorn: transport,
  ram_multi_matching_loss: matching,
  ram_scores: scores,
  ram_training_loss: training,
};
