// Writes src/kernels/wasm/simd/<name>.generated.ts from <name>.wat:
//   node --import tsx packages/engines/scripts/assemble.ts
import { writeFileSync } from 'node:fs';
import { assemble, moduleNames, simdFolder } from '../test/assemble.ts';

for (const name of moduleNames()) writeFileSync(new URL(`${name}.generated.ts`, simdFolder), await assemble(name));
