import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AttributeValue, GraphNode, NamedTensor } from './graph.ts';

/** Classes of protocol buffer messages in tfjs-node, as far as used here. */
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

/** Names by which callers of a SavedModel find its inputs and outputs. */
export interface Signature {
  readonly inputs: Readonly<Record<string, NamedTensor>>;
  readonly outputs: Readonly<Record<string, NamedTensor>>;
}

/** Version of TensorFlow's graph definitions for which ops have their current meaning. */
export const graphProducer = 1882;

let loaded: Messages | undefined;

function messages(): Messages {
  const tfjsNode = createRequire(import.meta.url).resolve('@tensorflow/tfjs-node');
  loaded ??= createRequire(tfjsNode)('./proto/api_pb.js') as Messages;
  return loaded;
}

/** Writes a graph as a SavedModel with the tag `serve`. @param signature lets other programs call it by names */
export function writeGraph(directory: string, nodes: readonly GraphNode[], signature?: Signature): void {
  const { SavedModel, MetaGraphDef, GraphDef, VersionDef } = messages();
  const graph = new GraphDef();
  const versions = new VersionDef();
  versions.setProducer(graphProducer);
  graph.setVersions(versions);
  for (const node of nodes) graph.addNode(nodeMessage(node));
  const info = new MetaGraphDef.MetaInfoDef();
  info.addTags('serve');
  const metaGraph = new MetaGraphDef();
  metaGraph.setMetaInfoDef(info);
  metaGraph.setGraphDef(graph);
  if (signature) {
    const map = metaGraph.getSignatureDefMap() as MessageMap;
    map.set('serving_default', signatureMessage(signature));
  }
  const model = new SavedModel();
  model.setSavedModelSchemaVersion(1);
  model.addMetaGraphs(metaGraph);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'saved_model.pb'), model.serializeBinary());
}

function nodeMessage({ name, op, inputs, attributes }: GraphNode): Message {
  const node = new (messages().NodeDef)();
  node.setName(name);
  node.setOp(op);
  for (const input of inputs) node.addInput(input);
  const map = node.getAttrMap() as MessageMap;
  for (const [key, value] of attributes) map.set(key, attributeMessage(value));
  return node;
}

function attributeMessage(value: AttributeValue): Message {
  const { AttrValue, Tensor } = messages();
  const attribute = new AttrValue();
  if ('type' in value) attribute.setType(value.type);
  else if ('bool' in value) attribute.setB(value.bool);
  else if ('float' in value) attribute.setF(value.float);
  else if ('int' in value) attribute.setI(value.int);
  else if ('string' in value) attribute.setS(Buffer.from(value.string));
  else if ('shape' in value) attribute.setShape(shapeMessage(value.shape));
  else if ('ints' in value) {
    const list = new AttrValue.ListValue();
    for (const item of value.ints) list.addI(item);
    attribute.setList(list);
  } else {
    const { dtype, shape, bytes } = value.tensor;
    const tensor = new Tensor();
    tensor.setDtype(dtype);
    tensor.setTensorShape(shapeMessage(shape));
    tensor.setTensorContent(bytes);
    attribute.setTensor(tensor);
  }
  return attribute;
}

function signatureMessage({ inputs, outputs }: Signature): Message {
  const { SignatureDef, TensorInfo } = messages();
  const signature = new SignatureDef();
  signature.setMethodName('tensorflow/serving/predict');
  for (const [entries, map] of [
    [inputs, signature.getInputsMap()],
    [outputs, signature.getOutputsMap()],
  ] as [Signature['inputs'], MessageMap][]) {
    for (const [name, { node, dtype, shape }] of Object.entries(entries)) {
      const info = new TensorInfo();
      info.setName(node.includes(':') ? node : `${node}:0`);
      info.setDtype(dtype);
      info.setTensorShape(shapeMessage(shape));
      map.set(name, info);
    }
  }
  return signature;
}

function shapeMessage(shape: readonly number[]): Message {
  const { TensorShape } = messages();
  const message = new TensorShape();
  for (const size of shape) {
    const dimension = new TensorShape.Dim();
    dimension.setSize(size);
    message.addDim(dimension);
  }
  return message;
}
