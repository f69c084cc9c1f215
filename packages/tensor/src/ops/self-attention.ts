import * as tf from '@tensorflow/tfjs-core';
import { checkFlag, checkOptionNames } from '../check-options.ts';
import { ShapeError } from '../errors.ts';
import { checkShapes } from '../shapes.ts';
import { asFloat } from './as-float.ts';
import { type AttentionOptions, attention, checkHeads } from './attention.ts';
import { customGradient } from './custom-gradient.ts';
import { emptyOf } from './empty.ts';
import { hasKernel } from './run-kernel.ts';

/**
 * Self-{@link attention} of tokens. Queries, keys and values come side by side, as one linear layer computes them.
 *
 * For the gradient, the native engine's kernel keeps only the input and computes the scores again.
 *
 * Axes: B images or texts, L tokens, D features.
 *
 * @param joined [B, L, 3 · D] queries, then keys, then values
 * @returns [B, L, D]
 * @throws ShapeError, OptionError
 */
export function selfAttention(joined: tf.Tensor, options: AttentionOptions): tf.Tensor3D {
  checkOptionNames('selfAttention', options, ['heads', 'causal']);
  const { heads, causal = false } = options;
  const { B, L } = checkShapes('selfAttention', { joined: [joined, 'B L *'] });
  const D = (joined.shape[2] as number) / 3;
  if (!Number.isInteger(D)) {
    const expected = '[B, L, 3 · D], queries, keys and values side by side';
    throw new ShapeError({
      where: 'selfAttention',
      argument: 'joined',
      expected,
      received: `[${joined.shape.join(', ')}]`,
    });
  }
  checkHeads('selfAttention', heads, D, D);
  checkFlag('selfAttention', 'options.causal', causal);
  if (!hasKernel('ltml/SelfAttention') || joined.size === 0) {
    return tf.tidy(() => {
      // Split by slices if it is empty, because engines divide by its size.
      const part = (at: number) => tf.slice(joined, [0, 0, at * D], [B, L, D]);
      const [q, k, v] = joined.size === 0 ? [0, 1, 2].map(part) : tf.split(joined, 3, -1);
      return B === 0 && L > 0 && D > 0 ? emptyOf<tf.Tensor3D>(joined, [B, L, D]) : attention(q, k, v, options);
    });
  }
  return tf.tidy(() => byKernel(asFloat(joined), heads, causal));
}

function byKernel(joined: tf.Tensor, heads: number, causal: boolean): tf.Tensor3D {
  const attributes = { heads, causal: causal ? 1 : 0 };
  return customGradient(
    [joined],
    () => {
      const value: tf.Tensor3D = tf.engine().runKernel('ltml/SelfAttention', { joined }, attributes);
      return { value, saved: [joined] };
    },
    (dy, [joined]) => [tf.engine().runKernel('ltml/SelfAttentionGrad', { dy, joined }, attributes)],
  );
}
