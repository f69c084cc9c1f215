import { readFileSync } from 'node:fs';
import wabt from 'wabt';

/** The module of resample-simd.wat in base64. */
export async function assemble(): Promise<string> {
  const path = new URL('../src/resize/resample-simd.wat', import.meta.url);
  const { parseWat } = await wabt();
  const module = parseWat('resample-simd.wat', readFileSync(path, 'utf8'), { simd: true });
  module.validate();
  return Buffer.from(module.toBinary({}).buffer).toString('base64');
}
