import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError, type MixedType, NotSupportedError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { sessionConfig } from '../native/tensorflow-config.ts';
import { type EntrySource, FetchedEntry } from './fetched-entry.ts';
import type { AttributeValue, GraphNode } from './graph.ts';
import { writeGraph } from './graph-file.ts';
import { hostPart } from './host-part.ts';
import type { NativeBackend, TensorEntry, TensorMetadata } from './native-backend.ts';
import type { Recording } from './record.ts';
import type { RecordedVariable } from './recorded-variables.ts';
import { type Segment, type SegmentedGraph, segmentGraph } from './segments.ts';

/** A variable in a session, and the version of its value there. */
interface Resident extends RecordedVariable {
  readonly write: { readonly value: string; readonly done: string };
  /** The entry in the backend's table that the session's value belongs to, and the version of that entry. */
  entry?: TensorEntry;
  version?: number;
}

/**
 * A recorded step, loaded as a TensorFlow session of its own, which keeps the values of variables.
 *
 * After a run only the session has the newest values; the variables have a {@link FetchedEntry} for them.
 */
export class StepSession implements EntrySource {
  readonly #backend: NativeBackend;
  readonly #recording: Recording;
  readonly #model: number;
  readonly #residents: readonly Resident[];
  readonly #inputNames: readonly string[];
  readonly #outputNames: readonly string[];
  readonly #segments: readonly Segment[];
  readonly #outputKeys: readonly string[];
  /** Entries that fetch from this session. */
  readonly #entries = new WeakSet<FetchedEntry>();

  /**
   * @param mixed type of convolutions and matrix multiplications, if not float32
   * @throws NotSupportedError if TensorFlow rejects the graph, naming the line of the wrong op
   */
  constructor(backend: NativeBackend, name: string, recording: Recording, mixed?: MixedType) {
    this.#backend = backend;
    this.#recording = recording;
    const { graph } = recording;
    this.#residents = recording.variables.map((recorded) => {
      const value = graph.placeholder(recorded.dtype, recorded.variable.shape);
      const type = graph.type('dtype', recorded.dtype);
      const write = graph.node('AssignVariableOp', [recorded.handle, value], [type]);
      return { ...recorded, write: { value, done: identity(recording, recorded.dtype, value, [write]) } };
    });
    const writes = new Set(this.#residents.flatMap((resident) => resident.writes));
    this.#outputKeys = Object.keys(recording.outputs);
    const { TF_INT32 } = backend.binding;
    // A run must fetch something, even if the step returns nothing.
    const done = identity(recording, TF_INT32, graph.constant(TF_INT32, [], new Uint8Array(4)), writes);
    const outputs = Object.values(recording.outputs).map(({ node, dtype }) => identity(recording, dtype, node, writes));
    this.#inputNames = [...recording.arguments, ...recording.hostInputs].map(({ node }) => first(node));
    this.#outputNames = [done, ...outputs].map(first);
    const { nodes, segments } = segmented(recording, [done, ...outputs]);
    this.#segments = segments;
    this.#model = load(backend, name, recording, nodes, mixed);
  }

  /** Runs the step. @param hostValues values of the host inputs; left out: they are computed */
  run(args: readonly tf.Tensor[], hostValues?: readonly Float32Array[]): Record<string, tf.Tensor> {
    const backend = this.#backend;
    const stale = this.#residents.filter((resident) => !this.#isCurrent(resident));
    this.#push(stale);
    for (const resident of this.#residents) {
      // If a clone of the variable exists, fetch its current value before the run changes it.
      if (resident.writes.length > 0 && !stale.includes(resident) && this.#entryOf(resident).refCount > 1)
        void resident.entry?.id;
    }
    const hostInputs = this.#recording.hostInputs.map(({ shape, fill }, i) =>
      tf.tensor(hostValues?.[i] ?? fill(), shape, 'float32'),
    );
    const ids = backend.getInputTensorIds([...args, ...hostInputs]);
    const results = this.#runSegments(ids);
    for (const input of hostInputs) input.dispose();
    for (const resident of this.#residents) if (resident.writes.length > 0) this.#keep(resident);
    const [done, ...outputs] = results;
    backend.binding.deleteTensor(done.id);
    return Object.fromEntries(outputs.map((result, i) => [this.#outputKeys[i], backend.createOutputTensor(result)]));
  }

  /**
   * Runs the graph, segment by segment if it is cut, with the host's computations in between. @returns the tensors of
   * `outputNames`
   */
  #runSegments(ids: readonly number[]): TensorMetadata[] {
    const { binding } = this.#backend;
    const { cuts } = this.#recording;
    const fed = this.#inputNames.map((name, i) => [name, ids[i]] as const);
    const made: number[] = [];
    const carried = new Map<string, number>();
    try {
      for (const [i, segment] of this.#segments.slice(0, -1).entries()) {
        const { inputs, outputs, shapes, compute } = cuts[i];
        const wanted = [...inputs, ...segment.kept, ...(segment.done ? [segment.done] : [])];
        const found = this.#runSegment(segment, fed, carried, wanted.map(first));
        const values = found.slice(inputs.length);
        for (const [k, tensor] of segment.kept.entries()) carried.set(tensor, values[k].id);
        if (segment.done) binding.deleteTensor(values[segment.kept.length].id);
        const results = hostPart(binding, found.slice(0, inputs.length), shapes, compute);
        made.push(...results);
        for (const [k, id] of results.entries()) fed.push([first(outputs[k]), id]);
      }
      return this.#runSegment(this.#segments.at(-1) as Segment, fed, carried, this.#outputNames);
    } finally {
      for (const id of [...made, ...carried.values()]) binding.deleteTensor(id);
    }
  }

  /**
   * Runs one segment.
   *
   * @param fed arguments and results of the host, by name
   * @param computed tensors of earlier segments
   */
  #runSegment(
    { carried }: Segment,
    fed: readonly (readonly [string, number])[],
    computed: ReadonlyMap<string, number>,
    outputs: readonly string[],
  ): TensorMetadata[] {
    const handedOn = [...carried].map(([tensor, name]) => [first(name), computed.get(tensor) as number] as const);
    const feeds = [...fed, ...handedOn];
    const names = feeds.map(([name]) => name).join(',');
    const ids = feeds.map(([, id]) => id);
    return this.#backend.binding.runSavedModel(this.#model, ids, names, outputs.join(','));
  }

  /** Gives the newest values back to the variables and frees the session. */
  dispose(): void {
    const { binding } = this.#backend;
    const own = this.#residents.flatMap(({ entry }) =>
      entry instanceof FetchedEntry && this.#entries.has(entry) && entry.isWanted ? [entry] : [],
    );
    this.fetch(own);
    binding.deleteSavedModel(this.#model);
  }

  /** Fetches values in one run, since TensorFlow plans anew for each set of outputs. */
  fetch(entries: readonly FetchedEntry[]): void {
    if (entries.length === 0) return;
    const names = entries.map(({ node }) => first(node)).join(',');
    const values = this.#backend.binding.runSavedModel(this.#model, [], '', names);
    for (const [i, entry] of entries.entries()) entry.hold(values[i].id);
  }

  #entryOf({ variable }: Resident): TensorEntry {
    return this.#backend.tensorMap.get(variable.dataId);
  }

  #isCurrent(resident: Resident): boolean {
    const entry = this.#entryOf(resident);
    return resident.entry === entry && resident.version === versionOf(entry);
  }

  /** Copies values of variables into the session, in one run, since TensorFlow plans anew for each set of inputs. */
  #push(residents: readonly Resident[]): void {
    if (residents.length === 0) return;
    const { binding } = this.#backend;
    const ids = this.#backend.getInputTensorIds(residents.map(({ variable }) => variable));
    const inputs = residents.map(({ write }) => first(write.value)).join(',');
    const outputs = residents.map(({ write }) => first(write.done)).join(',');
    for (const echo of binding.runSavedModel(this.#model, ids, inputs, outputs)) binding.deleteTensor(echo.id);
    for (const resident of residents) {
      resident.entry = this.#entryOf(resident);
      resident.version = versionOf(resident.entry);
    }
  }

  /** Makes the variable refer to the session's new value. Tensors that share its old entry keep the old value. */
  #keep(resident: Resident): void {
    const { variable, dtype, read } = resident;
    const { binding, tensorMap } = this.#backend;
    const held = this.#entryOf(resident);
    if (held instanceof FetchedEntry && held.refCount === 1 && this.#entries.has(held)) {
      const old = held.renew();
      if (old !== undefined) binding.deleteTensor(old);
      resident.version = held.version;
      return;
    }
    const entry = new FetchedEntry(variable.shape, dtype, this, read);
    const dataId = {};
    tensorMap.set(dataId, entry);
    const value = tf.engine().makeTensorFromTensorInfo({ dataId, shape: variable.shape, dtype: variable.dtype });
    variable.assign(value);
    value.dispose();
    this.#entries.add(entry);
    resident.entry = entry;
    resident.version = entry.version;
  }
}

function versionOf(entry: TensorEntry): number | undefined {
  return entry instanceof FetchedEntry ? entry.version : undefined;
}

function identity({ graph }: Recording, dtype: number, node: string, controls: Iterable<string>): string {
  return graph.node('Identity', [node], [graph.type('T', dtype)], controls);
}

/** The name of a node's first output for feeding and fetching. */
function first(node: string): string {
  return node.includes(':') ? node : `${node}:0`;
}

/** The graph, divided at its cuts; a single segment if there are none. */
function segmented({ graph, cuts, typeOf }: Recording, outputs: readonly string[]): SegmentedGraph {
  const { nodes } = graph;
  const byName = new Map(nodes.map((node) => [node.name, node]));
  if (cuts.length === 0) return { nodes, segments: [{ carried: new Map(), kept: [], done: undefined }] };
  const saidType = (tensor: string): number => {
    const { attributes } = byName.get(tensor.split(':')[0]) as GraphNode;
    return ((attributes.get('dtype') ?? attributes.get('T')) as Extract<AttributeValue, { type: number }>).type;
  };
  return segmentGraph(nodes, cuts, outputs, (tensor) => typeOf(tensor) ?? saidType(tensor));
}

/** Loads the graph. TensorFlow reads it only from a file, so it goes through a temporary folder. */
function load(
  backend: NativeBackend,
  name: string,
  recording: Recording,
  nodes: readonly GraphNode[],
  mixed: MixedType | undefined,
): number {
  const directory = writeStep(name, recording, nodes, mixed);
  try {
    return backend.binding.loadSavedModel(directory, 'serve');
  } catch (cause) {
    const { message } = cause as Error;
    const node = /\{\{node (n\d+)\}\}|node '?(n\d+)'?/i.exec(message)?.slice(1).find(Boolean);
    throw new NotSupportedError({
      where: name,
      argument: 'the step to compile',
      expected: 'a graph that TensorFlow accepts',
      received: `${message} ${node ? recording.lineOf(node) : ''}`,
      cause,
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function writeStep(
  name: string,
  { isLong }: Recording,
  nodes: readonly GraphNode[],
  mixed: MixedType | undefined,
): string {
  try {
    removeLeftGraphs();
    const directory = mkdtempSync(join(tmpdir(), graphPrefix));
    writeGraph(directory, nodes);
    // LTML's addon passes this file to TensorFlow (native/addon). Other builds run the step with TensorFlow's default
    // threads, in float32.
    const config = sessionConfig({ sideBySide: isLong, mixed });
    if (config) writeFileSync(join(directory, 'session_config.pb'), config);
    return directory;
  } catch (cause) {
    throw new DataError({
      where: name,
      argument: 'the folder of temporary files',
      expected: 'writable, to store the graph of the step',
      received: `${tmpdir()}: ${(cause as Error).message}`,
      hint: 'Set TMPDIR to a folder with free space.',
      cause,
    });
  }
}

const graphPrefix = 'ltml-step-';

/** Deletes graphs of processes that were killed while they loaded one. No graph takes an hour to load. */
function removeLeftGraphs(): void {
  const hour = 3_600_000;
  for (const name of readdirSync(tmpdir()).filter((name) => name.startsWith(graphPrefix))) {
    const directory = join(tmpdir(), name);
    try {
      if (Date.now() - statSync(directory).mtimeMs > hour) rmSync(directory, { recursive: true, force: true });
    } catch {
      // Another process deleted it first, or it belongs to another user.
    }
  }
}
