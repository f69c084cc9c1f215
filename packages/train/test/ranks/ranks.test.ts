import { shareOf } from '@ltml/data';
import { BatchNorm, exportState, Linear, Module, ModuleBuffer, type Parameter, RandomStreams } from '@ltml/tensor';
import type { Communicator, Learner, Stage, StepContext } from '@ltml/tensor/contract';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { predictScores } from '../../src/index.ts';
import { Ranks } from '../../src/ranks/ranks.ts';
import { syntheticDataset } from '../synthetic.ts';

/** Ranks that meet in this process: a call ends when all have made it. */
function meeting(size: number): Communicator[] {
  let arrived: { value: unknown; go: (all: readonly unknown[]) => void }[] = [];
  const meet = (rank: number, value: unknown): Promise<readonly unknown[]> =>
    new Promise((resolve) => {
      arrived[rank] = { value, go: resolve };
      if (Object.keys(arrived).length < size) return;
      const all = arrived;
      arrived = [];
      for (const { go } of all) go(all.map((other) => other.value));
    });
  const refuse = (): never => {
    throw new Error('a step can not wait within one process');
  };
  return Array.from({ length: size }, (_, rank) => ({
    rank,
    size,
    allReduce: refuse,
    allGather: refuse,
    broadcast: async (bytes = new Uint8Array(0)) => (await meet(rank, bytes))[0] as Uint8Array,
    barrier: async () => void (await meet(rank, undefined)),
  }));
}

/**
 * What a work that only sums gives on each rank of this process: it is done once to see what all have to say, and once more
 * with the sums.
 */
function summing<T>(size: number, work: (communicator: Communicator, rank: number) => T): T[] {
  const said: Float32Array[][] = onEach(size, () => []);
  const withSums = (rank: number, allReduce: Communicator['allReduce']): Communicator => ({
    ...meeting(size)[rank],
    allReduce,
  });
  for (const rank of said.keys())
    work(
      withSums(rank, (values) => void said[rank].push(values.slice())),
      rank,
    );
  return onEach(size, (rank) => {
    let call = 0;
    const allReduce = (values: Float32Array): void => {
      values.set(values.map((_, i) => said.reduce((sum, own) => sum + own[call][i], 0)));
      call++;
    };
    return work(withSums(rank, allReduce), rank);
  });
}

class Net extends Module {
  readonly fc: Linear;
  readonly bn = new BatchNorm({ channels: 3 });
  readonly labels = new ModuleBuffer(tf.zeros([2]), 'same');

  constructor(seed: number) {
    super();
    this.fc = new Linear({ inFeatures: 2, outFeatures: 3, random: new RandomStreams(seed).stream('init') });
  }
}

const onEach = <T>(size: number, run: (rank: number) => T): T[] => Array.from({ length: size }, (_, rank) => run(rank));

describe('what ranks share at a step', () => {
  it('is the mean of gradients and of running statistics; what is the same everywhere stays as it is', () => {
    const reduced = summing(3, (communicator, rank) => {
      const net = new Net(rank);
      net.bn.running_mean.variable.assign(tf.tensor1d([rank, 2 * rank, 0]));
      net.labels.variable.assign(tf.tensor1d([rank, rank]));
      const gradients = new Map<Parameter, tf.Tensor>([
        [net.fc.weight, tf.fill([3, 2], rank + 1)],
        [net.fc.bias as Parameter, tf.tensor1d([rank, 0, -rank])],
      ]);
      return { net, means: new Ranks(communicator).means(gradients, net) };
    });
    const numbers = (tensor: tf.Tensor | undefined): Float32Array => tensor?.dataSync() as Float32Array;
    for (const [rank, { net, means }] of reduced.entries()) {
      expectClose(numbers(means.get(net.fc.weight)), [2, 2, 2, 2, 2, 2]);
      expectClose(numbers(means.get(net.fc.bias as Parameter)), [1, 0, -1]);
      expectClose(numbers(net.bn.running_mean.variable), [1, 2, 0]);
      expect(net.labels.variable.arraySync()).toEqual([rank, rank]);
    }
  });

  it('is nothing with one rank', () => {
    const net = new Net(0);
    const gradients = new Map<Parameter, tf.Tensor>([[net.fc.weight, tf.ones([3, 2])]]);
    expect(new Ranks().means(gradients, net)).toBe(gradients);
  });

  it('is the wish to stop, of any of them', () => {
    const stop = new AbortController();
    stop.abort();
    const stopped = summing(2, (communicator, rank) => {
      const ranks = new Ranks(communicator, rank === 1 ? stop.signal : undefined);
      ranks.agreeToStop();
      return ranks.isStopped;
    });
    expect(stopped).toEqual([true, true]);
  });

  it('is what rank 0 does before an epoch, which the others take over and do not do', async () => {
    const nets = onEach(3, (rank) => new Net(rank));
    const calls = [0, 0, 0];
    const streams = onEach(3, () => new RandomStreams(5));
    await Promise.all(
      meeting(3).map((communicator, rank) => {
        const stage = {
          onEpochStart: async () => {
            calls[rank]++;
            nets[rank].labels.variable.assign(tf.tensor1d([7, streams[rank].stream('centres').uniform()]));
          },
        } as unknown as Stage;
        const context = { random: streams[rank] } as unknown as StepContext;
        return new Ranks(communicator).startEpoch(stage, nets[rank], context);
      }),
    );
    expect(calls).toEqual([1, 0, 0]);
    const [first, ...others] = await Promise.all(nets.map((net) => exportState(net)));
    for (const other of others) expect([...other]).toEqual([...first]);
    const next = streams.map((own) => own.stream('centres').uniform());
    expect(new Set(next).size).toBe(1);
  });
});

describe('an evaluation among ranks', () => {
  const { inputs } = syntheticDataset(7);
  /** Scores that say which image they are of; counts what it was asked for. */
  const scorer = (asked: number[]): Pick<Learner, 'training' | 'train' | 'eval' | 'predict'> => ({
    training: false,
    train: () => undefined as never,
    eval: () => undefined as never,
    predict(batch) {
      asked.push(batch.shape[0]);
      return tf.tidy(() => tf.slice(batch as tf.Tensor2D, [0, 0], [batch.shape[0], 3]));
    },
  });

  it.each([2, 3, 8])('scores each image on one of %i ranks, and gives all of them to all', async (size) => {
    const whole = await predictScores(scorer([]), inputs, { batchSize: 2 });
    const ranks = meeting(size);
    const asked = onEach(size, (): number[] => []);
    const scores = await Promise.all(
      ranks.map((communicator, rank) =>
        predictScores(scorer(asked[rank]), inputs, {
          batchSize: 2,
          communicator: {
            ...communicator,
            // Nobody is told to stop, and there are three classes.
            allReduce: (values) => values.set([0, 3]),
            allGather(values, lengths) {
              const { start, end } = shareOf(7, communicator);
              expect([...values]).toEqual([...whole.scores.subarray(start * 3, end * 3)]);
              expect(lengths[rank]).toBe(values.length);
              return whole.scores.slice();
            },
          },
        }),
      ),
    );
    for (const own of scores) expect(own).toEqual(whole);
    expect(asked.flat().reduce((sum, count) => sum + count, 0)).toBe(7);
  });
});
