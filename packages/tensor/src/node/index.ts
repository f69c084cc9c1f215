export { writeFileAtomically } from './atomic-file.ts';
export { cacheFolder } from './cache-folder.ts';
export { linesOfFile } from './lines-of-file.ts';
export { readSafetensorsFile } from './read-safetensors-file.ts';
export { SafetensorsFile, writeSafetensorsFile } from './safetensors-file.ts';
export { whyUnreadable } from './why-unreadable.ts';
