import type { HostTensor } from '@ltml/tensor';

/** Where the files of a model bundle are read from: a folder, or addresses below a URL. */
export interface ModelFiles {
  /** The name of a file by its place, for errors. */
  place(name: string): string;
  /** The text of a file. @throws UsageError where it is not there */
  text(name: string): Promise<string>;
  /**
   * The tensors of a file.
   *
   * @param sha256 of the whole file
   * @throws DataError where it is not there, or another one
   */
  tensors(name: string, sha256: string): Promise<ReadonlyMap<string, HostTensor>>;
}
