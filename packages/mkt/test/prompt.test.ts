import { labelPrompts, Prompt } from '@ltml/mkt';
import { differentiate, disposeGradients, RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { MeanTower, taskPrompts, tokenizer } from './support.ts';

const tower = new MeanTower(14, 7, 5, new RandomStream(1));
const prompts = taskPrompts();
const prompt = new Prompt(tower, prompts);
afterAll(() => {
  prompt.dispose();
  tower.dispose();
});

function plain(labels = prompts): tf.Tensor2D {
  const ids = tf.tensor2d(labels.ids, [...labels.shape], 'int32');
  return tower.forwardEmbedded(tower.embedTokens(ids), ids).embedding;
}

it('begins as the plain text encoder, also for labels that it has not seen', () => {
  tf.tidy(() => {
    expectClose(prompt.forward(prompts).dataSync(), plain().dataSync());
    const others = labelPrompts(['green two', 'three'], { tokenizer });
    expectClose(prompt.forward(others).dataSync(), plain(others).dataSync());
  });
});

it('gives no padding a say', () => {
  tf.tidy(() => {
    const alone = labelPrompts(['green'], { tokenizer });
    expectClose(prompt.forward(alone).dataSync(), tf.slice(prompt.forward(prompts), [3, 0], [1, -1]).dataSync());
  });
});

describe('its gradient', () => {
  it('is that of the words around the names, summed over all labels', () => {
    const step = () => ({ loss: tf.sum(tf.square(prompt.forward(prompts))) as tf.Scalar, terms: {} });
    const { loss, gradients } = differentiate(step, [prompt.context, prompt.boundary]);
    const before = prompt.context.variable.dataSync<'float32'>();
    for (const at of [0, 9, 20, 41]) {
      const moved = (by: number): number =>
        tf.tidy(() => {
          const values = Float32Array.from(before);
          values[at] += by;
          prompt.context.variable.assign(tf.tensor2d(values, [6, 7]));
          return step().loss.dataSync()[0];
        });
      const difference = (moved(1e-2) - moved(-1e-2)) / 2e-2;
      expectClose([gradients.get(prompt.context)?.dataSync()[at] as number], [difference], {
        relative: 1e-2,
        absolute: 1e-2,
      });
    }
    tf.tidy(() => prompt.context.variable.assign(tf.tensor2d(before, [6, 7])));
    loss.dispose();
    disposeGradients(gradients);
  });

  it('does not reach the tower', () => {
    const step = () => ({ loss: tf.sum(prompt.embedTokens(prompts)) as tf.Scalar, terms: {} });
    const { loss, gradients } = differentiate(step, [prompt.context, tower.table]);
    expect([...gradients.keys()]).toEqual([prompt.context]);
    loss.dispose();
    disposeGradients(gradients);
  });
});

it('refuses prompts of another template', () => {
  const others = labelPrompts(['red'], { tokenizer, template: 'a {} in the scene' });
  expect(() => prompt.forward(others)).toThrow(/contextLengths should be \[3, 3\]/);
});
