import type { HostTensor } from '@ltml/tensor';
import { detectLayout, unwrapName, type WeightLayout } from './layouts.ts';
import type { WeightSource } from './source.ts';

/** A tensor of the canonical checkpoint, and the tensors of the file from which it is made. */
export interface PlannedTensor {
  /** In PyTorch's axis order. */
  readonly shape: readonly number[];
  /** One name, or several that are stacked along the first axis. */
  readonly sources: readonly string[];
  readonly transposed: boolean;
}

/** The contents of a checkpoint in canonical names. No data have been read yet. */
export interface WeightPlan {
  readonly layout: WeightLayout;
  readonly tensors: ReadonlyMap<string, PlannedTensor>;
  /** Problems of the checkpoint itself; each starts with the name of a tensor. */
  readonly problems: readonly string[];
  /** Names that do not belong to the layout. */
  readonly unknown: readonly string[];
  /** Names beside the network that checkpoints of this layout have, e.g. a pooler. */
  readonly extras: readonly string[];
  /** Those of `extras` whose values must be 0. */
  readonly zeros: readonly string[];
  /** The configuration beside the weights, see {@link WeightSource}. */
  readonly config: unknown;
}

/**
 * Maps the names of a checkpoint to canonical names.
 *
 * @throws DataError if its layout is unknown
 */
export function planWeights(source: WeightSource, layout: WeightLayout = detectLayout(source.names)): WeightPlan {
  const unknown: string[] = [];
  const extras: string[] = [];
  const zeros: string[] = [];
  const problems: string[] = [];
  const found = new Map<string, { sources: string[]; count: number; transposed: boolean }>();
  for (const name of source.names) {
    const bare = unwrapName(name);
    if (bare === undefined) continue;
    const placement = layout.place(bare);
    if (!placement) {
      const isZero = layout.zeros?.test(bare) ?? false;
      if (isZero) zeros.push(name);
      (isZero || layout.extras?.test(bare) ? extras : unknown).push(name);
      continue;
    }
    const [index, count] = placement.part ?? [0, 1];
    const entry = found.get(placement.name) ?? { sources: [], count, transposed: placement.transposed ?? false };
    if (entry.sources[index] !== undefined) problems.push(`${name} is there twice, as ${entry.sources[index]} too`);
    entry.sources[index] = name;
    found.set(placement.name, entry);
  }
  const tensors = new Map<string, PlannedTensor>();
  for (const [name, { sources, count, transposed }] of found) {
    const present = Array.from({ length: count }, (_, i) => sources[i]).filter((part) => part !== undefined);
    const shape =
      present.length === count
        ? joinShapes(
            present.map((part) => source.shape(part)),
            transposed,
          )
        : undefined;
    if (shape) tensors.set(name, { shape, sources: present, transposed });
    else problems.push(`${name} is incomplete: of ${count} parts that fit each other there is ${present.join(', ')}`);
  }
  return { layout, tensors, problems, unknown, extras, zeros, config: source.config };
}

/** The shape of stacked parts; undefined if the shapes do not fit. */
function joinShapes(shapes: readonly (readonly number[])[], transposed: boolean): readonly number[] | undefined {
  const [[first, ...rest]] = shapes;
  if (shapes.some((shape) => `${shape}` !== `${shapes[0]}`)) return undefined;
  if (transposed) return shapes[0].length === 2 ? [rest[0], first] : undefined;
  return shapes.length === 1 ? shapes[0] : [first * shapes.length, ...rest];
}

/** Reads a planned tensor. */
export async function readPlanned(source: WeightSource, planned: PlannedTensor): Promise<HostTensor> {
  const parts: HostTensor[] = [];
  for (const name of planned.sources) parts.push(await source.read(name));
  const [first] = parts;
  if (planned.transposed) return { ...first, shape: planned.shape, data: transposed(first) };
  if (parts.length === 1) return first;
  const data = new Float32Array(parts.reduce((size, part) => size + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data as Float32Array, at);
    at += part.data.length;
  }
  return { dtype: 'F32', shape: planned.shape, data };
}

function transposed({ shape: [rows, columns], data }: HostTensor): Float32Array {
  const result = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j * rows + i] = Number(data[i * columns + j]);
  return result;
}
