// The definitions in plain loops and doubles, written from the equations.

export type Vector = readonly number[];
export type Matrix = readonly Vector[];

export interface ContrastCase {
  readonly anchors: Matrix;
  readonly ownKeys: Matrix;
  readonly labels: Vector;
  readonly keys: Matrix;
  readonly keyLabels: Vector;
}

export interface ContrastRules {
  readonly temperature: number;
  /** None: SCL. */
  readonly alpha?: number;
  readonly inbatch?: boolean;
  readonly emptyPositives?: string;
  readonly epsilon?: number;
}

export const dot = (a: Vector, b: Vector): number => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** One value for each anchor: −Σ ω log p over a list of candidates that is written out. */
export function contrastOracle(case_: ContrastCase, rules: ContrastRules): number[] {
  const { anchors, ownKeys, labels, keys, keyLabels } = case_;
  const { temperature, alpha, inbatch = false, emptyPositives = 'renormalize', epsilon = 0 } = rules;
  return anchors.map((anchor, i) => {
    const positives: number[] = [];
    const logits: number[] = [];
    const add = (vector: Vector, label: number): void => {
      const logit = dot(anchor, vector) / temperature;
      logits.push(logit);
      if (label === labels[i]) positives.push(logit);
    };
    const own = dot(anchor, ownKeys[i]) / temperature;
    for (const [k, key] of keys.entries()) if (keyLabels[k] >= 0) add(key, keyLabels[k]);
    if (inbatch) {
      for (const [j, label] of labels.entries()) {
        if (j === i) continue;
        add(anchors[j], label);
        add(ownKeys[j], label);
      }
    }
    const shift = Math.max(own, ...logits, ...(epsilon > 0 ? [dot(anchor, anchor) / temperature] : []));
    const sum = [own, ...logits].reduce((total, logit) => total + Math.exp(logit - shift), epsilon);
    const logSumExp = shift + Math.log(sum);
    const logOwn = own - logSumExp;
    const mean = positives.reduce((total, logit) => total + logit - logSumExp, 0) / Math.max(positives.length, 1);
    if (alpha === undefined) return -(logOwn + positives.length * mean) / (positives.length + 1);
    if (positives.length > 0) return -(alpha * logOwn + (1 - alpha) * mean);
    return {
      renormalize: -logOwn,
      insideExp: logSumExp - alpha * own,
      timesLogP: -alpha * logOwn,
      skip: 0,
    }[emptyPositives] as number;
  });
}

/** [L][B] −Σ p(c) log p(s), with both distributions written out. */
export function pbsdOracle(
  teachers: readonly Matrix[],
  students: readonly Matrix[],
  ownKeys: Matrix,
  keys: Matrix,
  temperature: number,
): number[][] {
  const logProbabilities = (query: Vector, own: Vector): number[] => {
    const logits = [own, ...keys].map((key) => dot(query, key) / temperature);
    const shift = Math.max(...logits);
    const logSumExp = shift + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - shift), 0));
    return logits.map((logit) => logit - logSumExp);
  };
  return teachers.map((teacher, j) =>
    teacher.map((c, i) => {
      const target = logProbabilities(c, ownKeys[i]);
      const student = logProbabilities(students[j][i], ownKeys[i]);
      return -target.reduce((sum, log, t) => sum + Math.exp(log) * student[t], 0);
    }),
  );
}

/** Central differences of the sum of a function's values by every entry of a matrix. */
export function differences(sum: (x: Matrix) => number, x: Matrix): number[] {
  const step = 1e-5;
  return x.flatMap((row, b) =>
    row.map((_, d) => {
      const moved = (by: number): Matrix =>
        x.map((other, r) => (r === b ? other.map((value, c) => (c === d ? value + by : value)) : other));
      return (sum(moved(step)) - sum(moved(-step))) / (2 * step);
    }),
  );
}
