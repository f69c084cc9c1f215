import { bytesOfRow, type FeatureStorage } from './storage.ts';

/** A file of a store: consecutive images in one view. */
export interface Shard {
  readonly file: string;
  /** Number of the view; 0: the plain view. */
  readonly view: number;
  /** Index of its first image. */
  readonly first: number;
  readonly rows: number;
}

/** The properties of a store that its files depend on. */
export interface ShardedFeatures {
  readonly images: number;
  /** Number of augmented views, besides the plain one. */
  readonly views: number;
  /** Shape of the features of one image. */
  readonly shape: readonly number[];
  readonly storage: FeatureStorage;
  readonly rowsPerShard: number;
}

/**
 * Number of images per file. It is a multiple of the batch size, so that a continued store has the same batches as one
 * written at once.
 */
export function rowsPerShard(size: number, batchSize: number, bytes: number): number {
  return batchSize * Math.max(1, Math.floor(bytes / (4 * size * batchSize)));
}

/** The files of a store, view by view. */
export function shardsOf({ images, views, rowsPerShard: most }: ShardedFeatures): Shard[] {
  const shards: Shard[] = [];
  for (let view = 0; view <= views; view++) {
    for (let first = 0; first < images; first += most) {
      const file = `view-${view}-${String(first / most).padStart(5, '0')}.safetensors`;
      shards.push({ file, view, first, rows: Math.min(most, images - first) });
    }
  }
  return shards;
}

/** Size of a whole store on disk in bytes, without the headers of its files. */
export function bytesOfStore({ images, views, shape, storage }: Omit<ShardedFeatures, 'rowsPerShard'>): number {
  return images * (views + 1) * bytesOfRow(storage, sizeOf(shape));
}

/** Number of values of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
