import type { InputSource } from '@ltml/data';

/** Features that are on disk. */
export interface StoredInputs {
  readonly inputs: InputSource;
  readonly folder: string;
  readonly storage: string;
  /** What it cost to store them so: of one number at most, and of all together as a share. */
  readonly error: { readonly largest: number; readonly relative: number };
  close(): Promise<void>;
}
