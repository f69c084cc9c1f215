import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { installError } from './install-error.ts';
import { run } from './run-program.ts';

/**
 * Fetches wheels by the user's own pip, so that their mirror, proxy and certificates hold, and checks their hashes.
 *
 * Nothing of Python is used of the wheels: any version of it does for the download.
 *
 * @param requirements such as `tensorflow-cpu==2.21.0`
 * @returns paths of the wheels
 * @throws NotSupportedError if pip is missing or cannot fetch them
 */
export async function downloadWheels(
  requirements: readonly string[],
  tags: readonly string[],
  folder: string,
): Promise<string[]> {
  const args = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--dest', folder];
  // The Python version names the wheel only; 3.11 has one for every TensorFlow from 2.12 on.
  args.push('--only-binary=:all:', '--implementation=cp', '--python-version=3.11');
  args.push(...tags.map((tag) => `--platform=${tag}`), ...requirements);
  const { code, output } = await run(process.env.PYTHON || 'python3', args);
  if (code !== 0) throw pipError(requirements, output);
  return (await readdir(folder)).filter((file) => file.endsWith('.whl')).map((file) => join(folder, file));
}

function pipError(requirements: readonly string[], output: string): Error {
  const offline = 'on a machine without network, bring a wheel and give its path: --from WHEEL';
  if (output.includes('ENOENT') || output.includes('No module named pip')) {
    const hint = `Install it (Debian: apt-get install python3-pip; or set PYTHON to another interpreter), or, ${offline}`;
    return installError('pip', 'there, to fetch the TensorFlow wheel', 'no python3 with pip', hint);
  }
  const lines = output.split('\n').filter((line) => line.startsWith('ERROR:'));
  const last = (lines[0] ?? output.trim().split('\n').at(-1) ?? 'no message').replace(/^ERROR: /, '');
  const hint = `Check the version, and pip's network settings (python3 -m pip config list); ${offline}`;
  return installError(requirements.join(' '), 'fetched by pip', `"${last}"`, hint);
}
