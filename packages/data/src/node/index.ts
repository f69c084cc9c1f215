export { directoryLines } from './directory-lines.ts';
export { missingFiles } from './missing-files.ts';
