// A rank of a test, beside one whose process is given: does not look at it for two seconds, or sees by itself that it is gone.
import { checkNeighbours, neighboursOf, ownPeer } from '../src/peers.ts';
import { watchNeighbours } from '../src/neighbour-watch.ts';

const [pid, kind] = process.argv.slice(2);
const neighbours = neighboursOf([ownPeer(), { ...ownPeer(), pid: Number(pid) }]);
const watch = watchNeighbours(0, neighbours);
console.log('computes');
const end = performance.now() + 2000;
while (performance.now() < end) {
  if (kind === 'busy') continue;
  try {
    checkNeighbours(neighbours);
  } catch {
    watch.end();
  }
}
console.log('computed');
