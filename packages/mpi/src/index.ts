export { leave, type MpiCommunicator, mpiCommunicator } from './communicator.ts';
export { ranksInEnvironment } from './environment.ts';
