import { access, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '@ltml/tensor';

/** A model on the Hugging Face hub, at a commit, branch or tag. */
export interface HubReference {
  /** `owner/name` */
  readonly model: string;
  /** Commit, branch or tag; default `main`. */
  readonly revision?: string | undefined;
  /** The file of the model; default its weights. */
  readonly file?: string | undefined;
}

/** The first file has both towers of CLIP in OpenAI's names, the second the network in its library's names. */
const weightFiles = ['open_clip_model.safetensors', 'model.safetensors'];

/**
 * The path of a model's weights (or of another of its files) in the cache that all programs for the Hugging Face hub
 * share: `$HF_HUB_CACHE`, else `$HF_HOME/hub`, else `~/.cache/huggingface/hub`. Nothing is downloaded.
 *
 * @throws DataError if it is not there, with the command that downloads it
 */
export async function hubFile({ model, revision = 'main', file }: HubReference): Promise<string> {
  const folder = join(cacheOfHub(), `models--${model.replaceAll('/', '--')}`);
  const isCommit = /^[0-9a-f]{40}$/.test(revision);
  const commit = isCommit ? revision : await readFile(join(folder, 'refs', revision), 'utf8').catch(() => undefined);
  for (const name of commit === undefined ? [] : file === undefined ? weightFiles : [file]) {
    const path = join(folder, 'snapshots', (commit as string).trim(), name);
    if (await isThere(path)) return path;
  }
  const isOther = file !== undefined && !weightFiles.includes(file);
  const options = `${revision === 'main' ? '' : ` --revision ${revision}`}${isOther ? ` --file ${file}` : ''}`;
  const command = `ltml weights pull ${model}${options}`;
  throw new DataError({
    where: 'hubFile',
    argument: model,
    expected: `${isOther ? file : 'weights'} in the cache of the hub`,
    received: 'none',
    hint: `Fetch ${isOther ? 'it' : 'them'} with "${command}".`,
  });
}

function cacheOfHub(): string {
  const { HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } = process.env;
  const home = HF_HOME ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'huggingface');
  return HF_HUB_CACHE ?? HUGGINGFACE_HUB_CACHE ?? join(home, 'hub');
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
