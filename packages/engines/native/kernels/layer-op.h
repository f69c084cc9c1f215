// What the ops of layers have in common: they take tensors of floats and give tensors whose shapes follow from those.
#pragma once

#include "op-definition.h"
#include "tensorflow.h"

constexpr int kMostDimensions = 8;
constexpr int kMostOperands = 3;

struct Operand {
  float* values;
  int64_t size;
  // Its shape; the axes beyond the rank have the length 1.
  int64_t dimensions[kMostDimensions];
  int rank;

  // Of its last axis.
  int64_t columns() const { return rank > 0 ? dimensions[rank - 1] : 1; }
};

struct LayerCall {
  Operand inputs[kMostOperands];
  float attributes[kMostOperands];
  Operand outputs[kMostOperands];
};

struct LayerOutput {
  // In TensorFlow's notation, e.g. "y: float".
  const char* name;
  // The input whose shape it has.
  int like;
  // Into how many parts that one's last axis is divided, of which this has one; 0 stands for 1.
  int parts;
};

struct LayerOp {
  const char* name;
  // Unused places of all three are null.
  const char* inputs[kMostOperands];
  LayerOutput outputs[kMostOperands];
  const char* attributes[kMostOperands];
  void (*compute)(const LayerCall&);
};

// Makes TensorFlow know the op and its kernel for the CPU.
template <const LayerOp& op>
struct LayerKernel {
  float attributes[kMostOperands] = {};

  static void* create(TF_OpKernelConstruction* construction) {
    auto* kernel = new LayerKernel;
    read_attributes(construction, op.attributes, kMostOperands, kernel->attributes);
    return kernel;
  }

  static void destroy(void* kernel) { delete static_cast<LayerKernel*>(kernel); }

  static void compute(void* self, TF_OpKernelContext* context) {
    TF_Status* status = TF_NewStatus();
    TF_Tensor* tensors[2 * kMostOperands] = {};
    LayerCall call{};
    for (int i = 0; i < kMostOperands; i++) call.attributes[i] = static_cast<LayerKernel*>(self)->attributes[i];
    for (int i = 0; i < kMostOperands && op.inputs[i] && TF_GetCode(status) == 0; i++) {
      TF_GetInput(context, i, &tensors[i], status);
      if (TF_GetCode(status) == 0) call.inputs[i] = operand(tensors[i]);
    }
    for (int i = 0; i < kMostOperands && op.outputs[i].name && TF_GetCode(status) == 0; i++) {
      const Operand& like = call.inputs[op.outputs[i].like];
      const int64_t parts = op.outputs[i].parts ? op.outputs[i].parts : 1;
      int64_t shape[kMostDimensions];
      for (int axis = 0; axis < like.rank; axis++) shape[axis] = like.dimensions[axis];
      if (like.rank > 0) shape[like.rank - 1] /= parts;
      TF_Tensor*& output = tensors[kMostOperands + i];
      output = TF_AllocateOutput(context, i, kFloat, shape, like.rank, like.size / parts * sizeof(float), status);
      if (TF_GetCode(status) == 0) call.outputs[i] = operand(output);
    }
    if (TF_GetCode(status) == 0) op.compute(call);
    else TF_OpKernelContext_Failure(context, status);
    for (TF_Tensor* tensor : tensors) {
      if (tensor) TF_DeleteTensor(tensor);
    }
    TF_DeleteStatus(status);
  }

  static Operand operand(const TF_Tensor* tensor) {
    Operand operand = {static_cast<float*>(TF_TensorData(tensor)), 1, {}, TF_NumDims(tensor)};
    for (int axis = 0; axis < kMostDimensions; axis++) {
      operand.dimensions[axis] = axis < operand.rank ? TF_Dim(tensor, axis) : 1;
      operand.size *= operand.dimensions[axis];
    }
    return operand;
  }

  static void infer_shapes(TF_ShapeInferenceContext* context, TF_Status* status) {
    TF_ShapeHandle* shape = TF_NewShapeHandle();
    for (int i = 0; i < kMostOperands && op.outputs[i].name; i++) {
      if (op.outputs[i].parts) continue;
      TF_ShapeInferenceContextGetInput(context, op.outputs[i].like, shape, status);
      TF_ShapeInferenceContextSetOutput(context, i, shape, status);
    }
    TF_DeleteShapeHandle(shape);
  }

  static void add() {
    OpDefinition definition(op.name);
    for (const char* input : op.inputs) definition.input(input);
    for (const LayerOutput& output : op.outputs) definition.output(output.name);
    for (const char* attribute : op.attributes) definition.attribute(attribute);
    definition.add<LayerKernel>();
  }
};
