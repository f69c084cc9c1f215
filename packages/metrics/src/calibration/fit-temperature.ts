/** A temperature, and the mean loss before and after it on the data that it was fitted to. */
export interface FittedTemperature {
  /** T in [0.01, 100]; divide the logits by it. */
  readonly temperature: number;
  /** Mean loss at T = 1, in nats; 0 without data. */
  readonly lossBefore: number;
  /** Mean loss at the fitted T, in nats. */
  readonly lossAfter: number;
}

/** The mean loss of the logits β·x, and its first two derivatives with respect to β. */
export interface LossAt {
  readonly loss: number;
  readonly slope: number;
  readonly curvature: number;
}

const [least, largest] = [0.01, 100];

/**
 * The T = 1/β in [0.01, 100] with the smallest loss. The loss is convex in β, so Newton's method is used, kept within
 * two bounds that close in on the zero of the slope. If the loss does not depend on T, T is 1.
 */
export function fitTemperature(lossAt: (beta: number) => LossAt): FittedTemperature {
  const before = lossAt(1);
  const temperature = bestTemperature(lossAt, before);
  return { temperature, lossBefore: before.loss, lossAfter: lossAt(1 / temperature).loss };
}

function bestTemperature(lossAt: (beta: number) => LossAt, before: LossAt): number {
  let [low, high] = [1 / largest, 1 / least];
  const [lowest, highest] = [lossAt(low).slope, lossAt(high).slope];
  if (lowest === 0 && highest === 0) return 1;
  if (lowest >= 0) return largest;
  if (highest <= 0) return least;
  let beta = 1;
  let { slope, curvature } = before;
  while (high - low > 1e-12 * high && slope !== 0) {
    if (slope < 0) low = beta;
    else high = beta;
    const newton = beta - slope / curvature;
    if (Math.abs(newton - beta) <= 1e-12 * beta) break;
    beta = newton > low && newton < high ? newton : (low + high) / 2;
    ({ slope, curvature } = lossAt(beta));
  }
  return 1 / beta;
}
