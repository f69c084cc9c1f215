/** A temperature, and the mean loss of the data that it was fitted on. */
export interface FittedTemperature {
  /** T in [0.01, 100]; logits are divided by it. */
  readonly temperature: number;
  /** At T = 1, in nats; 0 without data. */
  readonly lossBefore: number;
  /** At the fitted T. */
  readonly lossAfter: number;
}

/** Mean loss of βx, and its first two derivatives by β. */
export interface LossAt {
  readonly loss: number;
  readonly slope: number;
  readonly curvature: number;
}

const [least, largest] = [0.01, 100];

/**
 * The T = 1/β in [0.01, 100] of the least loss, which is convex in β: Newton's method, kept between two borders that close
 * in on the zero of the slope. Of a loss that does not depend on T it is 1.
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
