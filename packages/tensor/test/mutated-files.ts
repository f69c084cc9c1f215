import { type HostTensor, type RandomStream, writeSafetensors } from '../src/index.ts';

/** A small safetensors file of several formats. */
export function smallFile(): Uint8Array {
  const tensors = new Map<string, HostTensor>([
    ['a', { dtype: 'F32', shape: [2, 3], data: Float32Array.from([1, 2, 3, 4, 5, 6]) }],
    ['b.weight', { dtype: 'I64', shape: [2], data: BigInt64Array.of(7n, -8n) }],
    ['c', { dtype: 'BOOL', shape: [3], data: Uint8Array.of(0, 1, 1) }],
    ['empty', { dtype: 'U8', shape: [0, 4], data: new Uint8Array(0) }],
    ['scalar', { dtype: 'F64', shape: [], data: Float64Array.of(0.5) }],
  ]);
  return writeSafetensors(tensors, { metadata: { note: 'any "text"\n' } });
}

const splices = ['"', '{', '[', '}', ',', ':', '\\u0061', '-1', '1e9', '0.5', '99999999999999999999', 'null', 'true'];

/** A file with one to four faults: bits, bytes, pieces of JSON, numbers of the header, length, a cut, a repetition. */
export function mutate(file: Uint8Array, random: RandomStream): Uint8Array {
  let bytes = Array.from(file);
  for (let faults = 1 + random.integer(4); faults > 0; faults--) {
    const at = random.integer(bytes.length + 1);
    switch (random.integer(7)) {
      case 0:
        bytes[Math.min(at, bytes.length - 1)] ^= 1 << random.integer(8);
        break;
      case 1:
        bytes[Math.min(at, bytes.length - 1)] = random.integer(256);
        break;
      case 2: {
        const piece = new TextEncoder().encode(splices[random.integer(splices.length)]);
        bytes.splice(8 + random.integer(Math.max(1, bytes.length - 8)), random.integer(3), ...piece);
        break;
      }
      case 3:
        bytes = replaceNumber(bytes, random);
        break;
      case 4:
        bytes[random.integer(8)] = random.integer(256);
        break;
      case 5:
        bytes = bytes.slice(0, at);
        break;
      case 6:
        bytes.splice(at, 0, ...bytes.slice(at, at + random.integer(64)));
    }
    if (bytes.length === 0) bytes = [0];
  }
  return Uint8Array.from(bytes);
}

/** Another number in the place of one of the header, of as many digits. */
function replaceNumber(bytes: number[], random: RandomStream): number[] {
  const text = String.fromCharCode(...bytes);
  const numbers = [...text.matchAll(/\d+/g)];
  if (numbers.length === 0) return bytes;
  const chosen = numbers[random.integer(numbers.length)];
  const other = Array.from(chosen[0], () => random.integer(10)).join('');
  const mutated = text.slice(0, chosen.index) + other + text.slice(chosen.index + chosen[0].length);
  return Array.from(mutated, (character) => character.charCodeAt(0));
}
