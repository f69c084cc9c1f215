import type { InputSource } from '@ltml/data';
import { checkCount, checkOptionNames, DataError } from '@ltml/tensor';
import { drawView } from '../../encode-view.ts';
import { type FeatureIndex, readIndex } from './feature-index.ts';
import { ShardFile } from './shard-file.ts';
import { shardsOf, sizeOf } from './shards.ts';

/** Features on disk, open for reading. */
export interface StoredFeatures {
  readonly index: FeatureIndex;
  /**
   * Reads features like `cacheFeatures`: in training a random augmented view of each image, if there are any; otherwise
   * the plain view. A read needs only the memory of its batch.
   *
   * A read of damaged data throws a DataError that names the file.
   */
  readonly inputs: InputSource;
  /** Closes the files. */
  close(): Promise<void>;
}

/** Options of {@link openFeatures}. */
export interface OpenFeaturesOptions {
  /** Number of augmented views to read from; default: all in the store. */
  readonly views?: number;
}

/**
 * Opens a finished store of `writeFeatures`.
 *
 * @throws DataError if the folder has no finished store
 * @throws OptionError for more views than the store has
 */
export async function openFeatures(folder: string, options: OpenFeaturesOptions = {}): Promise<StoredFeatures> {
  checkOptionNames('openFeatures', options, ['views']);
  const index = await readIndex(folder);
  if (!index) {
    const expected = 'a folder with complete features';
    const received = 'a folder without index.json';
    throw new DataError({ where: 'openFeatures', argument: folder, expected, received });
  }
  const { images, shape, storage, rowsPerShard, hash } = index;
  const { views = index.views } = options;
  checkCount('openFeatures', 'options.views', views, { min: 0, max: index.views });
  const shards = shardsOf(index);
  const shardsOfView = Math.ceil(images / rowsPerShard);
  const files: (Promise<ShardFile> | undefined)[] = [];
  const fileAt = (at: number): Promise<ShardFile> => {
    files[at] ??= ShardFile.open({ folder, shard: shards[at], shape, storage, hash });
    return files[at];
  };
  const size = sizeOf(shape);
  return {
    index,
    inputs: {
      length: images,
      shape,
      async read(indices, streams) {
        const values = new Float32Array(indices.length * size);
        const rows = Array.from({ length: indices.length }, async (_, row) => {
          const [image, view] = [indices[row], drawView(views, row, streams)];
          const file = await fileAt(view * shardsOfView + Math.floor(image / rowsPerShard));
          values.set(await file.read(image % rowsPerShard, 1), row * size);
        });
        await Promise.all(rows);
        return values;
      },
    },
    async close() {
      const opened = await Promise.allSettled(files.splice(0));
      for (const file of opened) if (file.status === 'fulfilled') await file.value?.close();
    },
  };
}
