import { access, copyFile, mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { getHFHubCachePath, getRepoFolderName } from '@huggingface/hub';
import { writeFileAtomically } from '@ltml/tensor/node';

/**
 * A model's folder in the cache that all programs of the Hugging Face hub share: `$HF_HUB_CACHE`, else `$HF_HOME/hub`,
 * else `~/.cache/huggingface/hub`.
 *
 * - `blobs`: contents, each named by its hash
 * - `snapshots`: the files of a commit, as links to blobs
 * - `refs`: the last known commit of each branch
 */
export class HubCache {
  readonly folder: string;

  /** @param repository e.g. `timm/resnet101.tv_in1k` */
  constructor(repository: string) {
    this.folder = join(getHFHubCachePath(), getRepoFolderName({ type: 'model', name: repository }));
  }

  /** Path of the content with this hash, whether it exists or not. */
  blob(hash: string): string {
    return join(this.folder, 'blobs', hash);
  }

  /** Path of a file of a commit, whether it exists or not. */
  file(commit: string, path: string): string {
    return join(this.folder, 'snapshots', commit, path);
  }

  /** Whether a file of a commit is in the cache, with its content. */
  async has(commit: string, path: string): Promise<boolean> {
    return exists(this.file(commit, path));
  }

  /** Makes a file of a commit as a link to its content, or as a copy if links are not possible. @returns its path */
  async link(commit: string, path: string, hash: string): Promise<string> {
    const file = this.file(commit, path);
    if (await exists(file)) return file;
    await mkdir(dirname(file), { recursive: true });
    try {
      await symlink(relative(dirname(file), this.blob(hash)), file);
    } catch (error) {
      // Another process made it first; or this is Windows, which lets only administrators make links.
      if (!(await exists(file))) await copyFile(this.blob(hash), file);
      else if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    return file;
  }

  /** The last known commit of a branch, a tag or a pull request. */
  async commitOf(revision: string): Promise<string | undefined> {
    const text = await readFile(this.#ref(revision), 'utf8').catch(() => undefined);
    return text?.trim() || undefined;
  }

  /** Stores the commit of a branch, a tag or a pull request. */
  async rememberCommit(revision: string, commit: string): Promise<void> {
    await mkdir(dirname(this.#ref(revision)), { recursive: true });
    await writeFileAtomically(this.#ref(revision), [commit]);
  }

  #ref(revision: string): string {
    return join(this.folder, 'refs', revision);
  }
}

/** Whether a path exists; a link whose target is missing does not. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
