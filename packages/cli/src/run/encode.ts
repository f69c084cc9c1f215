import { statSync } from 'node:fs';
import { extname, relative, resolve as resolvePath } from 'node:path';
import { namesOf, pictureFiles } from '@ltml/data/node';
import {
  type PreparedEncoding,
  picturesConfig,
  preparePictures,
  prepareRecipe,
  readRecipe,
  resolve,
  type WrittenFeatures,
} from '@ltml/recipes/node';
import { DataError } from '@ltml/tensor';
import type { EncodingName } from '@ltml/tensor/contract';
import { type FeatureStorage, formatSeconds } from '@ltml/train/node';
import { startEngine } from '../engine.ts';
import type { BackendArgument } from '../option-parsers.ts';
import { checkFolder } from '../paths.ts';
import { ProgressLine } from '../progress-line.ts';
import { printErrors, printJson, printLines, shellPath } from '../terminal.ts';
import { textTable } from '../text-table.ts';
import { describeStorage } from './describe-storage.ts';
import { picturesIn } from './pictures.ts';
import { untilStopped } from './stop-signals.ts';

/** Options of `ltml encode`. */
export interface EncodeOptions {
  readonly encoder?: string;
  readonly weights?: string;
  readonly encoding?: EncodingName;
  /** Augmented views of each training image, besides the plain one. */
  readonly views?: number;
  readonly storage: FeatureStorage;
  readonly out?: string;
  readonly set: readonly string[];
  /** Number of threads that read pictures. */
  readonly workers?: number;
  readonly backend?: BackendArgument;
  readonly json?: boolean;
}

/**
 * Stores the features of a recipe's images, or of the pictures in a folder.
 *
 * SIGINT, SIGTERM and SIGHUP stop it between two batches with exit code 1. Finished features are kept.
 */
export async function encode(what: string, options: EncodeOptions): Promise<void> {
  await untilStopped('finished features are kept, give the same command to continue', async (signal) => {
    const prepare = await preparation(what, options);
    const engine = await startEngine(options.backend);
    const prepared = await prepare();
    try {
      await write(signal, prepared, `${what} on ${engine}`, options);
    } finally {
      prepared.dispose();
    }
  });
}

/** Reads the recipe or the list of pictures, before an engine starts. */
async function preparation(what: string, options: EncodeOptions): Promise<() => Promise<PreparedEncoding>> {
  const { encoder, weights, encoding, views, storage, out, workers } = options;
  if (out !== undefined) checkFolder('--out', out);
  const settings = [
    // `--encoder` replaces the recipe's encoder; `--set` may then change entries of the new one.
    ...(encoder === undefined ? [] : [`encoder={name: ${JSON.stringify(encoder)}}`]),
    ...options.set,
    ...(weights === undefined ? [] : [`encoder.weights=${JSON.stringify(weights)}`]),
    ...(views === undefined ? [] : [`features.views=${views}`]),
    ...(out === undefined ? [] : [`features.dir=${JSON.stringify(out)}`]),
  ];
  const given = { storage, ...(encoding && { encoding }), ...(workers !== undefined && { workers }) };
  if (statSync(what, { throwIfNoEntry: false })?.isDirectory() || !isRecipe(what)) {
    // For a folder only the plain view is stored, unless `--views` asks for more.
    const config = picturesConfig(['features.views=0', ...settings]);
    const files = picturesIn(what).map((path) => {
      const file = relative(what, path) || path;
      return { key: file, file, path };
    });
    return () => preparePictures(pictureFiles(namesOf(files), 'upright'), config, given);
  }
  const { value, locate, notes = [] } = readRecipe(what, settings);
  const recipe = await resolve(value, locate);
  printErrors(...notes);
  return () => prepareRecipe(recipe, { ...given, locate });
}

function isRecipe(path: string): boolean {
  return ['.yaml', '.yml', '.json'].includes(extname(path).toLowerCase());
}

async function write(
  signal: AbortSignal,
  { encoding }: PreparedEncoding,
  title: string,
  { storage, json = false }: EncodeOptions,
): Promise<void> {
  const line = new ProgressLine();
  line.print(title);
  for (const { name, images, views, encoding: kind, shape, bytes, present } of encoding.planned) {
    const copies = views > 0 ? `${views + 1} views of ` : '';
    const there = present === 1 ? ', already on disk' : present > 0 ? `, ${Math.floor(100 * present)} % on disk` : '';
    line.print(
      `${name}: ${kind} [${shape.join(', ')}] of ${copies}${images} images, ${size(bytes)} as ${storage}${there}`,
    );
  }
  checkRoom(encoding.bytes, encoding.free, encoding.planned[0].folder);
  if (encoding.images > 0) {
    const seconds = (await encoding.secondsPerImage()) * encoding.images;
    line.print(
      `${size(encoding.bytes)} to write, ${size(encoding.free)} free; about ${formatSeconds(seconds)}, estimated on the first images`,
    );
  }
  const work = new ProgressLine();
  const start = performance.now();
  let first: number | undefined;
  const written = await encoding.write({
    signal,
    onWarning: (message) => work.print(`warning: ${message}`),
    onProgress(done, all) {
      // Images of an earlier call count neither for the rate nor for the time left.
      first ??= done;
      const rate = (1000 * (done - first)) / Math.max(1, performance.now() - start);
      work.show((done - first) / Math.max(1, all - first), `${done} of ${all} images, ${rate.toFixed(0)}/s`);
    },
  });
  work.clear();
  const seconds = (performance.now() - start) / 1000;
  if (json) return printJson({ storage, seconds, features: written.map(asJson) }, 2);
  const rows = written.map(({ name, images, views, bytes, folder }) => [
    ...[name, String(images), String(views + 1), size(bytes), resolvePath(folder)],
  ]);
  await printLines(
    ...textTable(['images of', 'number', 'views', 'size', 'folder'], rows),
    `${describeStorage(storage, worst(written))}; ${formatSeconds(seconds)}`,
  );
}

/** The largest storage error of all written features. */
function worst(written: readonly WrittenFeatures[]): WrittenFeatures['error'] {
  return {
    largest: Math.max(...written.map(({ error }) => error.largest)),
    relative: Math.max(...written.map(({ error }) => error.relative)),
  };
}

/** @throws DataError if the disk has too little room */
function checkRoom(bytes: number, free: number, folder: string): void {
  if (bytes <= free) return;
  throw new DataError({
    where: 'ltml encode',
    argument: shellPath(folder),
    expected: `on a disk with ${size(bytes)} free`,
    received: size(free),
    hint: 'Use --storage f16 (half the size) or int8 (a quarter), fewer --views, or another disk with --out.',
  });
}

function asJson({ folder, present: _, ...features }: WrittenFeatures): object {
  return { folder: resolvePath(folder), ...features };
}

/** E.g. `1.3 GB`. */
function size(bytes: number): string {
  const [unit, name] = bytes < 1e6 ? [1e3, 'kB'] : bytes < 1e9 ? [1e6, 'MB'] : [1e9, 'GB'];
  return `${(bytes / unit).toFixed(1)} ${name}`;
}
