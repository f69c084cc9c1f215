// Starts worker.ts where the package is used from its source, as in this repository; the built package has worker.js.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
