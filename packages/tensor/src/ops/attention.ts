import * as tf from '@tensorflow/tfjs-core';
import { checkFlag, checkOptionNames } from '../check-options.ts';
import { OptionError, ShapeError } from '../errors.ts';
import { checkShapes } from '../shapes.ts';
import { asFloat } from './as-float.ts';
import { customGradient } from './custom-gradient.ts';

/** Options of {@link attention}. */
export interface AttentionOptions {
  /** h, the number of heads, a divisor of D. Each head has D / h neighbouring features. */
  readonly heads: number;
  /** Whether query i sees only the keys 0 … i; there must then be as many keys as queries. Default false. */
  readonly causal?: boolean;
}

/**
 * Multi-head scaled dot-product attention: softmax(Q · Kᵀ / √d) · V for each head, d = D / h, the heads side by side.
 *
 * With the softmax P and the gradient dO of a head's result: dV = Pᵀ · dO, dS = P ∘ (dO · Vᵀ − rowsum(dO ∘ O)), dQ = dS
 * · K / √d, dK = dSᵀ · Q / √d. For that it keeps P, the inputs and the output.
 *
 * Axes: B images or texts, M queries, L keys, D features, E features of the values.
 *
 * @param q [B, M, D]
 * @param k [B, L, D]
 * @param v [B, L, E]
 * @returns [B, M, E]
 * @throws ShapeError, also when there are no keys; OptionError
 * Source: Vaswani et al. 2017, section 3.2, without the projections.
 */
export function attention(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, options: AttentionOptions): tf.Tensor3D {
  checkOptionNames('attention', options, ['heads', 'causal']);
  const { heads, causal = false } = options;
  const { B, M, L, D, E } = checkShapes('attention', { q: [q, 'B M D'], k: [k, 'B L D'], v: [v, 'B L E'] });
  checkFlag('attention', 'options.causal', causal);
  checkHeads('attention', heads, D, E);
  if (causal && M !== L) {
    throw new ShapeError({
      where: 'attention',
      argument: 'k',
      expected: `[B, L, D] with L = M = ${M}, because it is causal`,
      received: `[${k.shape.join(', ')}]`,
    });
  }
  if (B * M * E === 0 || L * D === 0) return nothingAttended(q, k, v, { B, M, L, D, E });
  const scale = Math.sqrt(heads / D);
  return tf.tidy(() => attend(asFloat(q), asFloat(k), asFloat(v), { B, L, heads, causal, scale }));
}

interface Attending {
  readonly B: number;
  readonly L: number;
  readonly heads: number;
  readonly causal: boolean;
  readonly scale: number;
}

function attend(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, { B, L, heads, causal, scale }: Attending): tf.Tensor3D {
  return customGradient(
    [q, k, v],
    () => {
      // Scaled before the multiplication, because the scores are the larger tensor.
      const Q = splitHeads(tf.mul(q, scale), heads);
      const K = splitHeads(k, heads);
      const V = splitHeads(v, heads);
      const scores = tf.matMul<tf.Tensor3D>(Q, K, false, true);
      const P = tf.softmax(causal ? tf.add<tf.Tensor3D>(scores, causalMask(L)) : scores);
      const O = tf.matMul<tf.Tensor3D>(P, V);
      return { value: mergeHeads(O, B), saved: [Q, K, V, P, O] };
    },
    (dy, [Q, K, V, P, O]) => {
      const dO = splitHeads(dy, heads);
      const through = tf.sum(tf.mul(dO, O), -1, true);
      const dS = tf.mul<tf.Tensor3D>(P, tf.sub(tf.matMul(dO, V, false, true), through));
      return [
        tf.mul(mergeHeads(tf.matMul<tf.Tensor3D>(dS, K), B), scale),
        mergeHeads(tf.matMul<tf.Tensor3D>(dS, Q, true, false), B),
        mergeHeads(tf.matMul<tf.Tensor3D>(P, dO, true, false), B),
      ];
    },
  );
}

/**
 * The result without images, queries or values: an empty tensor.
 *
 * @throws ShapeError if there are no keys or features
 */
function nothingAttended(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { B, M, L, D, E }: Readonly<Record<'B' | 'M' | 'L' | 'D' | 'E', number>>,
): tf.Tensor3D {
  if (L * D === 0) {
    throw new ShapeError({
      where: 'attention',
      argument: 'k',
      expected: '[B, L, D] with at least one key and one feature, because a softmax over nothing is undefined',
      received: `[${k.shape.join(', ')}]`,
    });
  }
  return customGradient(
    [q, k, v],
    () => ({ value: tf.zeros<tf.Rank.R3>([B, M, E]), saved: [q, k, v] }),
    (_, inputs) => inputs.map(({ shape }) => tf.zeros(shape)),
  );
}

/** [B, L, D] → [B · h, L, D / h] */
function splitHeads(x: tf.Tensor, heads: number): tf.Tensor3D {
  const [B, L, D] = x.shape as [number, number, number];
  if (heads === 1) return x as tf.Tensor3D;
  const parted = tf.transpose(tf.reshape(x, [B, L, heads, D / heads]), [0, 2, 1, 3]);
  return tf.reshape(parted, [B * heads, L, D / heads]);
}

/** The inverse: [B · h, L, D / h] → [B, L, D] */
function mergeHeads(x: tf.Tensor3D, B: number): tf.Tensor3D {
  const [rows, L, d] = x.shape;
  if (rows === B) return x;
  const joined = tf.transpose(tf.reshape(x, [B, rows / B, L, d]), [0, 2, 1, 3]);
  return tf.reshape(joined, [B, L, (rows / B) * d]);
}

/** [L, L] 0 on and below the diagonal. Above it a value so low that the softmax is 0, yet finite on every engine. */
function causalMask(L: number): tf.Tensor {
  const places = tf.range(0, L, 1, 'int32');
  return tf.mul(tf.cast(tf.greater(places, tf.expandDims(places, 1)), 'float32'), -1e9);
}

/** Checks that the features can be divided into the heads. @throws OptionError */
export function checkHeads(where: string, heads: number, D: number, E: number): void {
  if (Number.isInteger(heads) && heads >= 1 && D % heads === 0 && E % heads === 0) return;
  throw new OptionError({
    where,
    argument: 'options.heads',
    expected: D === E ? `a divisor of the ${D} features` : `a divisor of the ${D} and ${E} features`,
    received: `${heads}`,
  });
}
