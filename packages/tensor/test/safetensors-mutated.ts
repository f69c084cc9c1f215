import { DataError, type HostTensor, type RandomStream, readSafetensors, writeSafetensors } from '../src/index.ts';
import { mutate } from './mutated-files.ts';

/**
 * Reads a mutated file and holds what was read against a reading of its own: the bytes that the header's offsets name.
 *
 * @returns whether the file was read or refused
 * @throws Error, with the file in base 64, if the refusal is no DataError or the reading is wrong
 */
export function readMutated(file: Uint8Array, random: RandomStream): 'read' | 'refused' {
  const bytes = mutate(file, random);
  const wrong = (what: unknown): Error =>
    new Error(`${what} for the file ${Buffer.from(bytes).toString('base64')}`, { cause: what });
  let tensors: ReadonlyMap<string, HostTensor>;
  let metadata: Readonly<Record<string, string>>;
  try {
    ({ tensors, metadata } = readSafetensors(bytes));
  } catch (error) {
    if (!DataError.is(error)) throw wrong(error);
    return 'refused';
  }
  const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)));
  let total = 8 + headerLength;
  for (const [name, { dtype, shape, data }] of tensors) {
    const entry = header[name];
    const [begin, end] = entry.data_offsets;
    total += end - begin;
    if (`${entry.shape}` !== `${shape}`) throw wrong(`another shape of ${name}`);
    // Widened formats have no bytes to compare.
    if (entry.dtype !== dtype) continue;
    const stored = bytes.subarray(8 + headerLength + begin, 8 + headerLength + end);
    const got = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (Buffer.compare(stored, got) !== 0) throw wrong(`other numbers of ${name}`);
  }
  const names = Object.keys(header).filter((name) => name !== '__metadata__');
  if (names.length !== tensors.size || total !== bytes.length) throw wrong('tensors left out');
  const again = readSafetensors(writeSafetensors(tensors, { metadata }));
  if (again.tensors.size !== tensors.size) throw wrong('another file written');
  return 'read';
}
