// A rank of a test, beside one whose process is given: looks at nothing for some seconds, or sees by itself that the other is gone.
import { watchNeighbours } from '../src/neighbour-watch.ts';
import { checkNeighbours, neighboursOf, ownPeer } from '../src/peers.ts';

const [pid, seconds, looks] = process.argv.slice(2);
const neighbours = neighboursOf([ownPeer(), { ...ownPeer(), pid: Number(pid) }]);
const watch = watchNeighbours(0, neighbours);
console.log('computes');
const end = performance.now() + 1000 * Number(seconds);
while (performance.now() < end) {
  if (looks !== 'looks') continue;
  try {
    checkNeighbours(neighbours);
  } catch {
    watch.end();
  }
}
console.log('computed');
