/// <reference types="vite/client" />
import { readTinyClip, type TinyClip } from '@ltml/backbone';
import tinyClipWeights from '@ltml/backbone/weights/tiny-clip.safetensors?url';
import tinyClipTokenizer from '@ltml/backbone/weights/tiny-clip-tokenizer.json?url';
import { useBackend } from '@ltml/engines';
import type { BytePicture } from '@ltml/images';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import wasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import wasmSimd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import wasmThreads from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { type Tag, tagPicture } from './tagger.ts';

function element<T extends Element>(id: string): T {
  return document.getElementById(id) as unknown as T;
}

const [drop, canvas, file] = [
  element<HTMLElement>('drop'),
  element<HTMLCanvasElement>('picture'),
  element<HTMLInputElement>('file'),
];
const [labels, table, status] = [
  element<HTMLInputElement>('labels'),
  element<HTMLTableElement>('scores'),
  element('status'),
];

let picture: ImageBitmap | undefined;
let newest = 0;

const ready = start();
labels.addEventListener('input', () => void tag());
file.addEventListener('change', () => void open(file.files?.[0]));
drop.addEventListener('dragover', (event) => {
  event.preventDefault();
  drop.classList.add('over');
});
drop.addEventListener('dragleave', () => drop.classList.remove('over'));
drop.addEventListener('drop', (event) => {
  event.preventDefault();
  drop.classList.remove('over');
  void open(event.dataTransfer?.files[0]);
});

async function start(): Promise<TinyClip> {
  setWasmPaths({
    'tfjs-backend-wasm.wasm': wasm,
    'tfjs-backend-wasm-simd.wasm': wasmSimd,
    'tfjs-backend-wasm-threaded-simd.wasm': wasmThreads,
  });
  await useBackend('wasm');
  const [weights, tokenizer] = [await fetch(tinyClipWeights), await fetch(tinyClipTokenizer)];
  const made = readTinyClip(new Uint8Array(await weights.arrayBuffer()), await tokenizer.text());
  status.textContent = 'Ready: drop a picture.';
  return made;
}

async function open(chosen: File | undefined): Promise<void> {
  if (!chosen) return;
  try {
    picture = await createImageBitmap(chosen);
  } catch {
    status.textContent = `${chosen.name} is no picture that this browser can read.`;
    return;
  }
  await tag();
}

/** Scores the picture; of several calls under way the last one counts. */
async function tag(): Promise<void> {
  const call = ++newest;
  const names = [...new Set(labels.value.split(',').map((label) => label.trim()))].filter((label) => label !== '');
  if (!picture) return;
  if (names.length < 2) {
    table.replaceChildren();
    canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    status.textContent = 'Scores rank labels within a list: type two or more.';
    return;
  }
  const tags = await tagPicture(await ready, pixelsOf(picture), names);
  if (call !== newest) return;
  show(tags);
  status.textContent = `${tags[0].label} fits best of ${tags.length} labels.`;
}

function pixelsOf(bitmap: ImageBitmap): BytePicture {
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d') as OffscreenCanvasRenderingContext2D;
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, pixels: Uint8Array.from(data).filter((_, at) => at % 4 !== 3) };
}

function show(tags: readonly Tag[]): void {
  const rows = tags.map((tag) => {
    const row = document.createElement('tr');
    const meter = Object.assign(document.createElement('meter'), { min: -1, max: 1, value: tag.score });
    for (const content of [tag.label, tag.score.toFixed(3), meter]) {
      const cell = document.createElement('td');
      cell.append(content);
      row.append(cell);
    }
    row.addEventListener('click', () => {
      for (const other of rows) other.classList.toggle('shown', other === row);
      draw(tag.evidence);
    });
    return row;
  });
  table.replaceChildren(...rows);
  rows[0].classList.add('shown');
  draw(tags[0].evidence);
}

/** The picture under a veil of red, the redder the more a place is like the label. */
function draw(evidence: readonly number[]): void {
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture as ImageBitmap, 0, 0, canvas.width, canvas.height);
  const [least, largest] = [Math.min(...evidence), Math.max(...evidence)];
  const side = Math.sqrt(evidence.length);
  const step = canvas.width / side;
  for (const [place, value] of evidence.entries()) {
    context.fillStyle = `rgba(230, 20, 20, ${(0.6 * (value - least)) / Math.max(largest - least, 1e-12)})`;
    context.fillRect((place % side) * step, Math.floor(place / side) * step, step, step);
  }
}
