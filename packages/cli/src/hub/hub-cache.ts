import { access, copyFile, mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { getHFHubCachePath, getRepoFolderName } from '@huggingface/hub';
import { writeFileAtomically } from '@ltml/tensor/node';

/**
 * A model's folder in the cache that all programs for the Hugging Face hub share (`$HF_HUB_CACHE`, else `$HF_HOME/hub`, else
 * `~/.cache/huggingface/hub`): contents by their hash in `blobs`, the files of a commit as links to them in `snapshots`,
 * and in `refs` which commit a branch was at.
 */
export class HubCache {
  readonly folder: string;

  /** @param repository e.g. `timm/resnet101.tv_in1k` */
  constructor(repository: string) {
    this.folder = join(getHFHubCachePath(), getRepoFolderName({ type: 'model', name: repository }));
  }

  /** Where the content with this hash is, or will be. */
  blob(hash: string): string {
    return join(this.folder, 'blobs', hash);
  }

  /** Where a file of a commit is, or will be. */
  file(commit: string, path: string): string {
    return join(this.folder, 'snapshots', commit, path);
  }

  /** Whether a file of a commit is there, with its content. */
  async has(commit: string, path: string): Promise<boolean> {
    return exists(this.file(commit, path));
  }

  /** Makes a file of a commit out of its content. */
  async link(commit: string, path: string, hash: string): Promise<string> {
    const file = this.file(commit, path);
    if (await exists(file)) return file;
    await mkdir(dirname(file), { recursive: true });
    try {
      await symlink(relative(dirname(file), this.blob(hash)), file);
    } catch (error) {
      // Another process was first; or Windows lets only administrators make links.
      if (!(await exists(file))) await copyFile(this.blob(hash), file);
      else if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    return file;
  }

  /** The commit that a branch, a tag or a pull request was last seen at. */
  async commitOf(revision: string): Promise<string | undefined> {
    const text = await readFile(this.#ref(revision), 'utf8').catch(() => undefined);
    return text?.trim() || undefined;
  }

  async rememberCommit(revision: string, commit: string): Promise<void> {
    await mkdir(dirname(this.#ref(revision)), { recursive: true });
    await writeFileAtomically(this.#ref(revision), [commit]);
  }

  #ref(revision: string): string {
    return join(this.folder, 'refs', revision);
  }
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
