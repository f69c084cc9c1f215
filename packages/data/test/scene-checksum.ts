import { createHash } from 'node:crypto';
import type { SceneSet } from '@ltml/data';

/** SHA-256 of all labels and of every `step`-th picture: each scene draws from a stream of its own, so that others would change, too. */
export async function sceneChecksum({ images, labels }: SceneSet, step = 1): Promise<string> {
  const hash = createHash('sha256').update(labels.present);
  for (let i = 0; i < images.length; i += step) hash.update((await images.read(i)).pixels);
  return hash.digest('hex');
}
