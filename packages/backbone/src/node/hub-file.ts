import { access, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '@ltml/tensor';

/** A model on the Hugging Face hub, at a commit, a branch or a tag. */
export interface HubReference {
  /** `owner/name` */
  readonly model: string;
  /** Default `main`. */
  readonly revision?: string | undefined;
  /** The file of it; its weights if left out. */
  readonly file?: string | undefined;
}

/** Both towers of CLIP in OpenAI's names, else the network in its library's. */
const weightFiles = ['open_clip_model.safetensors', 'model.safetensors'];

/**
 * The path of a model's weights, or of another file of it, in the cache that all programs for the Hugging Face hub share (`$HF_HUB_CACHE`, else
 * `$HF_HOME/hub`, else `~/.cache/huggingface/hub`). Nothing is fetched.
 *
 * @throws DataError if it is not there, with the command that fetches it
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
    received: 'none there',
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
