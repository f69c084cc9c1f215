import { readdirSync, readFileSync } from 'node:fs';
import wabt from 'wabt';

/** Where our modules of WebAssembly lie. */
export const simdFolder = new URL('../src/kernels/wasm/simd/', import.meta.url);

/** The memory of the engine as a module imports it: of one thread, and shared with others. */
const memories = { single: '1', shared: '1 65536 shared' } as const;

/** The names of the modules: `update` for update.wat. */
export function moduleNames(): string[] {
  return readdirSync(simdFolder).flatMap((file) => /^(.*)\.wat$/.exec(file)?.[1] ?? []);
}

/** The text of the generated file of a module. */
export async function assemble(name: string): Promise<string> {
  const { parseWat } = await wabt();
  const text = readFileSync(new URL(`${name}.wat`, simdFolder), 'utf8');
  const codes = Object.entries(memories).map(([key, memory]) => {
    const module = parseWat(`${name}.wat`, text.replace('MEMORY', memory), { simd: true, threads: true });
    const { buffer } = module.toBinary({});
    // Tells what is wrong; wabt's own check knows no shared memory.
    new WebAssembly.Module(new Uint8Array(buffer));
    return `  ${key}:\n    '${Buffer.from(buffer).toString('base64')}',`;
  });
  return `// Made of ${name}.wat by scripts/assemble.ts.\nexport const code: Readonly<Record<'single' | 'shared', string>> = {\n${codes.join('\n')}\n};\n`;
}
