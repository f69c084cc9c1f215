import { memoryCheckpoints } from '@ltml/train';
import { configHash, type RunFolder, type RunFolderOptions } from '@ltml/train/node';

/**
 * Takes the place of the run folder on ranks other than the first. It asks for the same checkpoints, which rank 0
 * stores and shares, and it writes nothing.
 */
export function followedFolder(path: string, options: RunFolderOptions): RunFolder {
  const { config, resume = false, sameEngine = false, checkpointEverySteps } = options;
  return {
    path,
    checkpoints: {
      store: memoryCheckpoints(),
      resume,
      sameEngine,
      configHash: configHash(config),
      ...(checkpointEverySteps !== undefined && { everySteps: checkpointEverySteps }),
    },
    observer: {},
    writeResults: async () => {},
    close: async () => {},
  };
}
