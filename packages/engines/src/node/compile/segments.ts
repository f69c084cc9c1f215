import type { AttributeValue, GraphNode } from './graph.ts';
import type { RecordedCut } from './record.ts';

/** A part of a graph that runs without the host. */
export interface Segment {
  /** Tensors of earlier segments, with the placeholders that stand for them in this one. */
  readonly carried: ReadonlyMap<string, string>;
  /** Tensors that later segments need. */
  readonly kept: readonly string[];
  /** A tensor that is available when all writes of this segment are done; undefined if it has none. */
  readonly done: string | undefined;
}

/** A graph divided into segments. */
export interface SegmentedGraph {
  readonly nodes: readonly GraphNode[];
  readonly segments: readonly Segment[];
}

/** Ops with the same value in every segment. */
const everywhere = new Set(['Const', 'Placeholder', 'VarHandleOp']);
/** Whether a node changes variables. */
const isWrite = (node: GraphNode): boolean => node.inputs.length > 0 && /^(Assign|Resource)/.test(node.op);

/**
 * Divides a graph at the places where the host computes. Nodes before a cut run before it, the others after it, each
 * once and in recorded order. Tensors that a later segment needs are passed on from run to run.
 *
 * @param outputs tensors that the step returns
 * @param typeOf gives TensorFlow's type number of a tensor
 */
export function segmentGraph(
  nodes: readonly GraphNode[],
  cuts: readonly RecordedCut[],
  outputs: readonly string[],
  typeOf: (tensor: string) => number,
): SegmentedGraph {
  const indexOf = (name: string): number => Number(name.slice(1));
  const segmentOf = (name: string): number => cuts.filter(({ at }) => at <= indexOf(name)).length;
  const isCarried = (name: string, segment: number): boolean =>
    !everywhere.has(nodes[indexOf(name)].op) && segmentOf(name) < segment;
  const live = liveNodes(nodes, [...outputs, ...cuts.flatMap(({ inputs }) => inputs)].map(nodeOf));
  const carried = Array.from({ length: cuts.length + 1 }, () => new Map<string, string>());
  const made: GraphNode[] = [];
  const standIn = (tensor: string, segment: number): string => {
    const known = carried[segment].get(tensor);
    if (known) return known;
    const name = `c${made.length}`;
    made.push({ name, op: 'Placeholder', inputs: [], attributes: new Map([['dtype', { type: typeOf(tensor) }]]) });
    carried[segment].set(tensor, name);
    return name;
  };
  const parted = nodes.map((node): GraphNode => {
    if (!live.has(node.name)) return node;
    const segment = segmentOf(node.name);
    const inputs = node.inputs.flatMap((input) => {
      if (input.startsWith('^')) return isCarried(input.slice(1), segment) ? [] : [input];
      return [isCarried(nodeOf(input), segment) ? standIn(input, segment) : input];
    });
    return { ...node, inputs };
  });
  const ends = cuts.map((_, segment): GraphNode[] => {
    const writes = nodes.filter((node) => live.has(node.name) && isWrite(node) && segmentOf(node.name) === segment);
    return writes.length > 0 ? endOf(segment, writes) : [];
  });
  const kept = carried.map((_, segment) => {
    const later = carried.slice(segment + 1).flatMap((tensors) => [...tensors.keys()]);
    return [...new Set(later)].filter((tensor) => segmentOf(nodeOf(tensor)) === segment);
  });
  return {
    nodes: [...parted, ...made, ...ends.flat()],
    segments: carried.map((tensors, segment) => ({
      carried: tensors,
      kept: kept[segment],
      done: ends[segment]?.at(-1)?.name,
    })),
  };
}

/** All nodes that some nodes depend on, including these. */
function liveNodes(nodes: readonly GraphNode[], wanted: readonly string[]): ReadonlySet<string> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const live = new Set<string>();
  const waiting = [...wanted];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (live.has(name)) continue;
    live.add(name);
    waiting.push(...(byName.get(name) as GraphNode).inputs.map((input) => nodeOf(input.replace('^', ''))));
  }
  return live;
}

/** Nodes whose output can be fetched to wait for the writes of a segment. */
function endOf(segment: number, writes: readonly GraphNode[]): GraphNode[] {
  const bool = 10;
  const value: AttributeValue = { tensor: { dtype: bool, shape: [], bytes: Uint8Array.of(1) } };
  const attributes = new Map<string, AttributeValue>([
    ['dtype', { type: bool }],
    ['value', value],
  ]);
  const constant = { name: `d${segment}`, op: 'Const', inputs: [], attributes };
  const inputs = [constant.name, ...writes.map(({ name }) => `^${name}`)];
  return [constant, { name: `e${segment}`, op: 'Identity', inputs, attributes: new Map([['T', { type: bool }]]) }];
}

function nodeOf(tensor: string): string {
  return tensor.split(':')[0];
}
