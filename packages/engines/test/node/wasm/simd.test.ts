import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { assemble, moduleNames, simdFolder } from '../../assemble.ts';

test.each(moduleNames())('the generated module %s is that of its text', async (name) => {
  expect(readFileSync(new URL(`${name}.generated.ts`, simdFolder), 'utf8')).toBe(await assemble(name));
});
