import type { BackendName } from '@ltml/engines';
import { type Command, Option } from 'commander';
import type { DoctorOptions } from '../run/doctor.ts';

const names: readonly BackendName[] = ['tensorflow-gpu', 'tensorflow', 'webgpu', 'wasm', 'cpu'];

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('list the compute engines: which work here, how fast they are, how to fix the others')
    .option('--json', 'print the findings as JSON')
    .addOption(
      new Option('--has <engine>', 'test only this engine; exit code 0 if it works, otherwise 1').choices(names),
    )
    .option('--no-speed', 'do not measure speed (it takes about five seconds per engine)')
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import('../run/doctor.ts');
      await doctor(options);
    });
}
