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

export interface LoadWeightsOptions {
  /** How the checkpoint names its tensors; found out from the names if left out. */
  readonly layout?: WeightLayout;
  /**
   * The state name of the module for a canonical name; undefined leaves the tensor out. Default: the same name. For a
   * tower of CLIP: {@link clipImage}.
   */
  readonly select?: (name: string) => string | undefined;
  /** Loads what is there: names that do not meet are reported, not refused. Default false. */
  readonly partial?: boolean;
  /** How positions for another image size are made to fit, e.g. `bicubic`; they are refused if left out. */
  readonly resizePositions?: Resampling;
  /**
   * Rows and columns of the checkpoint's positions. If left out, as many positions as the network has are taken for those
   * of its own grid, and others for those of a square.
   */
  readonly positionGrid?: PlaceGrid;
}

/** What was loaded from a file of weights, and what was not. */
export interface LoadReport {
  readonly layout: string;
  /** State of the module for which no tensor came; only with `partial`. */
  readonly missing: readonly string[];
  /** Tensors for which there is no place; only with `partial`. */
  readonly unexpected: readonly string[];
  /** Tensors that were left out: a classifier where the module has none, a pooler, and what `select` did not take. */
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
 * Writes a checkpoint into a module, a few tensors at a time: the memory needed besides is that of one tensor, and 4 MB.
 *
 * Names, shapes, number formats and grids of positions are all checked before the first tensor is written, so nothing is
 * changed if anything is refused. A checkpoint with more than the network, such as one of a whole Lightning module, loads
 * with `partial`, which reports what had no place.
 *
 * @throws DataError that lists all tensors that are missing, unexpected or of another shape
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
  let [read, numbers] = [new Map<string, HostTensor>(), 0];
  const write = (): void => {
    importState(module, read, { partial: true });
    [read, numbers] = [new Map(), 0];
  };
  for (const [name, { planned, fit }] of places) {
    const tensor = fit(await readPlanned(source, planned));
    read.set(name, tensor);
    numbers += tensor.data.length;
    // Each time the whole state is gone through, so that small tensors go together.
    if (numbers >= 2 ** 20) write();
  }
  write();
  return report;
}

function hintOf(
  problems: readonly string[],
  foreign: ReturnType<typeof foreignPart>,
): { readonly hint: string } | undefined {
  if (foreign) return { hint: `The network has no ${foreign[0].replace(/^an? /, '')}.` };
  if (problems.some((problem) => problem.includes('positions'))) {
    return { hint: 'Positions for another image size are resized with the option resizePositions.' };
  }
  return undefined;
}

/** @throws OptionError unless it is of two whole numbers from 1 */
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
  /** Gives the tensor the shape of the state. */
  readonly fit: Fit;
}

interface Matched {
  /** By the module's state name. */
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

/** What a tensor must be like. */
interface Form {
  /** In PyTorch's axis order. */
  readonly shape: readonly number[];
  readonly type: string;
}

/** By state name. */
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

/** Whether numbers of a file's format, undefined where the source does not tell, may become numbers of an engine's type. */
function fitsType(format: string | undefined, type: string): boolean {
  return format === undefined || wholeNumbers.includes(format) === (type !== 'float32');
}

/**
 * How a tensor is given the shape of a state, or what is wrong with it, to follow its name.
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
  // Tokens that have no position there have the position 0 here, which is the same.
  const isBare = positionGrid && tokenRows > 0 && all === positionGrid[0] * positionGrid[1];
  const rows = isBare ? all : all - tokenRows;
  const side = Math.round(Math.sqrt(rows));
  const [height, width] = positionGrid ?? [side, side];
  const plus = tokenRows > 0 ? ` and ${tokenRows} for ${tokenRows === 1 ? 'the class token' : 'tokens'}` : '';
  if (rows < 1 || height * width !== rows) {
    const wanted = positionGrid ? `those of ${height} × ${width} places` : 'those of a square of places';
    return `${difference}, and its positions are not ${wanted}${plus}; the option positionGrid tells their rows and columns`;
  }
  const isSameGrid = height === grid[0] && width === grid[1];
  if (!resizePositions && !isSameGrid) return `${difference} positions`;
  return (tensor) => {
    const resized = isSameGrid ? tensor : interpolatePositions(tensor, grid, resizePositions, [height, width]);
    return { ...(isBare ? withRowsBefore(resized, tokenRows) : resized), shape };
  };
}

/** A table with rows of 0 at its start. */
function withRowsBefore({ shape, data, ...others }: HostTensor, rows: number): HostTensor {
  const before = rows * (shape.at(-1) as number);
  const longer = new Float32Array(before + data.length);
  longer.set(data as Float32Array, before);
  return { ...others, shape, data: longer };
}

/** Axes of one at the front do not count: a scalar may be stored as a list of one, a table with or without such an axis. */
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
