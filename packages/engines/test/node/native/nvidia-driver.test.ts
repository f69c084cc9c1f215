import { expect, test } from 'vitest';
import { adviceOnDriver } from '../../../src/node/native/nvidia-driver.ts';

const file = (
  version: string,
) => `NVRM version: NVIDIA UNIX x86_64 Kernel Module  ${version}  Sat Aug 23 01:15:15 UTC 2025
GCC version:  gcc version 12.2.0\n`;

test('the advice is by the driver', () => {
  expect(adviceOnDriver('')).toMatch(/^Install NVIDIA's driver 525 or later: there is no driver/);
  expect(adviceOnDriver(file('470.256.02'))).toBe(
    "Install NVIDIA's driver 525 or later: 470.256.02 is too old for CUDA 12",
  );
  expect(adviceOnDriver(file('580.95.05'))).toMatch(/^Check CUDA_VISIBLE_DEVICES.*driver 580\.95\.05 is there$/);
  const open = 'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build\n';
  expect(adviceOnDriver(open)).toMatch(/driver 570\.86\.15 is there$/);
});
