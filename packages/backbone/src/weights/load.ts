import { checkOptionNames, DataError, type HostTensor, importState, type Module } from '@ltml/tensor';
import { interpolatePositions, type Resampling } from '../position-embedding.ts';
import type { Family, WeightLayout } from './layouts.ts';
import { type PlannedTensor, planWeights, readPlanned, type WeightPlan } from './plan.ts';
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
}

export interface LoadReport {
  readonly layout: string;
  /** State of the module for which no tensor came; only with `partial`. */
  readonly missing: readonly string[];
  /** Tensors for which there is no place; only with `partial`. */
  readonly unexpected: readonly string[];
  /** Tensors that were left out: the classifier where the module has none, and what `select` did not take. */
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

const classifiers: Readonly<Record<Family, RegExp | undefined>> = { resnet: /^fc\./, vit: /^head\./, clip: undefined };

/**
 * Writes a checkpoint into a module, tensor by tensor: the memory needed besides is that of one tensor.
 *
 * Nothing is changed if anything is refused for its name or shape.
 *
 * @throws DataError that lists all tensors that are missing, unexpected or of another shape
 */
export async function loadWeights(
  module: Module,
  source: WeightSource,
  options: LoadWeightsOptions = {},
): Promise<LoadReport> {
  checkOptionNames('loadWeights', options, ['layout', 'select', 'partial', 'resizePositions']);
  const plan = planWeights(source, options.layout);
  const { places, report, problems } = matchState(module, plan, options);
  if (problems.length > 0) {
    throw new DataError({
      where: 'loadWeights',
      argument: 'source',
      expected: `the ${[...module.namedState()].length} tensors of the network (${plan.layout.name})`,
      received: `${source.names.length} tensors: ${problems.join('; ')}`,
      ...(problems.some((problem) => problem.includes('positions')) && {
        hint: 'Positions for another image size are resized with the option resizePositions.',
      }),
    });
  }
  for (const [name, { planned, fit }] of places) {
    const tensor = await readPlanned(source, planned);
    importState(module, new Map([[name, fit ? fit(tensor) : tensor]]), { partial: true });
  }
  return report;
}

interface Place {
  readonly planned: PlannedTensor;
  /** Makes the tensor fit, where its shape is another. */
  readonly fit?: (tensor: HostTensor) => HostTensor;
}

interface Matched {
  /** By the module's state name. */
  readonly places: ReadonlyMap<string, Place>;
  readonly report: LoadReport;
  readonly problems: readonly string[];
}

function matchState(module: Module, plan: WeightPlan, options: LoadWeightsOptions): Matched {
  const { select = (name) => name, partial = false, resizePositions } = options;
  const shapes = stateShapes(module);
  const places = new Map<string, Place>();
  const unused: string[] = [];
  const unexpected: string[] = [...plan.unknown];
  const problems: string[] = [...plan.problems];
  for (const [canonical, planned] of plan.tensors) {
    const name = select(canonical);
    const shape = name === undefined ? undefined : shapes.get(name);
    if (name === undefined || (!shape && classifiers[plan.layout.family]?.test(name))) unused.push(canonical);
    else if (!shape) unexpected.push(name);
    else if (fits(planned.shape, shape)) places.set(name, { planned, fit: (tensor) => ({ ...tensor, shape }) });
    else {
      const grid = isPositions(name) ? gridOf(module, name) : undefined;
      if (grid && resizePositions && planned.shape.at(-1) === shape.at(-1)) {
        const fit = (tensor: HostTensor) => ({ ...interpolatePositions(tensor, grid, resizePositions), shape });
        places.set(name, { planned, fit });
      } else {
        const what = grid ? ' positions' : '';
        problems.push(`${name} has shape [${planned.shape}], not [${shape}]${what}`);
      }
    }
  }
  const missing = [...shapes.keys()].filter(
    (name) => !places.has(name) && !problems.some((p) => p.startsWith(`${name} `)),
  );
  if (!partial) {
    problems.push(...missing.map((name) => `${name} is missing`), ...unexpected.map((name) => `${name} is unexpected`));
  }
  return { places, report: { layout: plan.layout.name, missing, unexpected, unused }, problems };
}

/** Shapes in PyTorch's axis order, by state name. */
function stateShapes(module: Module): Map<string, readonly number[]> {
  const orders = { OIHW: [3, 2, 0, 1], OI: [1, 0] } as const;
  return new Map(
    [...module.namedState()].map(([name, state]) => {
      const layout = 'layout' in state ? state.layout : undefined;
      return [name, layout ? orders[layout].map((axis) => state.shape[axis]) : state.shape];
    }),
  );
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
function gridOf(module: Module, name: string): readonly [number, number] | undefined {
  const owner = name.slice(0, Math.max(0, name.lastIndexOf('.')));
  for (const [path, part] of module.namedModules()) {
    if (path === owner && 'grid' in part) return part.grid as readonly [number, number];
  }
  return undefined;
}
