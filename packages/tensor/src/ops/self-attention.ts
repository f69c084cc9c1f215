import * as tf from '@tensorflow/tfjs-core';
import { checkOptionNames } from '../check-options.ts';
import { ShapeError } from '../errors.ts';
import { checkShapes } from '../shapes.ts';
import { type AttentionOptions, attention, checkHeads } from './attention.ts';
import { customGradient } from './custom-gradient.ts';
import { hasKernel } from './run-kernel.ts';

/**
 * {@link attention} of tokens to each other, from queries, keys and values side by side, as one linear map makes them.
 *
 * The kernel of the native engine keeps the input alone for the gradient and computes the scores anew.
 *
 * Axes: B images or texts, L tokens, D features.
 *
 * @param joined [B, L, 3 · D], the queries first, then the keys
 * @returns [B, L, D]
 * @throws ShapeError, OptionError
 */
export function selfAttention(joined: tf.Tensor, options: AttentionOptions): tf.Tensor3D {
  checkOptionNames('selfAttention', options, ['heads', 'causal']);
  const { heads, causal = false } = options;
  checkShapes('selfAttention', { joined: [joined, 'B L *'] });
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
  if (!hasKernel('ltml/SelfAttention')) {
    const [q, k, v] = tf.split(joined, 3, -1);
    return attention(q, k, v, options);
  }
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
