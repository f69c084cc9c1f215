// Installs from the wheel named on the command line, with a fake self-test: a process for a test to kill.
import { installProven } from '../../../src/node/native/install.ts';
import { proveFake } from './fake-build.ts';

process.stdout.write('started\n');
await installProven(proveFake, { from: process.argv[2] as string });
