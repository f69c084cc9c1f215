import { describeArchitecture, describeClipText, readArchitecture, readClipText } from './architecture.ts';
import { planWeights, type WeightPlan } from './plan.ts';
import type { WeightSource } from './source.ts';

/** What a checkpoint is, as far as its names and shapes tell. */
export interface WeightSummary {
  /** How its tensors are named; null if in no way that is known. */
  readonly layout: string | null;
  /**
   * A few words for the network, of a CLIP for both towers; null if the layout is not known, tensors that tell its sizes are
   * missing, or it has parts that no network here has. "heads not told" means that loading it needs the option `heads`.
   */
  readonly network: string | null;
  /** Why there is no network. */
  readonly reason: string | null;
  readonly tensors: number;
  /** Numbers in all of them. */
  readonly values: number;
  /** Names that are none of the layout. */
  readonly unknown: readonly string[];
}

/** Says what a checkpoint is, without reading its data. */
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

/** Both towers of a CLIP, the network of other checkpoints. */
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
