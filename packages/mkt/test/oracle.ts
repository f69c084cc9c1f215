/** The equations in plain loops and doubles. */

export type Matrix = readonly (readonly number[])[];

export interface Image {
  /** [D] */
  readonly feature: readonly number[];
  /** [N, D] */
  readonly patches: Matrix;
}

export interface ScoreOptions {
  readonly topK: number;
  readonly combine: 'mean' | 'sum' | 'global' | 'local';
  readonly normalize: boolean;
}

/** Scores of one image for labels [C, D]. */
export function scores(image: Image, labels: Matrix, { topK, combine, normalize }: ScoreOptions): number[] {
  const global = labels.map((label) => dot(image.feature, label));
  const local = labels.map((label) => {
    const sorted = image.patches.map((patch) => dot(patch, label)).sort((a, b) => b - a);
    const largest = sorted.slice(0, topK);
    return largest.reduce((sum, value) => sum + value, 0) / largest.length;
  });
  const [g, l] = normalize ? [scaled(global), scaled(local)] : [global, local];
  if (combine === 'global') return g;
  if (combine === 'local') return l;
  return g.map((value, c) => (value + l[c]) * (combine === 'mean' ? 0.5 : 1));
}

/** The mean hinge of the pairs that violate the margin, over the images that have a known positive. */
export function rankingLoss(rows: Matrix, labels: Matrix, known: Matrix, margin = 1): number {
  const losses = rows.flatMap((row, b) => {
    const positives = row.filter((_, c) => labels[b][c] === 1 && known[b][c] === 1);
    const negatives = row.filter((_, c) => labels[b][c] === 0 && known[b][c] === 1);
    if (positives.length === 0) return [];
    const hinges = positives.flatMap((p) => negatives.map((n) => Math.max(0, margin + n - p)));
    const violations = hinges.filter((hinge) => hinge > 0).length;
    return [hinges.reduce((sum, hinge) => sum + hinge, 0) / (violations + 1e-8)];
  });
  return losses.length === 0 ? 0 : losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

function scaled(row: readonly number[]): number[] {
  const length = Math.max(Math.sqrt(dot(row, row)), 1e-12);
  return row.map((value) => value / length);
}
