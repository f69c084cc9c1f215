import { bytesOfRow, type FeatureStorage } from './storage.ts';

/** A file of a store: some images in one view, in order. */
export interface Shard {
  readonly file: string;
  /** 0: the plain view. */
  readonly view: number;
  /** The first image of it. */
  readonly first: number;
  readonly rows: number;
}

/** What the files of a store depend on. */
export interface ShardedFeatures {
  readonly images: number;
  /** Augmented views besides the plain one. */
  readonly views: number;
  /** Of one image. */
  readonly shape: readonly number[];
  readonly storage: FeatureStorage;
  readonly rowsPerShard: number;
}

/** Images of a file: whole batches, so that a store that is gone on with has the batches of one that was written at once. */
export function rowsPerShard(size: number, batchSize: number, bytes: number): number {
  return batchSize * Math.max(1, Math.floor(bytes / (4 * size * batchSize)));
}

/** The files of a store, view after view. */
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

/** Bytes on disk of a whole store, without the headers of its files. */
export function bytesOfStore({ images, views, shape, storage }: Omit<ShardedFeatures, 'rowsPerShard'>): number {
  return images * (views + 1) * bytesOfRow(storage, sizeOf(shape));
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
