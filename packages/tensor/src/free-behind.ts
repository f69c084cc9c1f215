import * as tf from '@tensorflow/tfjs-core';

/**
 * Lets a backward pass free what lies behind it: the gradients of results whose op it has passed, and what that op had
 * saved. TensorFlow.js itself keeps all of both until the pass ends, about twice the activations of the forward pass.
 *
 * To be called at the end of a function that is differentiated, while its tape is being written.
 */
export function freeBehind(): void {
  const { activeTape, gradientDepth } = tf.engine().state;
  // Within another differentiation the outer tape needs all of it once more.
  if (!activeTape || gradientDepth !== 1) return;
  const first = nextId();
  let passed: readonly (tf.Tensor | null)[] = [];
  for (const node of activeTape) {
    const { gradient, saved = [] } = node;
    if (!gradient) continue;
    node.gradient = (dys) => {
      for (const tensor of passed) tensor?.dispose();
      // What is older than the pass, or kept, belongs to somebody else.
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

/** Of the next tensor; ids ascend. */
function nextId(): number {
  const tensor = tf.scalar(0);
  tensor.dispose();
  return tensor.id + 1;
}
