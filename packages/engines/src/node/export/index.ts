export { runGraphModel, writeGraphModel } from './graph-model.ts';
export { onnxModel } from './onnx-model.ts';
export type { PredictionGraph } from './prediction-graph.ts';
export { recordPrediction } from './record-prediction.ts';
export { runSavedModel, writeSavedModel } from './saved-model.ts';
export { writeChecked } from './write-checked.ts';
