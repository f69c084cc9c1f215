import { gelu, layerNorm, selfAttention } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { SpeedRow } from '../../../packages/tensor/bench/row.ts';

/** Layers of a ViT-B/16 with 8 images of 224 × 224: forward, and the gradients of all inputs. */
export const layerRows: readonly SpeedRow[] = [
  layerRow(
    'self-attention, 12 heads',
    [[8, 197, 2304]],
    (joined) => selfAttention(joined, { heads: 12 }),
    `
def layer(x):
    q, k, v = x.view(8, 197, 3, 12, 64).permute(2, 0, 3, 1, 4)
    return torch.nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(8, 197, 768)
`,
  ),
  layerRow(
    'layer norm',
    [[8, 197, 768], [768], [768]],
    (x, gamma, beta) => layerNorm(x, gamma, beta),
    'layer = lambda x, gamma, beta: torch.nn.functional.layer_norm(x, (768,), gamma, beta)\n',
  ),
  layerRow('GELU', [[8, 197, 3072]], (x) => gelu(x), 'layer = torch.nn.functional.gelu\n'),
];

function layerRow(
  name: string,
  shapes: readonly (readonly number[])[],
  layer: (...inputs: tf.Tensor[]) => tf.Tensor,
  torchLayer: string,
): SpeedRow {
  const torch = `${torchLayer}
inputs = [torch.randn(shape, requires_grad=True) for shape in ${JSON.stringify(shapes)}]
y = layer(*inputs)
dy = torch.randn_like(y)
def run():
    torch.autograd.grad(layer(*inputs), inputs, dy)
`;
  return {
    name: `${name}, [${shapes[0].join(', ')}], forward and backward`,
    torch,
    prepare() {
      const inputs = shapes.map((shape, i) => tf.randomNormal([...shape], 0, 1, 'float32', i + 1));
      const dy = tf.tidy(() => {
        const { shape } = layer(...inputs);
        return tf.randomNormal(shape, 0, 1, 'float32', 9);
      });
      return {
        async run() {
          const gradients = tf.tidy(() => tf.grads(layer)(inputs, dy));
          await Promise.all(gradients.map((gradient) => gradient.data()));
          tf.dispose(gradients);
        },
        dispose() {
          tf.dispose([...inputs, dy]);
        },
      };
    },
  };
}
