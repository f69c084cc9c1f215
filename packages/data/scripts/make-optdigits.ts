// Writes src/optdigits.generated.ts from the data set's CSV: 64 pixels row by row, then the digit.
//   node --import tsx packages/data/scripts/make-optdigits.ts path/to/optdigits.csv.gz
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { packLevels } from '../src/optdigits-packing.ts';

const path = process.argv[2];
if (!path) throw new Error('usage: make-optdigits.ts path/to/optdigits.csv.gz');
const csv = gunzipSync(readFileSync(path)).toString('latin1').trim();
const packed = csv.split('\n').map((line) => packLevels([...line.split(',').map(Number), 0]));
writeFileSync(
  new URL('../src/optdigits.generated.ts', import.meta.url),
  `// Made by scripts/make-optdigits.ts. Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, 1998,
// UCI Machine Learning Repository, CC BY 4.0. A line is an image: 64 pixels 0 … 16, the digit, a zero.
export const packedOptdigits: string = \`${packed.join('\n')}\`;
`,
);
console.log(`${packed.length} digits`);
