import { existsSync, readFileSync } from 'node:fs';

const versionFile = '/proc/driver/nvidia/version';

/** The oldest driver that supports CUDA 12. */
const oldestDriver = 525;

/**
 * A hint for a TensorFlow with CUDA that finds no graphics card: the driver is missing, too old, or there is another
 * reason.
 */
export function adviceOnDriver(
  driver: string = existsSync(versionFile) ? readFileSync(versionFile, 'utf8') : '',
): string {
  const version = /Kernel Module(?: for \S+)?\s+([\d.]+)/.exec(driver)?.[1];
  const update = `Install NVIDIA's driver ${oldestDriver} or later`;
  if (!version) return `${update}: there is no driver, or this process can't see it (a container needs --gpus all)`;
  if (Number.parseInt(version, 10) < oldestDriver) return `${update}: ${version} is too old for CUDA 12`;
  return `Check CUDA_VISIBLE_DEVICES, and install again (ltml native install --gpu): driver ${version} is there`;
}
