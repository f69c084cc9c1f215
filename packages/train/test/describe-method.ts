import {
  BatchLoader,
  contrastiveViews,
  type InputParts,
  type InputSource,
  imageInputs,
  type LabelledInputs,
  type Pictures,
  UniformSampler,
} from '@ltml/data';
import {
  type AcrossRanks,
  BatchNorm,
  Conv2d,
  canCompile,
  exportState,
  type Freezing,
  globalAveragePool,
  type HostTensor,
  Module,
  Parameter,
  RandomStream,
  RandomStreams,
} from '@ltml/tensor';
import type {
  AdaptableBlock,
  AdaptableEncoder,
  Branch,
  Criterion,
  EncodingName,
  Learner,
  Method,
  MethodParts,
  StepContext,
  Task,
  TextTower,
} from '@ltml/tensor/contract';
import { classStatistics, type Labels } from '@ltml/tensor/labels';
import { expectClose } from '@ltml/tensor/testing';
import { type FitOptions, fit, memoryCheckpoints } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

export interface MethodCase<Config> {
  readonly method: Method<Config, never>;
  /** A preset at a size for tests: pictures of 16 × 16, 8 features, an epoch or two of 2 steps a stage. */
  tiny(preset: Config): unknown;
  /** What becomes of its buffers across ranks, by state name, besides the running statistics of batch norms. */
  readonly buffers?: Readonly<Record<string, AcrossRanks>>;
  /** State names of what stays as it was pretrained, besides what `freeze` of the configuration says. */
  readonly keeps?: RegExp;
}

const features = 8;
const classes = ['red', 'green', 'blue'];
const statistics = { mean: [127.5, 127.5, 127.5], std: [64, 64, 64] } as const;

/** What every method promises: see `MethodNeeds` and `Stage` of the contract. */
export function describeMethod<Config extends object>({ method, tiny, keeps, buffers = {} }: MethodCase<Config>): void {
  const { name, needs, presets, configSchema } = method;
  const make = method.create as (task: Task, parts: MethodParts, config: Config, random: RandomStreams) => Learner;
  const configs = new Map(Object.entries(presets).map(([key, preset]) => [key, configSchema.parse(tiny(preset))]));
  const [first] = configs.values();

  /** A learner of what the method says it needs, ready for `fit`. */
  function setup({ config = first, change = (parts: MethodParts) => parts, view, labels = single }: SetupOptions = {}) {
    const random = new RandomStreams(7);
    const inputs = view ? encodeAs(view) : imageInputs(images, [{ name: 'normalize', ...statistics }]);
    const dataset: LabelledInputs = { name: 'tiny', classes, labels, inputs };
    const provided = provide(dataset, view === undefined);
    const learner = make(taskOf(labels), change(provided.parts), config as Config, random);
    const loaders = learner.stages.map((stage) => {
      const seen = stage.views
        ? { ...dataset, inputs: contrastiveViews(images, { ...stage.views, statistics }) }
        : dataset;
      const sampler = new UniformSampler({ length: labels.rows, random: random.stream('shuffle') });
      return [
        stage.name,
        new BatchLoader<InputSource | InputParts>({ dataset: seen, sampler, batchSize: 6, random }),
      ] as const;
    });
    const options: FitOptions = { learner, random, loader: loaders[0][1], stageLoaders: Object.fromEntries(loaders) };
    return {
      ...{ learner, options, kept: provided.kept },
      dispose() {
        learner.dispose();
        provided.dispose();
      },
    };
  }

  /** What the method says it needs, and what it may be given besides where it can train an encoder. */
  function provide(dataset: LabelledInputs, withEncoder: boolean) {
    const random = new RandomStreams(11);
    const clip = { teacher: new TinyEncoder(random.stream('teacher')), tower: new MeanTower(random.stream('tower')) };
    const embeddings = tf.tidy(() => tf.randomNormal<tf.Rank.R2>([3, 5], 0, 1, 'float32', 2));
    const parts: MethodParts = {
      features,
      ...(withEncoder && { encoder: new TinyEncoder(random.stream('init')) }),
      ...(needs.encoders === 2 && { keyEncoder: new TinyEncoder(random.stream('key')) }),
      ...(needs.teacher && { teacher: clip.teacher }),
      ...(needs.text === 'embeddings' && { classEmbeddings: embeddings }),
      ...(needs.text === 'tower' && { textTower: clip.tower, tokenizer }),
      ...(needs.trainingSet && {
        trainingSet: ({ epoch }) => {
          const own = new RandomStreams(100 + epoch);
          const sampler = new UniformSampler({ length: dataset.labels.rows, random: own.stream('shuffle') });
          return new BatchLoader({ dataset, sampler, batchSize: 6, random: own }).epoch();
        },
      }),
      ...(needs.loss === 'any' && { criterion: bce }),
    };
    const dispose = (): void => {
      clip.teacher.dispose();
      clip.tower.dispose();
      embeddings.dispose();
    };
    return { parts, kept: [clip.teacher, clip.tower], dispose };
  }

  async function losses(options: FitOptions): Promise<number[]> {
    const seen: number[] = [];
    await fit({ ...options, observers: [{ onStep: ({ loss }) => void seen.push(loss) }] });
    return seen;
  }

  describe(`${name} as a method`, () => {
    it.each([...configs])('trains from its preset %s, leaves what rests and leaks nothing', async (_, config) => {
      const start = tf.memory().numTensors;
      const { learner, options, kept, dispose } = setup({ config });
      const names = method.stages.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(learner.stages.map(({ name }) => name)));
      const resting = [...learner.namedParameters()].filter(
        ([parameter, { trainable }]) =>
          !trainable || learner.stages.every(({ trains }) => trains && parameter.search(trains) < 0),
      );
      const [before, ...lent] = await Promise.all([learner, ...kept].map((module) => exportState(module)));
      const held = tf.memory().numTensors;
      const seen = await losses(options);
      expect(seen.length).toBeGreaterThan(0);
      expect(seen.every(Number.isFinite)).toBe(true);
      expect(tf.memory().numTensors).toBe(held);
      const [after, ...returned] = await Promise.all([learner, ...kept].map((module) => exportState(module)));
      // Each parameter that trains moves, and each running statistic that does not rest; nothing else of them does.
      const parameters = [...learner.namedParameters()].map(([parameter]) => parameter);
      const { freeze = { parameters: null, statistics: null } } = config as { readonly freeze?: Freezing };
      const still = new Set([
        // A network that follows another one by momentum is not trained, and moves.
        ...resting.map(([parameter]) => parameter).filter((parameter) => !/^key\./.test(parameter)),
        ...frozenNames(before.keys(), freeze),
      ]);
      const moves = (key: string): boolean => !still.has(key) && !(keeps && key.search(keeps) >= 0);
      const watched = [...before.keys()].filter((key) => parameters.includes(key) || /\.running_(mean|var)$/.test(key));
      const moved = changed(before, after);
      expect(watched.filter((key) => moved.includes(key))).toEqual(watched.filter(moves));
      // A method without gradients learns in its buffers.
      expect(learner.stages.every(({ gradient }) => gradient === false) ? moved : watched.filter(moves)).not.toEqual(
        [],
      );
      expect(returned).toEqual(lent);
      dispose();
      expect(tf.memory().numTensors).toBe(start);
    });

    it('says of each buffer what becomes of it across ranks', () => {
      const said = new Map<string, AcrossRanks>();
      for (const config of configs.values()) {
        const { learner, dispose } = setup({ config });
        for (const [buffer, { acrossRanks }] of learner.namedBuffers()) said.set(buffer, acrossRanks);
        dispose();
      }
      const isStatistic = (buffer: string): boolean => /\.running_(mean|var)$/.test(buffer);
      const statistics = [...said.keys()].filter(isStatistic).map((buffer) => [buffer, 'mean']);
      expect(Object.fromEntries(said)).toEqual({ ...Object.fromEntries(statistics), ...buffers });
    });

    it('goes on from a checkpoint as if nothing had been', async () => {
      const whole = setup();
      await fit(whole.options);
      const expected = await exportState(whole.learner);
      whole.dispose();
      const store = memoryCheckpoints();
      const abort = new AbortController();
      const cut = setup();
      const observers = [{ onStep: ({ step }: { step: number }) => void (step === 1 && abort.abort()) }];
      await fit({ ...cut.options, checkpoints: { store }, signal: abort.signal, observers });
      cut.dispose();
      const rest = setup();
      await fit({ ...rest.options, checkpoints: { store, resume: true } });
      expect(await exportState(rest.learner)).toEqual(expected);
      rest.dispose();
    });

    it.runIf(canCompile())('has the same losses compiled and op by op', async () => {
      const [eager, compiled] = [setup(), setup()];
      const expected = await losses({ ...eager.options, eager: true });
      expectClose(await losses(compiled.options), expected, { relative: 1e-4 });
      eager.dispose();
      compiled.dispose();
    });

    if (needs.loss !== 'own') {
      it('tells a criterion the epoch, and takes a step anew where that changes it', async () => {
        const told = new Set<number>();
        const waiting = (...[logits, labels, known, epoch]: Parameters<Criterion>): tf.Scalar => {
          told.add(epoch);
          return bce(logits, labels, known, epoch);
        };
        const criterion: Criterion = Object.assign(waiting, { mode: (epoch: number) => `epoch ${epoch}` });
        const { learner, options, dispose } = setup({ change: (parts) => ({ ...parts, criterion }) });
        const said = learner.stages.map((stage) => [0, 1].map((epoch) => stage.mode?.({ epoch } as StepContext)));
        expect(said.some(([first, second]) => first !== second)).toBe(true);
        await fit(options);
        expect(told.has(0)).toBe(true);
        dispose();
      });
    }

    const without: Partial<Record<keyof typeof needs, (keyof MethodParts)[]>> = {
      ...(needs.encoders && { encoders: ['keyEncoder'] }),
      ...(needs.teacher && { teacher: ['teacher'] }),
      ...(needs.text && { text: needs.text === 'tower' ? ['textTower', 'tokenizer'] : ['classEmbeddings'] }),
      ...(needs.trainingSet && { trainingSet: ['trainingSet'] }),
      ...(needs.loss === 'any' && { loss: ['criterion'] }),
    };
    for (const [need, parts] of Object.entries(without)) {
      it(`needs what its ${need} says`, async () => {
        const lacking = (given: MethodParts): MethodParts =>
          Object.fromEntries(Object.entries(given).filter(([part]) => !parts.includes(part as never))) as never;
        await expect((async () => fit(setup({ change: lacking }).options))()).rejects.toThrow();
      });
    }

    if (needs.labels === 'single') {
      it('refuses images of several classes', () => {
        const present = single.present.slice();
        present.fill(1, 0, 3);
        expect(() => setup({ labels: { ...single, present } })).toThrow();
      });
    }

    if (!needs.images) {
      it.each(needs.encodings)('works on %s that were computed before', async (view) => {
        const { options, dispose } = setup({ view });
        expect((await losses(options)).every(Number.isFinite)).toBe(true);
        dispose();
      });
    }
  });
}

interface SetupOptions {
  readonly config?: object;
  readonly change?: (parts: MethodParts) => MethodParts;
  readonly view?: EncodingName;
  readonly labels?: Labels;
}

/** State names of the encoder that a configuration says it freezes. */
function frozenNames(names: Iterable<string>, { parameters, statistics }: Freezing): string[] {
  return [...names].filter((name) => {
    if (!name.startsWith('encoder.')) return false;
    const [own, norm] = [name.slice('encoder.'.length), name.slice('encoder.'.length).split('.running_')[0]];
    const pattern = own === norm ? parameters : statistics;
    return pattern !== null && norm.search(new RegExp(pattern)) >= 0;
  });
}

function changed(before: ReadonlyMap<string, HostTensor>, after: ReadonlyMap<string, HostTensor>): string[] {
  return [...before].filter(([name, { data }]) => `${data}` !== `${after.get(name)?.data}`).map(([name]) => name);
}

/** Binary cross-entropy on logits, the mean over images and classes. */
const bce: Criterion = (logits, labels) => tf.tidy(() => tf.mean(tf.sub(tf.softplus(logits), tf.mul(labels, logits))));

/** Six, four and two images of one class each. */
const single: Labels = (() => {
  const chosen = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2];
  const present = Uint8Array.from(chosen.flatMap((c) => [0, 1, 2].map((other) => Number(other === c))));
  return { rows: chosen.length, columns: 3, present };
})();

function taskOf(labels: Labels): Task {
  return { classes, statistics: classStatistics(labels) };
}

/** Noise with the colour of the class. */
const images: Pictures = (() => {
  const random = new RandomStream(5);
  const pixels = Array.from({ length: single.rows }, (_, row) =>
    Uint8Array.from(
      { length: 16 * 16 * 3 },
      (_, at) => (single.present[row * 3 + (at % 3)] ? 150 : 60) + random.integer(60),
    ),
  );
  const size = { height: 16, width: 16 };
  return {
    length: single.rows,
    size,
    key: (index) => `${index}`,
    read: async (index) => ({ ...size, pixels: pixels[index] }),
  };
})();

/** Noise in the shape of a view of {@link TinyEncoder}. */
function encodeAs(view: EncodingName): LabelledInputs['inputs'] {
  const shape = {
    features: [features],
    featureMap: [4, 4, features],
    patches: [16, features],
    tokens: [17, features],
  }[view];
  const size = shape.reduce((product, n) => product * n, 1);
  const random = new RandomStream(6);
  const values = Array.from({ length: single.rows }, () => Float32Array.from({ length: size }, () => random.normal()));
  return {
    length: single.rows,
    shape,
    async read(indices) {
      const batch = new Float32Array(indices.length * size);
      for (let i = 0; i < indices.length; i++) batch.set(values[indices[i]], i * size);
      return batch;
    },
  };
}

/** Two convolutions with norms under a ResNet's names; every view, 8 features wide, the map a quarter of the image. */
class TinyEncoder extends Module implements AdaptableEncoder {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm = new BatchNorm({ channels: 6 });
  readonly layer4: [Conv2d, BatchNorm];
  /** Lets its tokens as they are, but for an adapter. */
  readonly block: TinyBlock = new TinyBlock();

  constructor(random: RandomStream) {
    super();
    const options = { kernel: 3, stride: 2, padding: 1, random };
    this.conv1 = new Conv2d({ ...options, inChannels: 3, outChannels: 6 });
    this.layer4 = [
      new Conv2d({ ...options, inChannels: 6, outChannels: features }),
      new BatchNorm({ channels: features }),
    ];
  }

  forward(pictures: tf.Tensor) {
    const x = tf.relu(this.bn1.forward(this.conv1.forward(pictures)));
    const featureMap = tf.relu(this.layer4[1].forward(this.layer4[0].forward(x))) as tf.Tensor4D;
    const [B, h, w, D] = featureMap.shape;
    const places = tf.reshape(featureMap, [B, h * w, D]) as tf.Tensor3D;
    const pooled = globalAveragePool(featureMap);
    const tokens = this.block.forward(tf.concat([tf.expandDims<tf.Tensor3D>(pooled, 1), places], 1));
    const patches = tf.slice(tokens, [0, 1, 0], [B, h * w, D]);
    const features = tf.reshape<tf.Rank.R2>(tf.slice(tokens, [0, 0, 0], [B, 1, D]), [B, D]);
    return { featureMap, patches, tokens, features };
  }

  get adaptableBlocks(): readonly AdaptableBlock[] {
    return [this.block];
  }
}

class TinyBlock extends Module implements AdaptableBlock {
  adapter: Branch | undefined;

  forward(x: tf.Tensor3D): tf.Tensor3D {
    return this.adapter ? tf.add(x, this.adapter.forward(x)) : tf.clone(x);
  }
}

const words = ['there', 'is', 'a', 'in', 'the', 'scene', ...classes];

/** Tokens are words; the end has the largest id, as CLIP's. */
const tokenizer = {
  contextLength: 12,
  startId: words.length,
  endId: words.length + 1,
  encode: (text: string): number[] => (text.toLowerCase().match(/\w+/g) ?? []).map((word) => words.indexOf(word)),
};

/** Reads a text as the mean of its tokens, projected. */
class MeanTower extends Module implements TextTower {
  readonly table: Parameter;
  readonly proj: Parameter;

  constructor(random: RandomStream) {
    super();
    const make = (rows: number, columns: number): Parameter =>
      new Parameter(
        tf.tensor2d(
          Float32Array.from({ length: rows * columns }, () => random.normal()),
          [rows, columns],
        ),
      );
    this.table = make(words.length + 2, 7);
    this.proj = make(7, features);
  }

  embedTokens(ids: tf.Tensor): tf.Tensor3D {
    return tf.gather(this.table.variable, tf.cast(ids, 'int32')) as tf.Tensor3D;
  }

  forwardEmbedded(tokens: tf.Tensor3D): { embedding: tf.Tensor2D } {
    return { embedding: tf.matMul(tf.mean<tf.Tensor2D>(tf.tanh(tokens), 1), this.proj.variable as tf.Tensor2D) };
  }
}
