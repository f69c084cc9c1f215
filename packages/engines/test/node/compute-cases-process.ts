// Prints, as JSON, what every op case gives on the engine named on the command line.
import { useBackend } from '@ltml/engines';
import * as tf from '@tensorflow/tfjs-core';
import { computeCases } from '../compute-cases.ts';

const engine = process.argv[2] as Parameters<typeof useBackend>[0];
await useBackend(engine);
// Small inputs would be computed on the host, by the reference's own code.
if (engine === 'webgpu') tf.env().set('WEBGPU_CPU_FORWARD', false);
const results = await computeCases();
process.stdout.write(JSON.stringify(results), () => process.exit(0));
