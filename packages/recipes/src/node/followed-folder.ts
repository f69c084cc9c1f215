import { memoryCheckpoints } from '@ltml/train';
import { configHash, type RunFolder, type RunFolderOptions } from '@ltml/train/node';

/**
 * What a rank other than the first has in place of the run's folder: it asks for the same checkpoints, which rank 0 keeps
 * and shares, and writes nothing.
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
