import { existsSync, readFileSync } from 'node:fs';

const versionFile = '/proc/driver/nvidia/version';

/** The first driver that CUDA 12 runs on. */
const oldestDriver = 525;

/** What to do about a TensorFlow for CUDA that finds no card, by the driver: none, one too old, or another reason. */
export function adviceOnDriver(
  driver: string = existsSync(versionFile) ? readFileSync(versionFile, 'utf8') : '',
): string {
  const version = /Kernel Module(?: for \S+)?\s+([\d.]+)/.exec(driver)?.[1];
  const update = `Install NVIDIA's driver ${oldestDriver} or later`;
  if (!version) return `${update}: there is none, or this process may not see it (a container needs --gpus all)`;
  if (Number.parseInt(version, 10) < oldestDriver) return `${update}: ${version} is too old for CUDA 12`;
  return `Check CUDA_VISIBLE_DEVICES, and install again (ltml native install --gpu): driver ${version} is there`;
}
