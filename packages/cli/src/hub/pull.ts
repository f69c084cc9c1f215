import { OptionError } from '@ltml/tensor';
import { download } from './download.ts';
import { exists, HubCache } from './hub-cache.ts';
import { describeFiles, fileUrl, findModel, type HubFile, hubError } from './hub-model.ts';
import { type HubSettings, hubSettings } from './hub-settings.ts';

/** Options of {@link pull}. */
export interface PullOptions {
  /** Branch, tag, commit or `refs/pr/N`; default `main`. */
  readonly revision?: string;
  /** Paths of files in the repository; default: the weights, and configuration and tokenizer if the model has them. */
  readonly files?: readonly string[];
  /** Default: {@link hubSettings}. */
  readonly settings?: HubSettings;
  /** Called with the bytes so far, the bytes in total, and the file that is being downloaded. */
  readonly onProgress?: (done: number, total: number, path: string) => void;
}

/** Files of a model, now in the cache. */
export interface Pulled {
  readonly repository: string;
  readonly commit: string;
  readonly files: readonly PulledFile[];
}

/** A file of a model, now in the cache. */
export interface PulledFile {
  /** Path in the repository. */
  readonly path: string;
  /** Path on this machine. */
  readonly file: string;
  /** Whether its content was in the cache before. */
  readonly already: boolean;
}

/**
 * Files with weights, the preferred one first: both towers of CLIP in OpenAI's layout, then the network in its
 * library's layout.
 */
const weightFiles = ['open_clip_model.safetensors', 'model.safetensors'];
const companions = ['config.json', 'open_clip_config.json', 'tokenizer.json'];

/**
 * Downloads files of a model from the Hugging Face hub into the cache that the hub's programs share.
 *
 * The revision is resolved to a commit once; all files are from that commit. No request is made if the revision is a
 * full commit hash and its files are in the cache, or if `HF_HUB_OFFLINE` is set: then only the cache is used.
 *
 * @param repository `owner/name`
 * @throws DataError if the hub refuses, a file is missing, or a download fails
 * @throws OptionError for an unsafe name, revision or path
 */
export async function pull(repository: string, options: PullOptions = {}): Promise<Pulled> {
  checkNames(repository, options);
  const { revision = 'main', files: wanted, settings = hubSettings(), onProgress = () => {} } = options;
  const cache = new HubCache(repository);
  const cached = await findCached(cache, revision, wanted);
  if (cached && (cached.commit === revision || settings.offline)) return { repository, ...cached };
  if (settings.offline) {
    const hint = 'HF_HUB_OFFLINE is set; unset it to download them.';
    throw hubError(repository, `in the cache at ${revision}, with its files`, 'something missing', hint);
  }
  const model = await findModel(repository, revision, settings);
  const files = await describeFiles(repository, model.commit, wanted ?? chooseFiles(repository, model.files), settings);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const pulled: PulledFile[] = [];
  let before = 0;
  for (const file of files) {
    const progress = (done: number): void => onProgress(before + done, total, file.path);
    pulled.push(await pullFile(repository, model.commit, file, cache, settings, progress));
    before += file.size;
  }
  if (revision !== model.commit) await cache.rememberCommit(revision, model.commit);
  return { repository, commit: model.commit, files: pulled };
}

async function pullFile(
  repository: string,
  commit: string,
  file: HubFile,
  cache: HubCache,
  settings: HubSettings,
  onProgress: (done: number) => void,
): Promise<PulledFile> {
  const blob = cache.blob(file.hash);
  const already = await exists(blob);
  if (!already) {
    const url = fileUrl(repository, commit, file.path, settings);
    await download(url, file, blob, { token: settings.token, onProgress });
  }
  return { path: file.path, file: await cache.link(commit, file.path, file.hash), already };
}

/**
 * The files of a revision in the cache: all wanted files, or the weights and the files beside them. Undefined if some
 * are missing.
 */
async function findCached(
  cache: HubCache,
  revision: string,
  wanted: readonly string[] | undefined,
): Promise<Omit<Pulled, 'repository'> | undefined> {
  const commit = /^[0-9a-f]{40}$/.test(revision) ? revision : await cache.commitOf(revision);
  if (!commit) return undefined;
  const candidates = wanted ?? [...weightFiles, ...companions];
  const present: string[] = [];
  for (const path of candidates) if (await cache.has(commit, path)) present.push(path);
  const isEnough = wanted ? present.length === wanted.length : present.some((path) => weightFiles.includes(path));
  if (!isEnough) return undefined;
  return { commit, files: present.map((path) => ({ path, file: cache.file(commit, path), already: true })) };
}

function chooseFiles(repository: string, files: readonly string[]): string[] {
  const weights = weightFiles.find((path) => files.includes(path));
  // The weights come last: if they are in the cache, an earlier download that was cut short has brought all other
  // files.
  if (weights) return [...companions.filter((path) => files.includes(path)), weights];
  const others = files.filter((path) => /\.(bin|pt|pth|safetensors|onnx|h5)$/.test(path));
  throw hubError(
    repository,
    `a model with ${weightFiles.join(' or ')}`,
    others.join(', ') || 'no weights',
    'Name a file with --file, or a revision that has safetensors with --revision, e.g. refs/pr/1.',
  );
}

function checkNames(repository: string, { revision = 'main', files = [] }: PullOptions): void {
  const part = '[\\w.-]+';
  const isName = new RegExp(`^${part}/${part}$`).test(repository) && !repository.includes('..');
  if (!isName) throw unsafe('the model', 'of the form owner/name', repository);
  // Revision and files become paths in the cache.
  for (const [what, path] of [['--revision', revision], ...files.map((file) => ['--file', file])]) {
    const isInside = path !== '' && path.split('/').every((step) => step !== '' && step !== '.' && step !== '..');
    if (!isInside || /[\\:\0]/.test(path)) throw unsafe(what, 'a path without . and ..', path);
  }
}

function unsafe(argument: string, expected: string, received: string): OptionError {
  return new OptionError({ where: 'weights pull', argument, expected, received: `"${received}"` });
}
