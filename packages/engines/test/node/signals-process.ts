// Multiplies matrices while signals arrive, eagerly and in a compiled step, and tells whether any did.
import { spawn } from 'node:child_process';
import { useBackend } from '@ltml/engines';
import { compile } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

await useBackend('tensorflow');
const [x, y] = [tf.ones<tf.Rank.R2>([64, 512]), tf.ones<tf.Rank.R2>([512, 512])];
const step = compile((x: tf.Tensor, y: tf.Tensor) => ({ z: tf.matMul(x as tf.Tensor2D, y as tf.Tensor2D) }));
let met = 0;
process.on('SIGUSR2', () => met++);
// A loop of the shell sends them as fast as it can.
const sender = spawn('sh', ['-c', `while kill -USR2 ${process.pid}; do :; done`], { stdio: 'ignore' });
for (let i = 0; i < 200; i++) {
  for (let k = 0; k < 10; k++) tf.dispose([tf.matMul(x, y), step(x, y)]);
  // Lets handlers run.
  await new Promise((resolve) => setImmediate(resolve));
}
sender.kill();
console.log(met > 0 ? 'computed through signals' : 'no signal came');
