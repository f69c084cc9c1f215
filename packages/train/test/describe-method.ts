import { type AcrossRanks, canCompile, exportState, type Freezing, type HostTensor } from '@ltml/tensor';
import type { Criterion, Method, MethodParts, StepContext } from '@ltml/tensor/contract';
import { expectClose } from '@ltml/tensor/testing';
import { type FitOptions, fit, memoryCheckpoints } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { bce, type SetupOptions, single, tinyMethod } from './tiny-method.ts';

export interface MethodCase<Config> {
  readonly method: Method<Config, never>;
  /** A preset at a size for tests: pictures of 16 × 16, 8 features, an epoch or two of 2 steps a stage. */
  tiny(preset: Config): unknown;
  /** What becomes of its buffers across ranks, by state name, besides the running statistics of batch norms. */
  readonly buffers?: Readonly<Record<string, AcrossRanks>>;
  /** State names of what stays as it was pretrained, besides what `freeze` of the configuration says. */
  readonly keeps?: RegExp;
}

/** What every method promises: see `MethodNeeds` and `Stage` of the contract. */
export function describeMethod<Config extends object>({ method, tiny, keeps, buffers = {} }: MethodCase<Config>): void {
  const { name, needs, presets, configSchema } = method;
  const configs = new Map(Object.entries(presets).map(([key, preset]) => [key, configSchema.parse(tiny(preset))]));
  const [first] = configs.values();

  /** A learner of what the method says it needs, ready for `fit`. */
  const setup = ({ config = first, ...options }: SetupOptions = {}) => tinyMethod(method, { config, ...options });

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

    it('leaves nothing behind but what it gives, outside a tidy too', () => {
      const { learner, dispose } = setup();
      learner.eval();
      const inputs = tf.randomNormal([2, 16, 16, 3], 0, 1, 'float32', 3);
      const held = tf.memory().numTensors;
      const calls = { predict: learner.predict(inputs), forward: learner.forward(inputs) };
      expect(calls.predict.shape).toEqual([2, 3]);
      tf.dispose([calls.predict, calls.forward, ...(learner.evidence ? [learner.evidence(inputs)] : [])]);
      expect(tf.memory().numTensors).toBe(held);
      // What it gave was its own to dispose of.
      expect(inputs.isDisposed).toBe(false);
      inputs.dispose();
      dispose();
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
