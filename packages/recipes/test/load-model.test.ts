import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportState } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { encodeAs } from '../src/model/encoding-of.ts';
import { build } from '../src/node/build.ts';
import { loadModel } from '../src/node/load-model.ts';
import { describeModel, writeModel } from '../src/node/write-model.ts';
import { datasets } from '../src/parts/datasets.ts';
import { resolveText } from './resolve-text.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-model-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const recipes = {
  classifier:
    'loss: { name: distribution-balanced, preset: vocMlt/DB }\nfeatures: { views: 0 }\nencoder: { weights: none }',
  'trained-encoder': 'loss: { name: ldam }\nfeatures: null',
  cprfl: `method: { name: cprfl, options: { width: 8, vsi: { heads: 2, headWidth: 4, hiddenWidth: 8 } } }\nfeatures: { views: 0 }`,
  sarb: 'method: { name: sarb, options: { features: 8, attention: { innerFeatures: 8 } } }\nfeatures: { views: 0 }',
  mkt: 'method: { name: mkt, preset: repo, options: { topK: 6, distil: { fixLayer: 2 } } }\nencoder: { name: tiny-clip }',
  piaa: 'method: { name: piaa, options: { patches: plain } }\nencoder: { name: tiny-clip }\nfeatures: { views: 0 }',
  sparc: `method: { name: sparc, options: { compounds: [a red one and a red two] } }\nencoder: { name: tiny-clip }\nfeatures: { views: 0 }`,
  dscl: 'data: { name: digits-lt-single }\nmethod: { name: dscl, options: { dimension: 8, queue: { size: 64 } } }',
};

describe('a model', () => {
  it.each(Object.entries(recipes))(
    'of %s gives the scores of its learner, without data',
    async (name, recipe) => {
      const built = await build(await resolveText(recipe));
      const images = tf.randomNormal([3, 64, 64, 3]);
      const { learner, frozen, method } = built;
      learner.eval();
      const scores = (encode: (x: tf.Tensor) => tf.Tensor, by: typeof learner) =>
        tf.tidy(() => Array.from(by.predict(encode(images)).dataSync()));
      const expected = scores((x) => (frozen ? encodeAs(frozen, method.needs.encodings, x) : x), learner);
      const bundle = join(folder, name);
      await writeModel(bundle, built, await describeModel(built), { kind: 'last', step: 0 });
      const { classes } = built.task;
      const state = await exportState(learner);
      built.dispose();

      const create = vi.spyOn(datasets, 'create');
      const { recipe: remembered } = JSON.parse(readFileSync(join(bundle, 'model.json'), 'utf8'));
      expect(Object.keys(remembered)).toEqual(['seed', 'encoder', 'frozen', 'method']);
      const model = await loadModel(bundle);
      expect(create).not.toHaveBeenCalled();
      create.mockRestore();
      expect(model).toMatchObject({ classes, imageSize: [64, 64], weights: 'last' });
      expect(scores((x) => model.encode(x), model.learner)).toEqual(expected);
      expect([...(await exportState(model.learner)).keys()]).toEqual([...state.keys()]);
      const { evidence, labelScorer } = model.learner;
      expect({ evidence: evidence !== undefined, labelScorer: labelScorer !== undefined }).toEqual({
        evidence: ['cprfl', 'sarb', 'mkt', 'piaa'].includes(name),
        labelScorer: ['mkt', 'piaa', 'sparc'].includes(name),
      });
      const seen = evidence && tf.tidy(() => model.learner.evidence!(model.encode(images)));
      if (seen) expect(seen.shape).toEqual([3, classes.length, 8, 8]);
      const read = model.learner.labelScorer?.(classes);
      if (read)
        expectClose(
          scores((x) => model.encode(x), read as never),
          expected,
          { absolute: 1e-5 },
        );
      read?.dispose();
      seen?.dispose();
      model.dispose();
      images.dispose();
    },
    300_000,
  );

  it('is refused where its files are broken, by their names', async () => {
    const copy = join(folder, 'broken');
    cpSync(join(folder, 'classifier'), copy, { recursive: true });
    appendFileSync(join(copy, 'model.safetensors'), 'x');
    await expect(loadModel(copy)).rejects.toThrow(/model\.safetensors should be intact, with SHA-256/);
    rmSync(join(copy, 'model.safetensors'));
    await expect(loadModel(copy)).rejects.toThrow(/model\.safetensors should be an existing file/);
    const text = readFileSync(join(copy, 'model.json'), 'utf8');
    for (const [json, message] of [
      ['{', /model\.json should be JSON/],
      ['{}', /model\.json should be a model description of version 1/],
      [text.replace('"height": 64', '"height": -64'), /model\.json should be complete/],
      [
        text.replace('"name": "resize"', '"name": "rezise"'),
        /a model with a valid pipeline of pictures, .*should be one of resize/,
      ],
      [
        text.replace('"name": "normalize"', '"name": "toFloat"'),
        /a model with a valid pipeline of pictures, .*unknown option "mean"/,
      ],
      [text.replace('"name": "classifier"', '"name": "hinge"'), /model\.json: recipe\.method\.name: should be one of/],
      [text.replace('"thresholds": null', '"thresholds": [0]'), /a threshold for each of 20 classes/],
      [text.replace('"thresholds": null', '"thresholds": "mcat"'), /model\.json: thresholds: /],
      [text.replace('"calibration": null', '"calibration": { "temperature": 0 }'), /calibration\.temperature: /],
      [text.replace('"file": "model.safetensors"', '"file": "../secret"'), /model\.json: weights\.file: /],
    ] as const) {
      writeFileSync(join(copy, 'model.json'), json);
      await expect(loadModel(copy)).rejects.toThrow(message);
    }
    await expect(loadModel(join(folder, 'gone'))).rejects.toThrow(/no run or model in .*gone: .* does not exist/);
  });
});
