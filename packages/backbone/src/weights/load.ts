import {
  checkFlag,
  checkOptionNames,
  DataError,
  type HostTensor,
  importState,
  type Module,
  OptionError,
} from '@ltml/tensor';
import { checkFunction } from '../check-sizes.ts';
import { interpolatePositions, type Resampling } from '../position-embedding.ts';
import { foreignPart } from './foreign-networks.ts';
import type { Family, WeightLayout } from './layouts.ts';
import { type PlannedTensor, planWeights, readPlanned, type WeightPlan } from './plan.ts';
import type { PlaceGrid } from './position-table.ts';
import type { WeightSource } from './source.ts';

/** Options of {@link loadWeights}. */
export interface LoadWeightsOptions {
  /** How the checkpoint names its tensors; default detected from the names. */
  readonly layout?: WeightLayout;
  /**
   * Maps a canonical name to the module's state name; undefined leaves the tensor out. Default: the same name. For a
   * tower of CLIP use {@link clipImage} or {@link clipText}.
   */
  readonly select?: (name: string) => string | undefined;
  /** Loads the tensors that have a place, and reports the other names instead of refusing them. Default false. */
  readonly partial?: boolean;
  /** How positions are resized for another image size, e.g. `bicubic`; default: another size is refused. */
  readonly resizePositions?: Resampling;
  /**
   * Rows and columns of the checkpoint's positions. Default: the network's own grid if the number of positions is the
   * same, otherwise a square.
   */
  readonly positionGrid?: PlaceGrid;
}

/** The result of {@link loadWeights}. */
export interface LoadReport {
  /** Name of the checkpoint's layout. */
  readonly layout: string;
  /** State names of the module without a tensor; only with `partial`. */
  readonly missing: readonly string[];
  /** Tensors without a place; only with `partial`. */
  readonly unexpected: readonly string[];
  /** Tensors that were left out: a classifier that the module does not have, a pooler, and what `select` left out. */
  readonly unused: readonly string[];
}

/** A {@link LoadWeightsOptions.select} for the image tower of a CLIP checkpoint. */
export function clipImage(name: string): string | undefined {
  return name.startsWith('visual.') ? name.slice('visual.'.length) : undefined;
}

/** A {@link LoadWeightsOptions.select} for the text tower of a CLIP checkpoint. */
export function clipText(name: string): string | undefined {
  return name.startsWith('visual.') || name === 'logit_scale' ? undefined : name;
}

const classifiers: Readonly<Record<Family, RegExp | undefined>> = {
  resnet: /^fc\./,
  vit: /^head(_dist)?\./,
  clip: undefined,
};

/**
 * Loads a checkpoint into a module, a few tensors at a time. The additional memory is that of one tensor plus 4 MB.
 *
 * All names, shapes, number formats and position grids are checked before the first tensor is written, so a refused
 * checkpoint changes nothing. If a checkpoint contains more than the network, e.g. a whole Lightning module, use
 * `partial`; the report lists the tensors without a place.
 *
 * @throws DataError listing all tensors that are missing, unexpected or of another shape; OptionError
 */
export async function loadWeights(
  module: Module,
  source: WeightSource,
  options: LoadWeightsOptions = {},
): Promise<LoadReport> {
  checkOptionNames('loadWeights', options, ['layout', 'select', 'partial', 'resizePositions', 'positionGrid']);
  if (options.partial !== undefined) checkFlag('loadWeights', 'options.partial', options.partial);
  if (options.positionGrid) checkGrid('loadWeights', options.positionGrid);
  checkFunction('loadWeights', 'options.resizePositions', options.resizePositions);
  checkFunction('loadWeights', 'options.select', options.select);
  const plan = planWeights(source, options.layout);
  const { places, report, problems } = matchState(module, plan, source, options);
  if (problems.length > 0) {
    const foreign = foreignPart(report.unexpected);
    throw new DataError({
      where: 'loadWeights',
      argument: 'source',
      expected: `the ${[...module.namedState()].length} tensors of the network (${plan.layout.name})`,
      received: `${source.names.length} tensors: ${problems.join('; ')}`,
      ...hintOf(problems, foreign),
    });
  }
  await checkZeros(plan, source);
  let [read, numbers] = [new Map<string, HostTensor>(), 0];
  const write = (): void => {
    importState(module, read, { partial: true });
    [read, numbers] = [new Map(), 0];
  };
  for (const [name, { planned, fit }] of places) {
    const tensor = fit(await readPlanned(source, planned));
    read.set(name, tensor);
    numbers += tensor.data.length;
    // Each step goes through the whole state, so that small tensors are written together.
    if (numbers >= 2 ** 20) write();
  }
  write();
  return report;
}

/** @throws DataError if the network would compute something else without these tensors */
async function checkZeros({ layout, zeros }: WeightPlan, source: WeightSource): Promise<void> {
  for (const name of zeros) {
    const { data } = await source.read(name);
    const first = data.find((value) => value !== 0);
    if (first === undefined) continue;
    throw new DataError({
      where: 'loadWeights',
      argument: 'source',
      expected: `zeros in ${name}, which the network does not have (${layout.name})`,
      received: `${first}`,
    });
  }
}

function hintOf(
  problems: readonly string[],
  foreign: ReturnType<typeof foreignPart>,
): { readonly hint: string } | undefined {
  if (foreign) return { hint: `The network has no ${foreign[0].replace(/^an? /, '')}.` };
  if (problems.some((problem) => problem.includes('positions'))) {
    return { hint: 'To resize positions for another image size, set the option resizePositions.' };
  }
  return undefined;
}

/** Checks a grid: two whole numbers from 1. @throws OptionError */
export function checkGrid(where: string, grid: PlaceGrid): void {
  if (Array.isArray(grid) && grid.length === 2 && grid.every((n) => Number.isSafeInteger(n) && n >= 1)) return;
  throw new OptionError({
    where,
    argument: 'options.positionGrid',
    expected: '[rows, columns], whole numbers from 1',
    received: `${grid}`,
  });
}

type Fit = (tensor: HostTensor) => HostTensor;

interface Place {
  readonly planned: PlannedTensor;
  /** Changes the tensor to the shape of the state. */
  readonly fit: Fit;
}

interface Matched {
  /** Places by the module's state name. */
  readonly places: ReadonlyMap<string, Place>;
  readonly report: LoadReport;
  readonly problems: readonly string[];
}

function matchState(module: Module, plan: WeightPlan, source: WeightSource, options: LoadWeightsOptions): Matched {
  const { select = (name) => name, partial = false } = options;
  const forms = stateForms(module);
  const places = new Map<string, Place>();
  const unused: string[] = [...plan.extras];
  const unexpected: string[] = [...plan.unknown];
  const problems: string[] = [...plan.problems];
  for (const [canonical, planned] of plan.tensors) {
    const name = select(canonical);
    const form = name === undefined ? undefined : forms.get(name);
    if (name === undefined || (!form && classifiers[plan.layout.family]?.test(name))) unused.push(canonical);
    else if (!form) unexpected.push(name);
    else {
      const fit = fitTo(form, planned, isPositions(name) ? gridOf(module, name) : undefined, options);
      const format = planned.sources
        .map((part) => source.format?.(part))
        .find((stored) => !fitsType(stored, form.type));
      if (typeof fit === 'string') problems.push(`${name} ${fit}`);
      else if (format !== undefined) problems.push(`${name} holds ${format}, not ${form.type}`);
      else places.set(name, { planned, fit });
    }
  }
  const missing = [...forms.keys()].filter(
    (name) => !places.has(name) && !problems.some((p) => p.startsWith(`${name} `)),
  );
  if (!partial) {
    for (const name of missing) problems.push(`${name} is missing`);
    for (const name of unexpected) problems.push(`${name} is unexpected`);
  }
  return { places, report: { layout: plan.layout.name, missing, unexpected, unused }, problems };
}

/** The required form of a tensor. */
interface Form {
  /** In PyTorch's axis order. */
  readonly shape: readonly number[];
  readonly type: string;
}

/** The required forms, by state name. */
function stateForms(module: Module): Map<string, Form> {
  const orders = { OIHW: [3, 2, 0, 1], OI: [1, 0] } as const;
  return new Map(
    [...module.namedState()].map(([name, state]) => {
      const layout = 'layout' in state ? state.layout : undefined;
      const shape = layout ? orders[layout].map((axis) => state.shape[axis]) : state.shape;
      return [name, { shape, type: state.variable.dtype }];
    }),
  );
}

const wholeNumbers = ['I32', 'I64', 'U8', 'BOOL'];

/** Whether a file's number format (undefined if unknown) can be converted to an engine's type. */
function fitsType(format: string | undefined, type: string): boolean {
  return format === undefined || wholeNumbers.includes(format) === (type !== 'float32');
}

/**
 * How to change a tensor to the shape of a state, or a message about what is wrong; the message follows the name.
 *
 * @param grid places of the network, if the state is its table of positions
 */
function fitTo(
  { shape }: Form,
  { shape: stored }: PlannedTensor,
  grid: PlaceGrid | undefined,
  { resizePositions, positionGrid }: LoadWeightsOptions,
): Fit | string {
  const isOtherGrid = grid && positionGrid && (grid[0] !== positionGrid[0] || grid[1] !== positionGrid[1]);
  if (fits(stored, shape) && !isOtherGrid) return (tensor) => ({ ...tensor, shape });
  const difference = `has shape [${stored}], not [${shape}]`;
  if (!grid) return difference;
  const isTable = stored.length >= 2 && stored.slice(0, -2).every((size) => size === 1);
  if (!isTable || stored.at(-1) !== shape.at(-1)) return difference;
  const tokenRows = (shape.at(-2) as number) - grid[0] * grid[1];
  const all = stored.at(-2) as number;
  // Tokens without a position there get the position 0, which has the same effect.
  const isBare = positionGrid && tokenRows > 0 && all === positionGrid[0] * positionGrid[1];
  const rows = isBare ? all : all - tokenRows;
  const side = Math.round(Math.sqrt(rows));
  const [height, width] = positionGrid ?? [side, side];
  const plus = tokenRows > 0 ? ` and ${tokenRows} for ${tokenRows === 1 ? 'the class token' : 'tokens'}` : '';
  if (rows < 1 || height * width !== rows) {
    const wanted = positionGrid ? `those of ${height} × ${width} places` : 'those of a square of places';
    return `${difference}, and its positions are not ${wanted}${plus}; give their rows and columns as positionGrid`;
  }
  const isSameGrid = height === grid[0] && width === grid[1];
  if (!resizePositions && !isSameGrid) return `${difference} positions`;
  return (tensor) => {
    const resized = isSameGrid ? tensor : interpolatePositions(tensor, grid, resizePositions, [height, width]);
    return { ...(isBare ? withRowsBefore(resized, tokenRows) : resized), shape };
  };
}

/** A table with rows of 0 inserted at its start. */
function withRowsBefore({ shape, data, ...others }: HostTensor, rows: number): HostTensor {
  const before = rows * (shape.at(-1) as number);
  const longer = new Float32Array(before + data.length);
  longer.set(data as Float32Array, before);
  return { ...others, shape, data: longer };
}

/** Whether shapes agree, ignoring leading axes of size 1: scalars and tables may be stored with or without one. */
function fits(stored: readonly number[], wanted: readonly number[]): boolean {
  return withoutLeadingOnes(stored).join() === withoutLeadingOnes(wanted).join();
}

function withoutLeadingOnes(shape: readonly number[]): readonly number[] {
  const first = shape.findIndex((size) => size !== 1);
  return first < 0 ? [] : shape.slice(first);
}

function isPositions(name: string): boolean {
  return /(^|\.)(pos_embed|positional_embedding)$/.test(name);
}

/** The grid of places of the module that owns a table of positions. */
function gridOf(module: Module, name: string): PlaceGrid | undefined {
  const owner = name.slice(0, Math.max(0, name.lastIndexOf('.')));
  for (const [path, part] of module.namedModules()) {
    if (path === owner && 'grid' in part) return part.grid as PlaceGrid;
  }
  return undefined;
}
