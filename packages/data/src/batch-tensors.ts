import { copiedTensor, DataError, type RandomStream } from '@ltml/tensor';
import type { LoadedBatch } from '@ltml/tensor/contract';
import type { SparseLabels } from '@ltml/tensor/labels';
import * as tf from '@tensorflow/tfjs-core';
import { type HostBatch, needsWhole, readRows } from './batch-reader.ts';
import type { InputParts, InputSource } from './labelled-inputs.ts';
import type { BatchLoaderOptions } from './loader-options.ts';
import type { Ranks, Rows } from './share.ts';
import type { SpareMemory } from './spare-memory.ts';

/** The inputs of a batch as tensors: one tensor, or several by name. */
export type TensorsOf<Source> = Source extends InputSource ? tf.Tensor : Readonly<Record<string, tf.Tensor>>;

/** The options that decide how a batch becomes tensors, and its epoch. */
export interface TensorOptions<Source extends InputSource | InputParts>
  extends Pick<BatchLoaderOptions<Source>, 'dataset' | 'random' | 'mix' | 'onBroken'> {
  /** The labels of the data set. */
  readonly labels: SparseLabels;
  readonly epoch: number;
  readonly ranks?: Ranks | undefined;
  /** Gets the memory of inputs that no tensor uses. */
  readonly spare: SpareMemory;
}

/**
 * Makes the tensors of a batch: inputs of the rank's share of the images; labels (mixed if the loader mixes) of all
 * images.
 */
export function batchTensors<Source extends InputSource | InputParts>(
  batch: HostBatch,
  options: TensorOptions<Source>,
): LoadedBatch<TensorsOf<Source>> {
  const { dataset, labels, ranks, spare } = options;
  const images = batch.indices.length;
  const shape: [number, number] = [images, labels.columns];
  const made = mixed({ inputs: batch.inputs, ...denseLabels(labels, batch.indices) }, batch.places, options);
  const rows = ranks ? readRows(images, ranks) : { start: 0, end: images };
  const read = ranks && needsWhole(options) ? rowsOf(made.inputs, rows, images) : made.inputs;
  return {
    inputs: inputTensors(read, dataset, rows.end - rows.start, spare),
    labels: tf.tensor2d(made.labels, shape),
    known: tf.tensor2d(made.known, shape),
    indices: Array.from(batch.indices),
  };
}

/** The values from which the tensors of a batch are made. */
interface HostValues extends Pick<HostBatch, 'inputs'> {
  readonly labels: Float32Array;
  readonly known: Float32Array;
}

function denseLabels(labels: SparseLabels, indices: Int32Array): Omit<HostValues, 'inputs'> {
  const { columns } = labels;
  const values = new Float32Array(indices.length * columns);
  const known = new Float32Array(indices.length * columns);
  for (const [row, index] of indices.entries()) {
    const { present, absent } = labels.row(index);
    const start = row * columns;
    for (const c of present) {
      values[start + c] = 1;
      known[start + c] = 1;
    }
    if (absent === 'rest') known.fill(1, start, start + columns);
    else for (const c of absent) known[start + c] = 1;
  }
  return { labels: values, known };
}

function mixed(
  given: HostValues,
  places: readonly number[],
  { mix, random, dataset, epoch, spare }: TensorOptions<InputSource | InputParts>,
): HostValues {
  if (!mix || !random) return given;
  const [height, width] = dataset.inputs.shape as readonly number[];
  const { inputs, labels, known } = given;
  const batch = {
    ...{ rows: places.length, columns: dataset.labels.columns, height, width },
    ...{ values: inputs as Float32Array, labels, known },
  };
  const streamOf = (row: number): RandomStream => random.derive('mix', epoch, places[row]);
  const { values, ...rest } = mix(batch, streamOf, spare.take(batch.values.length));
  if (values.buffer !== batch.values.buffer) spare.give(batch.values);
  return { ...rest, inputs: values };
}

/** Some rows of inputs that have `rows` rows. */
function rowsOf(inputs: HostBatch['inputs'], { start, end }: Rows, rows: number): HostBatch['inputs'] {
  if (!(inputs instanceof Float32Array)) {
    return Object.fromEntries(
      Object.entries(inputs).map(([name, values]) => [name, rowsOf(values, { start, end }, rows) as Float32Array]),
    );
  }
  const size = inputs.length / rows;
  return inputs.subarray(start * size, end * size);
}

function inputTensors<Source extends InputSource | InputParts>(
  inputs: HostBatch['inputs'],
  { name, inputs: { shape } }: BatchLoaderOptions<Source>['dataset'],
  rows: number,
  spare: SpareMemory,
): TensorsOf<Source> {
  const toTensor = (values: Float32Array | undefined, sides: readonly number[], part = ''): tf.Tensor => {
    const whole = [rows, ...sides];
    const size = whole.reduce((product, side) => product * side, 1);
    if (values?.length === size) {
      const copied = copiedTensor(values, whole);
      if (copied) spare.give(values);
      return copied ?? tf.tensor(values, whole);
    }
    throw new DataError({
      where: 'BatchLoader',
      argument: `inputs${part} of ${name}`,
      expected: `[${whole}], ${size} numbers per batch`,
      received: `${values?.length ?? 'nothing'}`,
    });
  };
  if (inputs instanceof Float32Array) return toTensor(inputs, shape as readonly number[]) as TensorsOf<Source>;
  const parts = Object.entries(shape as InputParts['shape']);
  const named = parts.map(([part, sides]) => [part, toTensor(inputs[part], sides, `.${part}`)]);
  return Object.fromEntries(named) as TensorsOf<Source>;
}
