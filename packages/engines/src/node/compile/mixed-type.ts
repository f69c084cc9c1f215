import type { MixedType } from '@ltml/tensor';
import { processorFeatures } from '../native/processor.ts';

/**
 * The 16-bit type of compiled steps with mixed precision: float16 on a graphics card, bfloat16 on a processor with
 * instructions for it; otherwise undefined. Other processors only emulate bfloat16, about five times slower than
 * float32; `LTML_BFLOAT16=1` forces it.
 */
export function mixedTypeOf(
  backend: { readonly isUsingGpuDevice?: boolean },
  features: readonly string[] = processorFeatures(),
): MixedType | undefined {
  if (backend.isUsingGpuDevice) return 'float16';
  const hasInstructions = features.includes('avx512_bf16') || features.includes('amx_bf16');
  return hasInstructions || process.env.LTML_BFLOAT16 === '1' ? 'bfloat16' : undefined;
}
