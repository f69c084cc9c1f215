// Measures the speed-up and the overhead of several ranks on one machine, and models them for many machines, for
// docs/several-machines.md. Needs Open MPI. With mpicc it also measures MPI's own time of an all-reduce. Run it on an
// otherwise idle machine:
//
//   node --import tsx benchmarks/scripts/ranks.ts [most ranks, default 2]
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resnet50 } from '@ltml/backbone';
import { classifier } from '@ltml/classifier';
import { BatchLoader, type LabelledInputs, SequentialSampler } from '@ltml/data';
import { useBackend } from '@ltml/engines';
import { binaryCrossEntropy } from '@ltml/losses';
import { leave, mpiCommunicator } from '@ltml/mpi';
import { RandomStreams } from '@ltml/tensor';
import type { Communicator } from '@ltml/tensor/contract';
import { fit, local } from '@ltml/train';

const parameters = 25_000_000;
/** Images per batch, over all ranks. */
const batchSize = 32;
const steps = 12;
/** Steps before timing starts, because the first step records the graph. */
const before = 2;

/** Milliseconds spent in calls, including the wait for the slowest rank. */
interface Spent {
  /** In sums of gradients. */
  readonly sums: number;
  /** In gathering outputs of the images of all ranks. */
  readonly gathers: number;
}

function timed(communicator: Communicator): { readonly communicator: Communicator; spent(): Spent } {
  let [sums, gathers] = [0, 0];
  return {
    communicator: {
      ...communicator,
      allReduce(values) {
        const start = performance.now();
        communicator.allReduce(values);
        sums += performance.now() - start;
      },
      allGather(values, lengths) {
        const start = performance.now();
        const all = communicator.allGather(values, lengths);
        gathers += performance.now() - start;
        return all;
      },
    },
    spent: () => ({ sums, gathers }),
  };
}

async function allReduceTime(communicator: Communicator): Promise<number> {
  const values = new Float32Array(parameters);
  const times: number[] = [];
  for (let i = -2; i < 20; i++) {
    await communicator.barrier();
    const start = performance.now();
    communicator.allReduce(values);
    if (i >= 0) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[10];
}

/**
 * Milliseconds of a step of ResNet-50 on images of 224 × 224, in total and in calls of the communicator.
 *
 * @param images per batch, over all ranks of the communicator
 */
async function stepTime(communicator: Communicator, images: number): Promise<{ readonly step: number } & Spent> {
  const random = new RandomStreams(1);
  const length = images * steps;
  const pixels = Float32Array.from({ length: 224 * 224 * 3 }, () => random.stream('pixels').normal());
  const dataset: LabelledInputs = {
    name: 'noise',
    classes: ['a', 'b'],
    labels: { rows: length, columns: 2, present: Uint8Array.from({ length: 2 * length }, (_, i) => i % 2) },
    inputs: {
      length,
      shape: [224, 224, 3],
      read: async (indices) => {
        const batch = new Float32Array(indices.length * pixels.length);
        for (let i = 0; i < indices.length; i++) batch.set(pixels, i * pixels.length);
        return batch;
      },
    },
  };
  const [preset] = Object.values(classifier.presets);
  const encoder = resnet50({ random: random.stream('init') });
  const learner = classifier.create(
    {
      classes: dataset.classes,
      statistics: {
        trainCount: length,
        classCounts: [1, length],
        cooccurrence: [
          [1, 0],
          [0, 1],
        ],
      },
    },
    { features: 2048, encoder, criterion: (logits, labels) => binaryCrossEntropy(logits, labels) },
    classifier.configSchema.parse({ ...preset, epochs: 1, neck: null }),
    random,
  );
  const { communicator: watched, spent } = timed(communicator);
  const marks: ({ readonly time: number } & Spent)[] = [];
  await fit({
    learner,
    loader: new BatchLoader({ dataset, sampler: new SequentialSampler(length), batchSize: images, random }),
    random,
    communicator: watched,
    observers: [{ onStep: () => void marks.push({ time: performance.now(), ...spent() }) }],
  });
  const [first, last] = [marks[before - 1], marks[marks.length - 1]];
  const count = marks.length - before;
  const each = (of: 'time' | keyof Spent): number => (last[of] - first[of]) / count;
  return { step: each('time'), sums: each('sums'), gathers: each('gathers') };
}

/** Measured times, in milliseconds. */
interface Figures extends Spent {
  readonly ranks: number;
  readonly allReduce: number;
  readonly step: number;
  /** A step of the rank's share of the images while every rank trains a model of its own: the machine's limit. */
  readonly apart: number;
}

/** The program of a rank. */
async function measure(): Promise<void> {
  await useBackend('tensorflow');
  const communicator = await mpiCommunicator();
  const allReduce = await allReduceTime(communicator);
  const together = await stepTime(communicator, batchSize);
  await communicator.barrier();
  const { step: apart } = await stepTime(local, batchSize / communicator.size);
  const figures: Figures = { ranks: communicator.size, allReduce, ...together, apart };
  if (communicator.rank === 0) console.log(JSON.stringify(figures));
  await communicator.close();
  leave(0);
}

/** Starts ranks with one core each, as if each had its own machine. */
const launch = (ranks: number, ...program: string[]): string =>
  execFileSync('mpirun', ['--bind-to', 'core', '-n', `${ranks}`, ...program], {
    encoding: 'utf8',
    env: { ...process.env, OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/** The figures as text. Overlapping sums with the backward pass could save at most the share of the sums. */
function summary(
  { ranks, allReduce, step, apart, sums, gathers }: Figures,
  alone: Figures,
  ofMpi: number | undefined,
): string {
  const percent = (part: number): string => `${((100 * part) / step).toFixed(1)} %`;
  return [
    `${ranks} ranks: ${(alone.step / step).toFixed(2)} × the images a second of one`,
    `${(alone.step / apart).toFixed(2)} × if each trains a model of its own, the limit of this machine`,
    `of a step ${percent(sums)} sums of gradients, ${percent(gathers)} gathering`,
    ...(ofMpi === undefined
      ? []
      : [`all-reduce of ${parameters / 1e6} M: ${(allReduce / ofMpi).toFixed(2)} × MPI alone`]),
  ].join('; ');
}

/**
 * A table of the modelled efficiency of R machines, in percent of a single one. Each machine has its own batch. A ring
 * all-reduce sends each gradient twice, (R − 1)/R of it from each machine. Waiting and latency are not modelled.
 */
function modelled({ step }: Figures): string {
  const networks = [1, 10, 100];
  const share = (machines: number, gigabits: number): string => {
    const bits = ((2 * (machines - 1)) / machines) * parameters * 32;
    return `${((100 * step) / (step + bits / (gigabits * 1e6))).toFixed(0)} %`;
  };
  return [
    `| machines | ${networks.map((gigabits) => `${gigabits} Gbit/s`).join(' | ')} |`,
    `|---|${networks.map(() => '---').join('|')}|`,
    ...[8, 16, 32, 64].map(
      (machines) => `| ${machines} | ${networks.map((speed) => share(machines, speed)).join(' | ')} |`,
    ),
  ].join('\n');
}

function main(most: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'ltml-ranks-'));
  try {
    const plain = join(folder, 'allreduce');
    const source = fileURLToPath(new URL('./allreduce.c', import.meta.url));
    const hasPlain = spawnSync('mpicc', ['-O2', source, '-o', plain]).status === 0;
    if (!hasPlain) console.log('mpicc is not installed, so the time of MPI alone is not measured');
    let alone: Figures | undefined;
    for (let ranks = 1; ranks <= most; ranks *= 2) {
      const [line] = launch(ranks, process.execPath, '--import', 'tsx', fileURLToPath(import.meta.url), 'measure')
        .split('\n')
        .filter((text) => text.startsWith('{'));
      const figures = JSON.parse(line) as Figures;
      const ofMpi = hasPlain && ranks > 1 ? Number(launch(ranks, plain, `${parameters}`)) : undefined;
      console.log(JSON.stringify({ ...figures, ...(ofMpi !== undefined && { allReduceOfMpi: ofMpi }) }));
      if (alone) console.log(summary(figures, alone, ofMpi));
      alone ??= figures;
    }
    if (alone) console.log(modelled(alone));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[2] === 'measure') await measure();
else main(Number(process.argv[2] ?? 2));
