import { HubApiError, modelInfo, pathsInfo } from '@huggingface/hub';
import { DataError } from '@ltml/tensor';
import type { HubSettings } from './hub-settings.ts';

/** A model at one commit. */
export interface HubModel {
  readonly commit: string;
  /** Paths of all files of the commit. */
  readonly files: readonly string[];
}

/** A file of a model at one commit. */
export interface HubFile {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Name of its content in the cache: the sha256 for large files, Git's sha1 for others. */
  readonly hash: string;
}

/** Asks the hub for the commit of a revision, and for its files. @throws DataError if the hub refuses */
export async function findModel(repository: string, revision: string, settings: HubSettings): Promise<HubModel> {
  const model = await ask(repository, revision, () =>
    modelInfo({ name: repository, revision, additionalFields: ['sha', 'filePaths'], ...connection(settings) }),
  );
  return { commit: checkHash(repository, model.sha, /^[0-9a-f]{40}$/), files: model.filePaths };
}

/** Asks the hub for sizes and hashes of files. @throws DataError for a path that the commit does not have */
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
    if (!info) throw hubError(repository, `a model with the file ${path} at ${commit}`, 'no such file');
    // For a file in LFS, `oid` is the hash of a small pointer file; `lfs.oid` is the hash of the content.
    const hash = info.lfs
      ? checkHash(path, info.lfs.oid, /^[0-9a-f]{64}$/)
      : checkHash(path, info.oid, /^[0-9a-f]{40}$/);
    return { path, size: info.lfs?.size ?? info.size, hash };
  });
}

/** URL of the content of a file. */
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

/** A hint for the user, by the HTTP status of a failed request. */
export function statusHint(status: number): string | undefined {
  if (status === 401 || status === 403) {
    return 'Private and gated models need a token in HF_TOKEN. For gated models also accept their terms on the hub.';
  }
  return status === 404 ? 'Check the name and the revision on the hub.' : undefined;
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

/** Checks a hash before it becomes a file name: nothing else may. */
function checkHash(what: string, hash: unknown, form: RegExp): string {
  if (typeof hash === 'string' && form.test(hash)) return hash;
  throw hubError(what, 'a file with a valid hash from the hub', JSON.stringify(hash) ?? 'none');
}
