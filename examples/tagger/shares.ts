import { mcut } from '@ltml/metrics';
import type { Model } from '@ltml/recipes';

/** What a bar shows of scores, each in [0, 1]: probabilities; of scores that only rank, their place in the list. */
export function sharesOf(
  scores: readonly number[],
  { learner, calibration }: Pick<Model, 'learner' | 'calibration'>,
): number[] {
  const scaled = scores.map((score) => score / (calibration?.temperature ?? 1));
  if (learner.scores === 'sigmoid') return scaled.map(sigmoid);
  const [least, largest] = [Math.min(...scaled), Math.max(...scaled)];
  if (learner.scores === 'relative') return scaled.map((score) => (score - least) / Math.max(largest - least, 1e-12));
  const powers = scaled.map((score) => Math.exp(score - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** The share from which on each tag is present, unless the user says otherwise: the model's choice if it has made one. */
export function defaultThresholds(
  shares: readonly number[],
  { learner, calibration, thresholds }: Pick<Model, 'learner' | 'calibration' | 'thresholds'>,
): number[] {
  const tuned = thresholds !== 'mcut' && thresholds?.length === shares.length && learner.scores === 'sigmoid';
  if (tuned) return (thresholds as readonly number[]).map((score) => sigmoid(score / (calibration?.temperature ?? 1)));
  if (learner.scores === 'sigmoid' && thresholds !== 'mcut') return shares.map(() => 0.5);
  const matrix = { rows: 1, columns: shares.length, scores: Float32Array.from(shares) };
  const [cut] = mcut(matrix).thresholds;
  return shares.map(() => cut);
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
