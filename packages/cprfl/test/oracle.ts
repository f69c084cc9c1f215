import type { CprflHeadConfig, VsiConfig } from '@ltml/cprfl';

export type Matrix = number[][];

/** Weights by state name, in memory order: a linear weight is [I, O]. */
export type Weights = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>;

/** The head of CPRFL written out in doubles and plain loops, all tokens of an image alike: from the paper's equations. */
export function headOracle(
  weights: Weights,
  maps: readonly Matrix[],
  classEmbeddings: Matrix,
  config: CprflHeadConfig & { readonly vsi: VsiConfig },
): { logits: Matrix; attention: number[][][][] } {
  const matrix = (name: string): Matrix => {
    const { shape, data } = find(weights, name);
    return Array.from({ length: shape[0] }, (_, i) =>
      Array.from({ length: shape[1] }, (_, j) => data[i * shape[1] + j]),
    );
  };
  const vector = (name: string): number[] => Array.from(find(weights, name).data);
  const linear = (x: Matrix, name: string): Matrix => affine(x, matrix(`${name}.weight`), vector(`${name}.bias`));
  const hidden = config.pi.linear ? classEmbeddings : mapEntries(linear(classEmbeddings, 'pi.hidden'), gelu);
  const P = linear(hidden, 'pi.output');
  const images = maps.map((map) => {
    let Z = [...linear(map, 'phi'), ...P];
    let attention: number[][][] = [];
    for (let i = 0; i < config.vsi.depth; i++) {
      ({ Z, attention } = layer(Z, `vsi.layers.${i}`));
    }
    const seen = Z.slice(-P.length);
    return {
      logits: seen.map((row, c) => dot(row, P[c])),
      attention: attention.map((rows) => rows.slice(-P.length)),
    };
  });
  return { logits: images.map(({ logits }) => logits), attention: images.map(({ attention }) => attention) };

  function layer(Z: Matrix, name: string): { Z: Matrix; attention: number[][][] } {
    const { heads, headWidth: d, norm, outputProjection, scale, residual } = config.vsi;
    const normalize = (x: Matrix, which: string): Matrix =>
      norm === 'pre' ? layerNorm(x, vector(`${name}.${which}.weight`), vector(`${name}.${which}.bias`)) : x;
    const qkv = affine(normalize(Z, 'ln1'), matrix(`${name}.to_qkv.weight`));
    const inner = heads * d;
    const attention: number[][][] = [];
    const O = Z.map(() => new Array<number>(inner).fill(0));
    for (let h = 0; h < heads; h++) {
      const part = (row: number[], which: number): number[] =>
        row.slice(which * inner + h * d, which * inner + (h + 1) * d);
      const rows = qkv.map((asking) => {
        const scores = qkv.map(
          (asked) => dot(part(asking, 0), part(asked, 1)) / Math.sqrt(scale === 'width' ? config.width : d),
        );
        return softmax(scores);
      });
      attention.push(rows);
      for (const [i, shares] of rows.entries()) {
        for (const [j, share] of shares.entries()) {
          for (const [k, value] of part(qkv[j], 2).entries()) O[i][h * d + k] += share * value;
        }
      }
    }
    let U = O;
    if (outputProjection === 'neck') U = linear(mapEntries(linear(O, `${name}.to_out.0`), gelu), `${name}.to_out.1`);
    else if (weights.has(`${name}.to_out.weight`)) U = linear(O, `${name}.to_out`);
    if (residual) U = add(U, Z);
    const changed = linear(mapEntries(linear(normalize(U, 'ln2'), `${name}.ff1`), gelu), `${name}.ff2`);
    return { Z: residual ? add(changed, U) : changed, attention };
  }
}

function find(weights: Weights, name: string) {
  const weight = weights.get(name);
  if (!weight) throw new Error(`no weight ${name}`);
  return weight;
}

function affine(x: Matrix, W: Matrix, b?: number[]): Matrix {
  return x.map((row) => W[0].map((_, j) => row.reduce((sum, value, i) => sum + value * W[i][j], b?.[j] ?? 0)));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

function add(a: Matrix, b: Matrix): Matrix {
  return a.map((row, i) => row.map((value, j) => value + b[i][j]));
}

function mapEntries(x: Matrix, f: (value: number) => number): Matrix {
  return x.map((row) => row.map(f));
}

function softmax(x: readonly number[]): number[] {
  const largest = Math.max(...x);
  const e = x.map((value) => Math.exp(value - largest));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((value) => value / sum);
}

function layerNorm(x: Matrix, gamma: number[], beta: number[]): Matrix {
  return x.map((row) => {
    const mean = row.reduce((a, b) => a + b, 0) / row.length;
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length;
    return row.map((value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * gamma[i] + beta[i]);
  });
}

/** x · Φ(x), by the series of the error function, which double precision bears up to |x| = 5. */
function gelu(x: number): number {
  const z = x / Math.SQRT2;
  if (Math.abs(z) > 4) return Math.max(x, 0);
  let term = z;
  let sum = z;
  for (let n = 1; Math.abs(term) > 1e-17; n++) {
    term *= (-z * z) / n;
    sum += term / (2 * n + 1);
  }
  return (x / 2) * (1 + (2 / Math.sqrt(Math.PI)) * sum);
}
