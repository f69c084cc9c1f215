export { directoryLines } from './directory-lines.ts';
export { missingFiles } from './missing-files.ts';
export { poolInputs } from './pool-inputs.ts';
