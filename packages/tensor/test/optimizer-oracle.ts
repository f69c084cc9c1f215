/** The formulas of the optimisers in plain loops and doubles, over one parameter. */

export interface OracleOptions {
  readonly learningRate: number;
  readonly weightDecay: number;
}

export interface SgdOracleOptions extends OracleOptions {
  readonly momentum: number;
  readonly dampening: number;
  readonly nesterov: boolean;
}

/** The parameter after one step for each gradient. */
export function sgdOracle(
  start: readonly number[],
  gradients: readonly (readonly number[])[],
  { learningRate, weightDecay, momentum, dampening, nesterov }: SgdOracleOptions,
): number[] {
  return start.map((first, i) => {
    let p = first;
    let v: number | undefined;
    for (const gradient of gradients) {
      const g = gradient[i] + weightDecay * p;
      v = v === undefined ? g : momentum * v + (1 - dampening) * g;
      if (momentum === 0) p -= learningRate * g;
      else p -= learningRate * (nesterov ? g + momentum * v : v);
    }
    return p;
  });
}

export interface AdamOracleOptions extends OracleOptions {
  /** β₁ at each step. */
  readonly beta1: readonly number[];
  readonly beta2: number;
  readonly epsilon: number;
  readonly decoupled: boolean;
}

/** The parameter after one step for each gradient. */
export function adamOracle(
  start: readonly number[],
  gradients: readonly (readonly number[])[],
  { learningRate, weightDecay, beta1, beta2, epsilon, decoupled }: AdamOracleOptions,
): number[] {
  return start.map((first, i) => {
    let p = first;
    let m = 0;
    let v = 0;
    for (const [done, gradient] of gradients.entries()) {
      const t = done + 1;
      const b = beta1[done];
      const g = decoupled ? gradient[i] : gradient[i] + weightDecay * p;
      if (decoupled) p -= learningRate * weightDecay * p;
      m = b * m + (1 - b) * g;
      v = beta2 * v + (1 - beta2) * g * g;
      p -= (learningRate * (m / (1 - b ** t))) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon);
    }
    return p;
  });
}
