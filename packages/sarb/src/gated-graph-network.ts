import {
  checkCount,
  checkOptionNames,
  checkShapes,
  Linear,
  Module,
  ModuleBuffer,
  OptionError,
  type RandomStream,
  zerosBehind,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Options of {@link GatedGraphNetwork}. */
export interface GatedGraphNetworkOptions {
  /** D, features of a node. */
  readonly features: number;
  /** [C][C] weights ≥ 0 of the edges from row to column, for example from `cooccurrenceAdjacency`. */
  readonly adjacency: readonly (readonly number[])[];
  /** T, number of steps. Default 3: the released code. */
  readonly steps?: number;
  readonly random: RandomStream;
}

/**
 * Gated graph network whose nodes are the classes: T steps with shared weights.
 *
 *     a = [A·h ; Aᵀ·h],  z = σ(Wz·a + Uz·h),  r = σ(Wr·a + Ur·h),  g = tanh(Wg·a + Ug·(r ⊙ h)),  h ← h + z ⊙ (g − h)
 *
 * Each linear map has a bias. State names are the published ones: `fc_1` is z, `fc_2` is r, `fc_3` is g; `_w` acts on a
 * and `_u` on h. A is a buffer, because the trained weights fit this graph only.
 *
 * Linear maps of the features commute with A, and with any mixing of images (see `GraphClassifier`). So the first step
 * applies the linear maps before A ({@link projection}). The other steps apply them after A, which is less work there.
 *
 * Source: Li et al. 2016 (gated graph networks); Chen et al. (SSGRL, ICCV 2019), equations 6–7. SSGRL's first release
 * uses Uz instead of Ur, which is a mistake.
 */
export class GatedGraphNetwork extends Module {
  readonly fc_1_w: Linear;
  readonly fc_1_u: Linear;
  readonly fc_2_w: Linear;
  readonly fc_2_u: Linear;
  readonly fc_3_w: Linear;
  readonly fc_3_u: Linear;
  /** [C, C] */
  readonly adjacency: ModuleBuffer;
  readonly #features: number;
  readonly #steps: number;

  /** @throws OptionError */
  constructor(options: GatedGraphNetworkOptions) {
    super();
    const where = 'GatedGraphNetwork';
    checkOptionNames(where, options, ['features', 'adjacency', 'steps', 'random']);
    const { features, adjacency, steps = 3, random } = options;
    checkCount(where, 'options.features', features);
    checkCount(where, 'options.steps', steps);
    checkAdjacency(where, adjacency);
    const onNeighbours = { inFeatures: 2 * features, outFeatures: features, random };
    const onNodes = { inFeatures: features, outFeatures: features, random };
    this.fc_1_w = new Linear(onNeighbours);
    this.fc_1_u = new Linear(onNodes);
    this.fc_2_w = new Linear(onNeighbours);
    this.fc_2_u = new Linear(onNodes);
    this.fc_3_w = new Linear(onNeighbours);
    this.fc_3_u = new Linear(onNodes);
    const C = adjacency.length;
    this.adjacency = new ModuleBuffer(tf.tensor2d(adjacency.flat(), [C, C]), 'same');
    this.#features = features;
    this.#steps = steps;
  }

  /** Columns of {@link projection}: 8·D. */
  get projectedFeatures(): number {
    return 8 * this.#features;
  }

  /** The linear maps of the first step, except Ug, concatenated to [D, 8·D]: W for A·h, W for Aᵀ·h, then Uz and Ur. */
  projection(): tf.Tensor2D {
    return tf.tidy(() => {
      const halves = [this.fc_1_w, this.fc_2_w, this.fc_3_w].map(({ weight }) => tf.split(weight.variable, 2, 0));
      const onNodes = [this.fc_1_u.weight.variable, this.fc_2_u.weight.variable];
      return tf.concat(
        [...halves.map(([along]) => along), ...halves.map(([, against]) => against), ...onNodes],
        1,
      ) as tf.Tensor2D;
    });
  }

  /**
   * Computes the nodes after T steps.
   *
   * @param nodes [B, C, D]
   * @param projected [B, C, 8·D], the nodes multiplied by {@link projection}; computed here if missing
   * @returns [B, C, D]
   * @throws ShapeError
   */
  forward(nodes: tf.Tensor3D, projected?: tf.Tensor3D): tf.Tensor3D {
    const { adjacency } = this;
    const where = 'GatedGraphNetwork.forward';
    const D = this.#features;
    const { B, C } = checkShapes(where, { nodes: [nodes, `B C ${D}`], adjacency: [adjacency.variable, 'C C'] });
    if (projected) checkShapes(where, { projected: [projected, `${B} ${C} ${8 * D}`] });
    // Some engines fail on empty tensors.
    if (B === 0) return zerosBehind([0, C, D], nodes);
    return tf.tidy(() => {
      const first = projected ?? tf.reshape(tf.matMul(tf.reshape(nodes, [B * C, D]), this.projection()), [B, C, 8 * D]);
      let h = this.#firstStep(nodes, first as tf.Tensor3D);
      for (let step = 1; step < this.#steps; step++) h = this.#step(h);
      return h;
    });
  }

  #firstStep(h: tf.Tensor3D, projected: tf.Tensor3D): tf.Tensor3D {
    const D = this.#features;
    const [along, against, onNodes] = tf.split(projected, [3 * D, 3 * D, 2 * D], 2);
    const messages = tf.add(this.#spread(along, false), this.#spread(against, true));
    const [mz, mr, mg] = tf.split(messages, 3, 2);
    const [uz, ur] = tf.split(onNodes, 2, 2);
    const biased = (x: tf.Tensor, ...layers: readonly Linear[]): tf.Tensor =>
      tf.add(x, tf.addN(layers.map(({ bias }) => bias!.variable)));
    return this.#gate(
      h,
      biased(tf.add(mz, uz), this.fc_1_w, this.fc_1_u),
      biased(tf.add(mr, ur), this.fc_2_w, this.fc_2_u),
      tf.add(mg, this.fc_3_w.bias!.variable),
    );
  }

  #step(h: tf.Tensor3D): tf.Tensor3D {
    const a = tf.concat([this.#spread(h, false), this.#spread(h, true)], 2);
    return this.#gate(
      h,
      tf.add(this.fc_1_w.forward(a), this.fc_1_u.forward(h)),
      tf.add(this.fc_2_w.forward(a), this.fc_2_u.forward(h)),
      this.fc_3_w.forward(a),
    );
  }

  /** h + σ(z) ⊙ (tanh(g + Ug·(σ(r) ⊙ h)) − h) */
  #gate(h: tf.Tensor3D, z: tf.Tensor, r: tf.Tensor, g: tf.Tensor): tf.Tensor3D {
    const candidate = tf.tanh(tf.add(g, this.fc_3_u.forward(tf.mul(tf.sigmoid(r), h))));
    return tf.add(h, tf.mul(tf.sigmoid(z), tf.sub(candidate, h)));
  }

  /** A·x or Aᵀ·x over the class axis. */
  #spread(x: tf.Tensor, transposed: boolean): tf.Tensor {
    const A = tf.expandDims(this.adjacency.variable, 0) as tf.Tensor3D;
    return tf.matMul(A, x as tf.Tensor3D, transposed, false);
  }
}

function checkAdjacency(where: string, adjacency: readonly (readonly number[])[]): void {
  const C = adjacency.length;
  const at = adjacency.findIndex((row) => row.length !== C || !row.every((weight) => weight >= 0 && weight < Infinity));
  if (C > 0 && at < 0) return;
  throw new OptionError({
    where,
    argument: 'options.adjacency',
    expected: 'a square matrix of at least one class, with finite weights ≥ 0',
    received: C === 0 ? 'no classes' : `${C} rows, where row ${at} is [${adjacency[at].slice(0, 8).join(', ')}]`,
  });
}
