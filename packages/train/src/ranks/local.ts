import type { Communicator } from '@ltml/tensor/contract';

/** The communicator of a single rank; it does nothing. */
export const local: Communicator = {
  rank: 0,
  size: 1,
  allReduce: () => {},
  allGather: (values) => values,
  broadcast: async (bytes = new Uint8Array(0)) => bytes,
  barrier: async () => {},
};
