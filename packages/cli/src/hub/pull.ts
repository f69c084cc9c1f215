import { OptionError } from '@ltml/tensor';
import { download } from './download.ts';
import { exists, HubCache } from './hub-cache.ts';
import { describeFiles, fileUrl, findModel, type HubFile, hubError } from './hub-model.ts';
import { type HubSettings, hubSettings } from './hub-settings.ts';

export interface PullOptions {
  /** Branch, tag, commit or `refs/pr/N`; default `main`. */
  readonly revision?: string;
  /** Paths of files; by default the weights, and configuration and tokenizer where there are. */
  readonly files?: readonly string[];
  readonly settings?: HubSettings;
  /** Bytes there so far, in all, and the file that is being fetched. */
  readonly onProgress?: (done: number, total: number, path: string) => void;
}

export interface Pulled {
  readonly repository: string;
  readonly commit: string;
  readonly files: readonly PulledFile[];
}

export interface PulledFile {
  /** In the repository. */
  readonly path: string;
  /** On this machine. */
  readonly file: string;
  /** Whether it was there before. */
  readonly already: boolean;
}

/** Weights by preference: both towers of CLIP in OpenAI's names, else the network in its library's names. */
const weightFiles = ['open_clip_model.safetensors', 'model.safetensors'];
const companions = ['config.json', 'open_clip_config.json', 'tokenizer.json'];

/**
 * Brings files of a model on the Hugging Face hub into the cache shared with other programs.
 *
 * The revision is resolved to a commit once and all files are those of that commit. A commit given in full whose files are
 * in the cache needs no network; nor does anything with `HF_HUB_OFFLINE`, which takes what is there.
 *
 * @throws DataError, OptionError
 */
export async function pull(repository: string, options: PullOptions = {}): Promise<Pulled> {
  checkNames(repository, options);
  const { revision = 'main', files: wanted, settings = hubSettings(), onProgress = () => {} } = options;
  const cache = new HubCache(repository);
  const cached = await findCached(cache, revision, wanted);
  if (cached && (cached.commit === revision || settings.offline)) return { repository, ...cached };
  if (settings.offline) {
    const hint = 'HF_HUB_OFFLINE is set: unset it to fetch them.';
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

/** What the cache has of a revision: all wanted files, or the weights with what accompanies them; undefined if not. */
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
  // The weights last: where they are in the cache, a run that was cut short has brought the others before.
  if (weights) return [...companions.filter((path) => files.includes(path)), weights];
  const others = files.filter((path) => /\.(bin|pt|pth|safetensors|onnx|h5)$/.test(path));
  throw hubError(
    repository,
    `with ${weightFiles.join(' or ')}`,
    others.join(', ') || 'no weights',
    'Name a file with --file, or a revision that has safetensors with --revision, e.g. refs/pr/1.',
  );
}

function checkNames(repository: string, { revision = 'main', files = [] }: PullOptions): void {
  const part = '[\\w.-]+';
  const isName = new RegExp(`^${part}/${part}$`).test(repository) && !repository.includes('..');
  if (!isName) throw unsafe('the model', 'of the form owner/name', repository);
  // They become paths in the cache.
  for (const [what, path] of [['--revision', revision], ...files.map((file) => ['--file', file])]) {
    const isInside = path !== '' && path.split('/').every((step) => step !== '' && step !== '.' && step !== '..');
    if (!isInside || /[\\:\0]/.test(path)) throw unsafe(what, 'a path without . and ..', path);
  }
}

function unsafe(argument: string, expected: string, received: string): OptionError {
  return new OptionError({ where: 'weights pull', argument, expected, received: `"${received}"` });
}
