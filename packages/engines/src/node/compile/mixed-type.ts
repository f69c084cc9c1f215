import type { MixedType } from '@ltml/tensor';
import { processorFeatures } from '../native/processor.ts';

/**
 * What compiled steps of mixed precision compute in: float16 on a graphics card, and bfloat16 on a processor with
 * instructions for it; others would only emulate it, some five times slower than float32. `LTML_BFLOAT16=1` has them do so.
 */
export function mixedTypeOf(
  backend: { readonly isUsingGpuDevice?: boolean },
  features: readonly string[] = processorFeatures(),
): MixedType | undefined {
  if (backend.isUsingGpuDevice) return 'float16';
  const hasInstructions = features.includes('avx512_bf16') || features.includes('amx_bf16');
  return hasInstructions || process.env.LTML_BFLOAT16 === '1' ? 'bfloat16' : undefined;
}
