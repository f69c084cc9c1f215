/// <reference types="vite/client" />
import { readResnetTiny, readTinyClip } from '@ltml/backbone';
import resnetTinyWeights from '@ltml/backbone/weights/resnet-tiny.safetensors?url';
import tinyClipWeights from '@ltml/backbone/weights/tiny-clip.safetensors?url';
import tinyClipTokenizer from '@ltml/backbone/weights/tiny-clip-tokenizer.json?url';
import { useBackend } from '@ltml/engines';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import wasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import wasmSimd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import wasmThreads from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { encodeScenes } from '../../encode-scenes.ts';

setWasmPaths({
  'tfjs-backend-wasm.wasm': wasm,
  'tfjs-backend-wasm-simd.wasm': wasmSimd,
  'tfjs-backend-wasm-threaded-simd.wasm': wasmThreads,
});

async function bytesOf(url: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

export interface Encoded {
  /** The engine that computed. */
  readonly name: string;
  readonly outputs: Readonly<Record<string, number[]>>;
}

/** What the page computes with an engine of the browser. */
async function encode(engine: 'wasm' | 'cpu'): Promise<Encoded> {
  const { name } = await useBackend(engine);
  const tokenizerFile = await (await fetch(tinyClipTokenizer)).text();
  const outputs = await encodeScenes({
    resnetTiny: readResnetTiny(await bytesOf(resnetTinyWeights)),
    tinyClip: readTinyClip(await bytesOf(tinyClipWeights), tokenizerFile),
  });
  return { name, outputs };
}

export type Encode = typeof encode;

Object.assign(globalThis, { encode });
