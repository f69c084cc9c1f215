import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { NativeBinding, OpAttribute } from './native-backend.ts';

/** The protocol buffer messages that tfjs-node carries, as far as they are used here. */
type MessageClass = new () => Message;
interface Messages {
  readonly [name: string]: MessageClass;
  readonly AttrValue: MessageClass & { readonly ListValue: MessageClass };
  readonly TensorShape: MessageClass & { readonly Dim: MessageClass };
  readonly MetaGraphDef: MessageClass & { readonly MetaInfoDef: MessageClass };
}
type Message = { readonly [method: string]: (...args: unknown[]) => unknown } & { serializeBinary(): Uint8Array };

interface MessageMap {
  set(key: string, value: Message): void;
}

/** A tensor of the graph as other programs see it. */
export interface NamedTensor {
  readonly node: string;
  readonly dtype: number;
  readonly shape: readonly number[];
}

/** What a SavedModel offers to its callers. */
export interface Signature {
  readonly inputs: Readonly<Record<string, NamedTensor>>;
  readonly outputs: Readonly<Record<string, NamedTensor>>;
}

/** The version of graph definitions that the ops' current meaning belongs to; older ones select older meanings. */
const graphProducer = 1882;

/** Writes a TensorFlow graph node by node. A tensor of it is called `node` (its first output) or `node:1`, …. */
export class GraphBuilder {
  readonly #binding: NativeBinding;
  readonly #messages: Messages;
  readonly #graph: Message;
  readonly #common: readonly OpAttribute[];
  #nodes = 0;

  /** @param common attributes that every node gets besides its own */
  constructor(binding: NativeBinding, common: readonly OpAttribute[] = []) {
    this.#binding = binding;
    this.#common = common;
    const tfjsNode = createRequire(import.meta.url).resolve('@tensorflow/tfjs-node');
    this.#messages = createRequire(tfjsNode)('./proto/api_pb.js');
    this.#graph = new this.#messages.GraphDef();
    const versions = new this.#messages.VersionDef();
    versions.setProducer(graphProducer);
    this.#graph.setVersions(versions);
  }

  /** Adds an op; `controls` are nodes that must have run before it. */
  node(
    op: string,
    inputs: readonly string[],
    attributes: readonly OpAttribute[],
    controls: Iterable<string> = [],
  ): string {
    const name = `n${this.#nodes++}`;
    const node = new this.#messages.NodeDef();
    node.setName(name);
    node.setOp(op);
    for (const input of inputs) node.addInput(input);
    for (const control of controls) node.addInput(`^${control}`);
    const map = node.getAttrMap() as MessageMap;
    for (const attribute of [...attributes, ...this.#common]) map.set(attribute.name, this.#attribute(attribute));
    this.#graph.addNode(node);
    return name;
  }

  placeholder(dtype: number, shape: readonly number[]): string {
    return this.node('Placeholder', [], [this.type('dtype', dtype), this.shape('shape', shape)]);
  }

  constant(dtype: number, shape: readonly number[], bytes: Uint8Array): string {
    const tensor = new this.#messages.Tensor();
    tensor.setDtype(dtype);
    tensor.setTensorShape(this.#shape(shape));
    tensor.setTensorContent(bytes);
    return this.node('Const', [], [this.type('dtype', dtype), { name: 'value', type: tensorAttribute, value: tensor }]);
  }

  type(name: string, value: number): OpAttribute {
    return { name, type: this.#binding.TF_ATTR_TYPE, value };
  }

  shape(name: string, value: readonly number[]): OpAttribute {
    return { name, type: this.#binding.TF_ATTR_SHAPE, value };
  }

  string(name: string, value: string): OpAttribute {
    return { name, type: this.#binding.TF_ATTR_STRING, value };
  }

  /** Writes the graph as a SavedModel with the tag `serve`; a signature lets other programs call it by names. */
  save(directory: string, signature?: Signature): void {
    const { SavedModel, MetaGraphDef } = this.#messages;
    const info = new MetaGraphDef.MetaInfoDef();
    info.addTags('serve');
    const metaGraph = new MetaGraphDef();
    metaGraph.setMetaInfoDef(info);
    metaGraph.setGraphDef(this.#graph);
    if (signature) {
      const map = metaGraph.getSignatureDefMap() as MessageMap;
      map.set('serving_default', this.#signature(signature));
    }
    const model = new SavedModel();
    model.setSavedModelSchemaVersion(1);
    model.addMetaGraphs(metaGraph);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'saved_model.pb'), model.serializeBinary());
  }

  #signature({ inputs, outputs }: Signature): Message {
    const signature = new this.#messages.SignatureDef();
    signature.setMethodName('tensorflow/serving/predict');
    for (const [entries, map] of [
      [inputs, signature.getInputsMap()],
      [outputs, signature.getOutputsMap()],
    ] as [Signature['inputs'], MessageMap][]) {
      for (const [name, { node, dtype, shape }] of Object.entries(entries)) {
        const info = new this.#messages.TensorInfo();
        info.setName(node.includes(':') ? node : `${node}:0`);
        info.setDtype(dtype);
        info.setTensorShape(this.#shape(shape));
        map.set(name, info);
      }
    }
    return signature;
  }

  #attribute({ name, type, value }: OpAttribute): Message {
    const { AttrValue } = this.#messages;
    const attribute = new AttrValue();
    const { TF_ATTR_TYPE, TF_ATTR_BOOL, TF_ATTR_INT, TF_ATTR_FLOAT, TF_ATTR_STRING, TF_ATTR_SHAPE } = this.#binding;
    if (type === tensorAttribute) attribute.setTensor(value);
    else if (type === TF_ATTR_TYPE) attribute.setType(value);
    else if (type === TF_ATTR_BOOL) attribute.setB(Boolean(value));
    else if (type === TF_ATTR_FLOAT) attribute.setF(value);
    else if (type === TF_ATTR_STRING) attribute.setS(Buffer.from(value as string));
    else if (type === TF_ATTR_SHAPE) attribute.setShape(this.#shape(value as number[]));
    else if (type === TF_ATTR_INT && Array.isArray(value)) {
      const list = new AttrValue.ListValue();
      for (const item of value) list.addI(item);
      attribute.setList(list);
    } else if (type === TF_ATTR_INT) attribute.setI(value);
    else throw new Error(`attribute ${name} of the type ${type} is unknown`);
    return attribute;
  }

  #shape(shape: readonly number[]): Message {
    const { TensorShape } = this.#messages;
    const message = new TensorShape();
    for (const size of shape) {
      const dimension = new TensorShape.Dim();
      dimension.setSize(size);
      message.addDim(dimension);
    }
    return message;
  }
}

/** Attributes of constants hold a whole tensor, which no attribute type of the addon stands for. */
const tensorAttribute = -1;
