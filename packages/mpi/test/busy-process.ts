// A rank of a test, beside one whose process is given: computes for some seconds and looks at nothing else.
import { watchNeighbours } from '../src/neighbour-watch.ts';
import { neighboursOf, ownPeer } from '../src/peers.ts';

const [pid, seconds] = process.argv.slice(2);
watchNeighbours(0, neighboursOf([ownPeer(), { ...ownPeer(), pid: Number(pid) }]));
console.log('computes');
const end = performance.now() + 1000 * Number(seconds);
while (performance.now() < end);
console.log('computed');
