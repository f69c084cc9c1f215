// Writes src/resize/resample-simd.generated.ts from resample-simd.wat.
//   node --import tsx packages/images/scripts/assemble.ts
import { writeFileSync } from 'node:fs';
import { assemble } from '../test/assemble.ts';

writeFileSync(
  new URL('../src/resize/resample-simd.generated.ts', import.meta.url),
  `// Made of resample-simd.wat by scripts/assemble.ts.
export const resampleModule: string =
  '${await assemble()}';
`,
);
