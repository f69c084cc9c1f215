import { checkChoice } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { ClassPrompts } from '../prompts/class-prompts.ts';

/** Position of the name: after the context (`end`), before it (`front`), or in its `middle`. */
export type NamePosition = 'end' | 'front' | 'middle';

/**
 * Moves the names of prompts [C, M, W] from the end of the context to another position.
 *
 * @param nameLength how many tokens of a name move: all, or the first only. The latter is as in the code of CoOp's
 *   successors, which assumes that each name is one token
 * @throws OptionError
 */
export function placeNames(
  embedded: tf.Tensor3D,
  { contextLength: n, nameLengths }: ClassPrompts,
  position: NamePosition,
  nameLength: 'all' | 'first',
): tf.Tensor3D {
  checkChoice('placeNames', 'position', position, ['end', 'front', 'middle']);
  checkChoice('placeNames', 'nameLength', nameLength, ['all', 'first']);
  if (position === 'end') return tf.clone(embedded);
  const [C, M, W] = embedded.shape;
  const before = position === 'front' ? 0 : Math.floor(n / 2);
  const order = Array.from(nameLengths, (length, c) => {
    const moved = nameLength === 'all' ? length : 1;
    const places = Array.from({ length: M }, (_, m) => {
      const behindStart = m - 1 - before;
      if (behindStart < 0 || m >= 1 + n + moved) return m;
      return behindStart < moved ? 1 + n + behindStart : m - moved;
    });
    return places.map((m) => c * M + m);
  });
  return tf.tidy(() => {
    const rows = tf.gather(tf.reshape<tf.Rank.R2>(embedded, [C * M, W]), tf.tensor1d(order.flat(), 'int32'));
    return tf.reshape(rows, [C, M, W]);
  });
}
