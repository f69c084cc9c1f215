import { describeArchitecture, describeClipText, readArchitecture, readClipText } from './architecture.ts';
import { planWeights, type WeightPlan } from './plan.ts';
import type { WeightSource } from './source.ts';

/** What the names and shapes of a checkpoint show about it. */
export interface WeightSummary {
  /** The layout of its names; null if it is unknown. */
  readonly layout: string | null;
  /**
   * A short description of the network; for a CLIP of both towers. Null if the layout is unknown, tensors that show its
   * sizes are missing, or it has unsupported parts. "heads unknown" means that loading it needs the option `heads`.
   */
  readonly network: string | null;
  /** Why `network` is null; otherwise null. */
  readonly reason: string | null;
  /** Number of tensors. */
  readonly tensors: number;
  /** Number of values in all tensors. */
  readonly values: number;
  /** Names that do not belong to the layout. */
  readonly unknown: readonly string[];
}

/** Describes a checkpoint without reading its data. */
export function inspectWeights(source: WeightSource): WeightSummary {
  const sizes = source.names.map((name) => source.shape(name).reduce((product, length) => product * length, 1));
  const counts = { tensors: sizes.length, values: sizes.reduce((total, size) => total + size, 0) };
  let plan: WeightPlan | undefined;
  try {
    plan = planWeights(source);
    const network = describeNetwork(plan);
    return { layout: plan.layout.name, network, reason: null, ...counts, unknown: plan.unknown };
  } catch (error) {
    const { message } = error as Error;
    return {
      layout: plan?.layout.name ?? null,
      network: null,
      reason: message,
      ...counts,
      unknown: plan?.unknown ?? [],
    };
  }
}

/** Describes both towers of a CLIP, or the network of another checkpoint. */
function describeNetwork(plan: WeightPlan): string {
  const architecture = readArchitecture(plan);
  const network = describeArchitecture(architecture);
  if (plan.layout.family !== 'clip') return network;
  const names = [...plan.tensors.keys()];
  if (architecture.kind === 'clip-text') {
    const isBoth = names.some((name) => name.startsWith('visual.'));
    return isBoth ? `${network}; an image tower that is none of OpenAI's` : network;
  }
  return names.includes('token_embedding.weight')
    ? `${network}; text tower, ${describeClipText(readClipText(plan))}`
    : network;
}
