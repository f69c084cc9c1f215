import * as tf from '@tensorflow/tfjs-core';

/**
 * Lets a backward pass free tensors that it no longer needs: the gradients of results whose op it has passed, and the
 * tensors that the op saved. TensorFlow.js keeps both until the pass ends, about twice the activations of the forward
 * pass.
 *
 * Call it at the end of a function that is being differentiated.
 */
export function freeBehind(): void {
  const { activeTape, gradientDepth } = tf.engine().state;
  // In a nested differentiation the outer tape still needs everything.
  if (!activeTape || gradientDepth !== 1) return;
  const first = nextId();
  let passed: readonly (tf.Tensor | null)[] = [];
  for (const node of activeTape) {
    const { gradient, saved = [] } = node;
    if (!gradient) continue;
    node.gradient = (dys) => {
      for (const tensor of passed) tensor?.dispose();
      // Tensors older than the pass, and kept tensors, belong to other code.
      passed = [...dys.filter((dy) => dy && dy.id >= first && !dy.kept), ...saved];
      const shared = new Set([...dys, ...saved]);
      const own = (dx: tf.Tensor): tf.Tensor => {
        if (shared.has(dx)) return tf.clone(dx);
        shared.add(dx);
        return dx;
      };
      return Object.fromEntries(Object.entries(gradient(dys)).map(([name, compute]) => [name, () => own(compute())]));
    };
  }
}

/** The id of the next tensor; ids are ascending. */
function nextId(): number {
  const tensor = tf.scalar(0);
  tensor.dispose();
  return tensor.id + 1;
}
