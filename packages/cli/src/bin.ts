#!/usr/bin/env node
import { main } from './program.ts';

// A reader that has seen enough, as in `ltml predict … | head`, is no failure.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1));

process.exitCode = await main(process.argv.slice(2));
