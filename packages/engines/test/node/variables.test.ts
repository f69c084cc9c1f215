import { OptionError } from '@ltml/tensor';
import { afterEach, expect, test, vi } from 'vitest';
import { useBackend } from '../../src/node/backend.ts';
import { examine } from '../../src/node/doctor/inspect.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test.each([
  ['LTML_CPU', 'avx1024', /LTML_CPU.*one of.*portable.*"avx1024"/],
  ['LTML_THREADS', '0', /LTML_THREADS.*1 or more.*"0"/],
  ['LTML_GPU_MEMORY', '8GB', /LTML_GPU_MEMORY.*above 0 and up to 1.*"8GB"/],
])('a wrong %s is refused, and held against no engine', async (name, value, message) => {
  vi.stubEnv(name, value);
  await expect(useBackend()).rejects.toThrow(message);
  await expect(examine({ speed: false })).rejects.toThrow(OptionError);
});
