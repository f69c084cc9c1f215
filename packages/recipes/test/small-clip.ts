import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildEncoder, buildTextTower } from '@ltml/backbone';
import { tinyClipTokenizerFile } from '@ltml/backbone/node';
import { exportState, RandomStream } from '@ltml/tensor';
import { writeSafetensorsFile } from '@ltml/tensor/node';
import { addSmallClip, smallClip } from './small-clip-encoder.ts';

addSmallClip();

/** Writes a file of a model as it lies in the cache of the hub. @returns the folder of its files */
export function cacheFolderOf(hub: string, model: string): string {
  const folder = join(hub, `models--${model.replace('/', '--')}`);
  const commit = '0123456789abcdef0123456789abcdef01234567';
  mkdirSync(join(folder, 'snapshots', commit), { recursive: true });
  mkdirSync(join(folder, 'refs'), { recursive: true });
  writeFileSync(join(folder, 'refs', 'main'), commit);
  return join(folder, 'snapshots', commit);
}

/** Puts weights of both towers into the cache of the hub. */
export async function cacheSmallClip(hub: string): Promise<void> {
  const image = buildEncoder(smallClip, { random: new RandomStream(3) });
  const text = buildTextTower(smallClip, new RandomStream(4));
  const ofImage = [...(await exportState(image))].map(([name, tensor]) => [`visual.${name}`, tensor] as const);
  const folder = cacheFolderOf(hub, 'me/small-clip');
  await writeSafetensorsFile(
    join(folder, 'open_clip_model.safetensors'),
    new Map([...ofImage, ...(await exportState(text))]),
  );
  image.dispose();
  text.dispose();
}

/** A tokenizer that has fewer tokens than the text tower. */
export async function cacheTokenizer(hub: string, model: string): Promise<void> {
  writeFileSync(join(cacheFolderOf(hub, model), 'tokenizer.json'), await tinyClipTokenizerFile());
}
