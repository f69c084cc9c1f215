import { fstatSync, ftruncateSync, writeSync } from 'node:fs';
import { DataError, type HostTensor } from '@ltml/tensor';
import { writeFileAtomically, writeSafetensorsFile } from '@ltml/tensor/node';

// Every file of a run is written all or nothing. If the system refuses a write (e.g. the disk is full), a DataError
// names file and reason, and the previous file stays.

/** Writes lines of text. */
export function saveText(path: string, lines: readonly string[]): Promise<void> {
  return saving(path, writeFileAtomically(path, lines));
}

/** Writes a value as indented JSON. */
export function saveJson(path: string, value: unknown): Promise<void> {
  return saveText(path, [`${JSON.stringify(value, null, 2)}\n`]);
}

/** Writes tensors as a safetensors file. */
export function saveTensors(
  path: string,
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  return saving(path, writeSafetensorsFile(path, tensors, { metadata }));
}

/**
 * Appends a record to a log at once, so that a killed run keeps its records. If the record does not fit on the disk,
 * the file is cut back to its previous length.
 *
 * @param file descriptor, open for appending
 */
export function append(path: string, file: number, record: Uint8Array): void {
  try {
    const { size } = fstatSync(file);
    try {
      for (let done = 0; done < record.length; ) done += writeSync(file, record, done);
    } catch (error) {
      ftruncateSync(file, size);
      throw error;
    }
  } catch (cause) {
    throw savingError(path, cause);
  }
}

/** Waits for a write. System errors become a DataError that names the file. */
export async function saving<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw savingError(path, cause);
  }
}

/** Converts a system error of a write to a DataError; other errors are returned unchanged. */
export function savingError(path: string, cause: unknown): unknown {
  if (!isSystemError(cause)) return cause;
  return new DataError({
    where: 'saving a run',
    argument: path,
    expected: 'writable',
    received: reasons[cause.code] ?? cause.message,
    hint: 'Files written before are intact; the run can be resumed from its last checkpoint.',
    cause,
  });
}

/** Converts a system error of a read to a DataError; other errors are returned unchanged. */
export function readingError(where: string, path: string, cause: unknown): unknown {
  if (!isSystemError(cause)) return cause;
  return new DataError({ where, argument: path, expected: 'readable', received: cause.message, cause });
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'a full disk (ENOSPC)',
  EDQUOT: 'an exhausted quota (EDQUOT)',
  EFBIG: 'a file larger than the system allows (EFBIG)',
};

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).errno === 'number';
}
