import type { HostTensor } from '@ltml/tensor';

/** Reads the files of a model bundle, from a folder or below a URL. */
export interface ModelFiles {
  /** Path or URL of a file, for error messages. */
  place(name: string): string;
  /** Text of a file. @throws UsageError if it does not exist */
  text(name: string): Promise<string>;
  /**
   * Tensors of a file.
   *
   * @param sha256 expected hash of the whole file
   * @throws DataError if the file does not exist or has another hash
   */
  tensors(name: string, sha256: string): Promise<ReadonlyMap<string, HostTensor>>;
}
