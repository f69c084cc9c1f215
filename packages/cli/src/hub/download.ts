import { createHash, type Hash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { type HubFile, hubError, statusHint } from './hub-model.ts';

/** Options of {@link download}. */
export interface DownloadOptions {
  /** Token for private and gated models; undefined: none. */
  readonly token: string | undefined;
  /** Called with the bytes of this file that are there so far. */
  readonly onProgress: (done: number) => void;
}

/**
 * Downloads a file to `path` and checks its hash. `path` appears only when the content is complete and right.
 *
 * While it grows, the content is in a temporary file that belongs to this attempt, so that simultaneous attempts do not
 * disturb each other. If the network breaks or the process is killed, the next attempt takes the temporary file over
 * and continues it. It does so by renaming the file, which only one process can do.
 *
 * @param url see {@link fileUrl}
 * @param path where to write; missing folders are made
 * @throws DataError if the hub refuses, if an attempt brings no new bytes, or if the content has another hash
 */
export async function download(url: string, file: HubFile, path: string, options: DownloadOptions): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const incomplete = `${path}.${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}.incomplete`;
  await takeOver(path, incomplete);
  try {
    let done = await sizeOf(incomplete);
    if (done > file.size) {
      await rm(incomplete);
      done = 0;
    }
    while (done < file.size) {
      const before = done;
      const failure = await fetchRest(url, file, incomplete, before, options);
      done = await sizeOf(incomplete);
      if (failure && done <= before) throw failure;
    }
    // An empty file needs no request.
    if (file.size === 0) await writeFile(incomplete, '');
    if ((await hashOf(incomplete, file)) !== file.hash) {
      await rm(incomplete);
      const hint = 'The file was deleted; pull again.';
      throw hubError(file.path, `content with the hash ${file.hash}`, 'another', hint);
    }
    await rename(incomplete, path);
  } catch (error) {
    await rename(incomplete, `${path}.incomplete`).catch(() => {});
    throw error;
  }
}

/** Takes over a temporary file of another attempt that failed, or whose process on this machine is gone. */
async function takeOver(path: string, incomplete: string): Promise<void> {
  const name = basename(path);
  const left = (await readdir(dirname(path))).filter((other) => {
    if (!other.startsWith(`${name}.`) || !other.endsWith('.incomplete')) return false;
    const owner = other.slice(name.length + 1, -'.incomplete'.length);
    if (other === `${name}.incomplete`) return true;
    const pid = /^-(\d+)-\w+$/.exec(owner.startsWith(hostname()) ? owner.slice(hostname().length) : '')?.[1];
    return pid !== undefined && !isAlive(Number(pid));
  });
  for (const other of left) {
    const taken = await rename(join(dirname(path), other), incomplete).then(
      () => true,
      () => false,
    );
    if (taken) return;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of another user is alive, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** One request for the bytes that are missing. @returns the error that ended it early, if any */
async function fetchRest(
  url: string,
  file: HubFile,
  incomplete: string,
  from: number,
  { token, onProgress }: DownloadOptions,
): Promise<Error | undefined> {
  const headers: Record<string, string> = { 'Accept-Encoding': 'identity' };
  if (from > 0) headers.Range = `bytes=${from}-`;
  if (token) headers.Authorization = `Bearer ${token}`;
  let response: Response;
  try {
    response = await fetch(url, { headers });
  } catch (error) {
    const { message, cause } = error as Error;
    return hubError(
      file.path,
      `available at ${url}`,
      cause instanceof Error ? cause.message : message,
      undefined,
      error,
    );
  }
  const { status, body } = response;
  const goesOn = status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${from}-`);
  if (!body || (status !== 200 && !goesOn)) {
    await body?.cancel();
    throw hubError(file.path, `available at ${url}`, `status ${status}`, statusHint(status));
  }
  // A server that does not support ranges sends the whole file: start again from the first byte.
  let done = goesOn ? from : 0;
  const count = new Transform({
    transform(chunk: Uint8Array, _, next) {
      done += chunk.byteLength;
      onProgress(done);
      next(done > file.size ? new Error(`more than the ${file.size} bytes that the hub announced`) : null, chunk);
    },
  });
  const target = createWriteStream(incomplete, { flags: goesOn ? 'a' : 'w' });
  try {
    await pipeline(Readable.fromWeb(body as ReadableStream<Uint8Array>), count, target);
  } catch (error) {
    // Buffered bytes are still being written. Wait for them: the next attempt needs the true size.
    if (!target.closed) await new Promise<void>((resolve) => target.once('close', () => resolve()));
    return hubError(
      file.path,
      `complete, ${file.size} bytes`,
      (error as Error).message,
      'Pull again to continue.',
      error,
    );
  }
  if (done >= file.size) return undefined;
  return hubError(file.path, `complete, ${file.size} bytes`, `${done} bytes`, 'Pull again to continue.');
}

async function hashOf(path: string, { hash, size }: HubFile): Promise<string> {
  const hasher: Hash = createHash(hash.length === 64 ? 'sha256' : 'sha1');
  // Git hashes a header before the content.
  if (hash.length === 40) hasher.update(`blob ${size}\0`);
  await pipeline(createReadStream(path), hasher);
  return hasher.digest('hex');
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
