import { type HostTensor, importState, type Module } from '@ltml/tensor';

// Weights and images computed by a formula, so that full-size networks can be compared without their weight files.

/** The seed for a name: FNV-1a over its UTF-8 bytes. */
export function formulaSeed(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** The i-th number of a sequence, in (−1, 1). */
export function formulaNumber(seed: number, i: number): number {
  let x = (seed + Math.imul(i, 0x9e3779b9)) >>> 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b) >>> 0;
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35) >>> 0;
  x = (x ^ (x >>> 16)) >>> 0;
  return (x + 0.5) / 2 ** 31 - 1;
}

/** Offset and factor for the numbers of a tensor, from the first rule that matches its name and shape. */
function scaling(name: string, shape: readonly number[]): readonly [offset: number, factor: number] {
  if (name.endsWith('running_var')) return [1, 0.5];
  if (name.endsWith('running_mean')) return [0, 0.1];
  if (/(positional_embedding|class_embedding|pos_embed|(cls|dist|reg)_token|token_embedding\.weight)$/.test(name))
    return [0, 0.1];
  if (/(text_projection|visual\.proj)$/.test(name)) return [0, Math.sqrt(3 / shape[0])];
  if (shape.length === 1 && /(weight|gamma)$/.test(name)) return name.endsWith('bn3.weight') ? [0.25, 0.1] : [1, 0.2];
  if (shape.length === 1) return [0, 0.1];
  if (shape.length === 4) return [0, Math.sqrt(6 / (shape[1] * shape[2] * shape[3]))];
  return [0, Math.sqrt(3 / shape[1])];
}

/** The formula's tensor for a name. @param shape in PyTorch's axis order */
export function formulaTensor(name: string, shape: readonly number[], salt: string): HostTensor {
  const size = shape.reduce((product, n) => product * n, 1);
  if (name.endsWith('logit_scale')) return { dtype: 'F32', shape, data: Float32Array.of(Math.log(1 / 0.07)) };
  const seed = formulaSeed(salt + name);
  const [offset, factor] = scaling(name, shape);
  const data = new Float32Array(size);
  for (let i = 0; i < size; i++) data[i] = offset + factor * formulaNumber(seed, i);
  return { dtype: 'F32', shape, data };
}

/** Fills a module with the formula. @param prefix added to its state names to get the canonical ones, e.g. `visual.` */
export function fillByFormula(module: Module, salt: string, prefix: string = ''): void {
  for (const [name, state] of module.namedState()) {
    const layout = 'layout' in state ? state.layout : undefined;
    const { shape } = state;
    const fileShape =
      layout === 'OIHW' ? [3, 2, 0, 1].map((axis) => shape[axis]) : layout === 'OI' ? [shape[1], shape[0]] : shape;
    importState(module, new Map([[name, formulaTensor(prefix + name, fileShape, salt)]]), { partial: true });
  }
}

/** The formula's images, [B, H, W, 3], with values in (−2, 2). */
export function formulaImage(salt: string, [B, , H, W]: readonly number[]): Float32Array {
  const seed = formulaSeed(`${salt}input`);
  return Float32Array.from({ length: B * H * W * 3 }, (_, i) => 2 * formulaNumber(seed, i));
}
