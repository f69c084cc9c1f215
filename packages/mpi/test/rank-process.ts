// A rank of a test: prints what came of each call.
import { leave, mpiCommunicator } from '../src/index.ts';

const communicator = await mpiCommunicator();
const { rank, size } = communicator;
const sums = Float32Array.of(rank + 1, -rank - 1);
communicator.allReduce(sums);
const lengths = Array.from({ length: size }, (_, other) => other + 1);
const gathered = communicator.allGather(new Float32Array(rank + 1).fill(rank), lengths);
const bytes = await communicator.broadcast(rank === 0 ? new TextEncoder().encode('of rank 0') : undefined);
const none = await communicator.broadcast(new Uint8Array(0));
await communicator.barrier();
console.log(
  JSON.stringify({
    ...{ rank, size, sums: [...sums], gathered: [...gathered] },
    ...{ bytes: new TextDecoder().decode(bytes), none: none.length },
  }),
);
await communicator.close();
leave(0);
