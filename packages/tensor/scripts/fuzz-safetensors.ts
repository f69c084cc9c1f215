/**
 * Mutates a small safetensors file over and over: each result is read rightly or refused by a DataError.
 *
 *   npx tsx packages/tensor/scripts/fuzz-safetensors.ts [files, default 100000] [seed, default 1]
 */
import { RandomStream } from '../src/index.ts';
import { smallFile } from '../test/mutated-files.ts';
import { readMutated } from '../test/safetensors-mutated.ts';

const [files = 100_000, seed = 1] = process.argv.slice(2).map(Number);
const random = new RandomStream(seed);
const counts = { read: 0, refused: 0 };
for (let i = 0; i < files; i++) counts[readMutated(smallFile(), random)]++;
console.log(`seed ${seed}: ${counts.read} read, ${counts.refused} refused, none wrong`);
