import { HubApiError, modelInfo, pathsInfo } from '@huggingface/hub';
import { DataError } from '@ltml/tensor';
import type { HubSettings } from './hub-settings.ts';

/** A model at one commit. */
export interface HubModel {
  readonly commit: string;
  /** Paths of all its files. */
  readonly files: readonly string[];
}

/** A file at one commit. */
export interface HubFile {
  readonly path: string;
  readonly size: number;
  /** Its name among the blobs of the cache: a sha256 for large files, Git's sha1 for others. */
  readonly hash: string;
}

/** Asks which commit a revision is at, and what files it has. */
export async function findModel(repository: string, revision: string, settings: HubSettings): Promise<HubModel> {
  const model = await ask(repository, revision, () =>
    modelInfo({ name: repository, revision, additionalFields: ['sha', 'filePaths'], ...connection(settings) }),
  );
  return { commit: checkHash(repository, model.sha, /^[0-9a-f]{40}$/), files: model.filePaths };
}

/** Asks for sizes and hashes. @throws DataError for a path that the commit does not have */
export async function describeFiles(
  repository: string,
  commit: string,
  paths: readonly string[],
  settings: HubSettings,
): Promise<HubFile[]> {
  const found = await ask(repository, commit, () =>
    pathsInfo({ repo: repository, revision: commit, paths: [...paths], ...connection(settings) }),
  );
  return paths.map((path) => {
    const info = found.find((candidate) => candidate.path === path && candidate.type === 'file');
    if (!info) throw hubError(repository, `a file ${path} at ${commit}`, 'no such file');
    // Before lfs was there, its pointer had the plain hash; that of the content stands in lfs.
    const hash = info.lfs
      ? checkHash(path, info.lfs.oid, /^[0-9a-f]{64}$/)
      : checkHash(path, info.oid, /^[0-9a-f]{40}$/);
    return { path, size: info.lfs?.size ?? info.size, hash };
  });
}

/** Where a file's content is to be had. */
export function fileUrl(repository: string, commit: string, path: string, { endpoint }: HubSettings): string {
  return `${endpoint}/${repository}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

export function hubError(
  repository: string,
  expected: string,
  received: string,
  hint?: string,
  cause?: unknown,
): DataError {
  return new DataError({
    where: 'weights pull',
    argument: repository,
    expected,
    received,
    ...(hint && { hint }),
    cause,
  });
}

/** What a status that is no success means for whoever pulls. */
export function statusHint(status: number): string | undefined {
  if (status === 401 || status === 403) {
    return 'Private and gated models need a token in HF_TOKEN, gated ones their terms accepted on the hub too.';
  }
  return status === 404 ? 'Look for the name and the revision on the hub.' : undefined;
}

function connection({ endpoint, token }: HubSettings): { hubUrl: string; accessToken?: string } {
  return { hubUrl: endpoint, ...(token && { accessToken: token }) };
}

async function ask<T>(repository: string, revision: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    const { message } = error as Error;
    const hint = error instanceof HubApiError ? statusHint(error.statusCode) : undefined;
    const reason =
      error instanceof Error && error.cause instanceof Error ? `${message}: ${error.cause.message}` : message;
    throw hubError(repository, `a model on the hub at ${revision}`, reason, hint, error);
  }
}

/** Hashes become names of files: nothing else may. */
function checkHash(what: string, hash: unknown, form: RegExp): string {
  if (typeof hash === 'string' && form.test(hash)) return hash;
  throw hubError(what, 'with a hash from the hub', JSON.stringify(hash) ?? 'none');
}
