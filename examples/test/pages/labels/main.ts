/// <reference types="vite/client" />
import { useBackend } from '@ltml/engines';
import { loadModel } from '@ltml/recipes';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import wasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import wasmSimd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import wasmThreads from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { addSmallClip } from '../../../../packages/recipes/test/small-clip-encoder.ts';
import { scoreLabels } from '../../score-labels.ts';

setWasmPaths({
  'tfjs-backend-wasm.wasm': wasm,
  'tfjs-backend-wasm-simd.wasm': wasmSimd,
  'tfjs-backend-wasm-threaded-simd.wasm': wasmThreads,
});

/** Scores of the labels by the bundle beside the page. */
async function score(labels: readonly string[]): Promise<number[]> {
  addSmallClip();
  await useBackend('wasm');
  const model = await loadModel(new URL('model/', location.href));
  return scoreLabels(model, labels);
}

export type Score = typeof score;

Object.assign(globalThis, { score });
