import { twoWayLoss } from '@ltml/losses';
import { checkNumber, checkOptionNames, zerosBehind } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { featureLabelAlignment } from './feature-label-alignment.ts';
import { prototypeContrast } from './prototype-contrast.ts';

/** Weights ≥ 0 of the loss terms. A term of weight 0 is not computed. */
export interface MlcNcWeights {
  /** Weight of the two-way loss. */
  readonly twoWay: number;
  /** Weight of {@link featureLabelAlignment}. */
  readonly alignment: number;
  /** Weight of {@link prototypeContrast}. */
  readonly prototype: number;
}

/** The weights of the authors' code: `all` from the sixth epoch on, `alignment` before. */
export const mlcNcWeights: { readonly all: MlcNcWeights; readonly alignment: MlcNcWeights } = {
  all: { twoWay: 1, alignment: 0.5, prototype: 0.1 },
  alignment: { twoWay: 0, alignment: 1, prototype: 0 },
};

/** The inputs of the loss: outputs of the head for a batch, class vectors and prototypes. */
export interface MlcNcOutputs {
  /** [B, C] */
  readonly logits: tf.Tensor2D;
  /** [B, C, D] */
  readonly classFeatures: tf.Tensor3D;
  /** [B, C, P] */
  readonly projected: tf.Tensor3D;
  /** [C, D] */
  readonly classVectors: tf.Tensor2D;
  /** [C, P] */
  readonly prototypes: tf.Tensor2D;
}

/** Options of {@link mlcNcLoss}. */
export interface MlcNcLossOptions {
  /** [B, C] 1 known, 0 unknown. Unknown labels do not count. Default: all are known. */
  readonly known?: tf.Tensor2D;
  /** Weights of the terms. Default `mlcNcWeights.all`. */
  readonly weights?: MlcNcWeights;
}

/** The weighted sum, and each computed term without its weight. */
export type MlcNcTerms = { readonly loss: tf.Scalar } & Partial<Record<keyof MlcNcWeights, tf.Scalar>>;

/**
 * The loss of MLC-NC: the weighted sum of the two-way loss, {@link featureLabelAlignment} and {@link
 * prototypeContrast}.
 *
 * @param labels [B, C] 1 present, 0 absent
 * @returns the loss and its terms; if all weights are 0, the loss and its gradients are 0
 * @throws OptionError, and the errors of the terms
 */
export function mlcNcLoss(outputs: MlcNcOutputs, labels: tf.Tensor2D, options: MlcNcLossOptions = {}): MlcNcTerms {
  checkOptionNames('mlcNcLoss', options, ['known', 'weights']);
  const { known, weights = mlcNcWeights.all } = options;
  checkWeights(weights);
  const { logits, classFeatures, projected, classVectors, prototypes } = outputs;
  return tf.tidy(() => {
    const mask = known && { known };
    const terms = {
      ...(weights.twoWay > 0 && { twoWay: twoWayLoss(logits, labels, { ...mask }) }),
      ...(weights.alignment > 0 && {
        alignment: featureLabelAlignment(classFeatures, classVectors, labels, { ...mask }),
      }),
      ...(weights.prototype > 0 && { prototype: prototypeContrast(projected, prototypes, labels, { ...mask }) }),
    };
    const weighted = Object.entries(terms).map(([name, term]) => tf.mul(term, weights[name as keyof MlcNcWeights]));
    const nothing = (): tf.Scalar => zerosBehind<tf.Rank.R0>([], logits, classFeatures, projected);
    return { ...terms, loss: weighted.length > 0 ? tf.addN(weighted as tf.Scalar[]) : nothing() };
  });
}

function checkWeights(weights: MlcNcWeights): void {
  const names = Object.keys(mlcNcWeights.all) as (keyof MlcNcWeights)[];
  for (const name of names) checkNumber('mlcNcLoss', `options.weights.${name}`, weights?.[name], { min: 0 });
  checkOptionNames('mlcNcLoss', weights, names);
}
