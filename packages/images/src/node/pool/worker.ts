// The code of a thread of a PicturePool.
import { parentPort, workerData } from 'node:worker_threads';
import { importSharp } from '../decode-image.ts';
import { type ItemOptions, itemReader, type ReadItem } from './item-reader.ts';
import { type Job, JobRunner } from './job.ts';

const sharp = await importSharp();
sharp.concurrency((workerData as { readonly threads: number }).threads);
// Each file is read only once, so libvips' cache would only use memory, and a changed file must be read anew.
sharp.cache(false);

const readers = new Map<string, ReadItem>();
const runner = new JobRunner((options: ItemOptions) => {
  const key = JSON.stringify(options);
  const reader = readers.get(key) ?? itemReader(options);
  readers.set(key, reader);
  return reader;
});

parentPort?.on('message', async (job: Job | 'close') => {
  if (job === 'close') return parentPort?.close();
  const broken = await runner.run(job);
  parentPort?.postMessage({ id: job.id, broken });
});
