import { CprflHead } from '@ltml/cprfl';
import { Parameter } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityAdapter, ParityAdapters, ParityInputs } from '../../tensor/parity/adapter.ts';
import { channelsFirst, channelsLast } from '../../tensor/parity/stored-module.ts';
import {
  asymmetric,
  disposeAll,
  gradientsOf,
  imagesFirst,
  inHead,
  Layers,
  layerOptions,
  load,
  numbersOf,
  type Outputs,
} from './stored.ts';

/** The gradient paths that are closed. */
interface Stops {
  readonly classifier: boolean;
  readonly feature: boolean;
}

function storedHead(inputs: ParityInputs, classEmbeddings: tf.Tensor, stops: Stops) {
  const { d, d0, tau, nonlinear } = numbersOf(inputs);
  const { width: _, random, ...vsi } = layerOptions(inputs);
  const head = new CprflHead({
    features: d0,
    classEmbeddings: classEmbeddings as tf.Tensor2D,
    width: d,
    pi: { expansion: tau, linear: !nonlinear },
    vsi: { ...vsi, depth: 1 },
    stopClassifierGradient: stops.classifier,
    stopFeatureGradient: stops.feature,
    random,
  });
  return load(head, inputs, 'param.', inHead(!nonlinear));
}

/** From feature map to loss, with all gradients. The gradient of the prompts is also given for each path alone. */
const cprflHead: ParityAdapter = (inputs) => {
  const { no_cls_grad, no_feature_grad, nonlinear } = numbersOf(inputs);
  const stops: Stops = { classifier: Boolean(no_cls_grad), feature: Boolean(no_feature_grad) };
  const text_embeddings = new Parameter(inputs.tensor('in.text_embeddings'));
  const features = new Parameter(channelsLast(inputs.tensor('in.features')));
  const targets = inputs.tensor('in.targets') as tf.Tensor2D;
  const known = tf.onesLike(targets);
  const head = storedHead(inputs, text_embeddings.variable, stops);
  const { visualTokens, prompts, attention, classFeatures, logits } = head.forward(features.variable);
  const P = new Parameter(prompts.clone());
  const byPrompts = (of: CprflHead) => {
    const loss = () =>
      asymmetric(of.forward(features.variable, P.variable as tf.Tensor as tf.Tensor2D).logits, targets, known);
    return gradientsOf(loss, new Layers([]), (name) => name, { P })['grad.P'];
  };
  const onePath = (closed: Partial<Stops>) => {
    const other = storedHead(inputs, text_embeddings.variable, { ...stops, ...closed });
    const gradient = byPrompts(other);
    other.dispose();
    return gradient;
  };
  const paths = inputs.has('grad.P.path_vsi') && {
    'grad.P.path_vsi': onePath({ classifier: true }),
    'grad.P.path_classifier': onePath({ feature: true }),
  };
  const x = new Parameter(logits.clone());
  const byLogits = gradientsOf(
    () => asymmetric(x.variable as tf.Tensor as tf.Tensor2D, targets, known),
    new Layers([]),
    (name) => name,
    { logits: x },
  );
  // In the stored case all tokens are queries. Our queries, the prompts, are the last of them.
  const tokens = tf.concat([visualTokens, tf.tile(tf.expandDims(prompts), [visualTokens.shape[0], 1, 1])], 1);
  const whole = imagesFirst(head.vsi.layers[0].forward(tokens as tf.Tensor3D).weights);
  const [others] = tf.split(whole, [visualTokens.shape[1], prompts.shape[0]], 2);
  const outputs: Outputs = {
    'mid.F': visualTokens,
    'mid.P': prompts,
    'mid.attn_prob': tf.concat([others, attention], 2),
    'mid.P_prime': classFeatures,
    'out.logits': logits,
    'out.prob': tf.sigmoid(logits),
    'out.loss': asymmetric(logits, targets, known),
    ...gradientsOf(
      () => {
        const own = head.pi.forward(text_embeddings.variable);
        return asymmetric(head.forward(features.variable, own).logits, targets, known);
      },
      head,
      inHead(!nonlinear),
      { features, text_embeddings },
    ),
    ...byLogits,
    'grad.P': byPrompts(head),
    ...paths,
  };
  const byFeatures = outputs['grad.features'] as tf.Tensor | undefined;
  disposeAll(head, text_embeddings, features, P, x);
  return { ...outputs, ...(byFeatures && { 'grad.features': channelsFirst(byFeatures) }) };
};

/** CPRFL's head as a whole. */
export const cprflHeadAdapters: ParityAdapters = { cprfl_head: cprflHead };
