// What the ops of the losses have in common: they take matrices that broadcast to [B, C], the logits first, and a scale; they
// give the sum of the loss over all entries and the gradient by the logits, both times the scale, and where the op says so the
// gradient by the labels.
#pragma once

#include "op-definition.h"
#include "tensorflow.h"
#include "vector-math.h"

// A tensor that broadcasts to [B, C]; its entry b, c is at b·row + c·column.
struct Matrix {
  const float* values;
  int64_t row;
  int64_t column;
};

constexpr int kMostInputs = 5;
constexpr int kMostAttributes = 5;

struct LossCall {
  int64_t B;
  int64_t C;
  Matrix inputs[kMostInputs];
  float attributes[kMostAttributes];
  float scale;
  // [B, C], to be written.
  float* gradient;
  // The same by the labels; null where the op has none.
  float* label_gradient;
};

struct LossOp {
  const char* name;
  // In TensorFlow's notation, e.g. "logits: float"; unused places are null. The scale is added.
  const char* inputs[kMostInputs];
  const char* attributes[kMostAttributes];
  // Returns the sum of the loss without the scale.
  double (*compute)(const LossCall&);
  bool by_labels = false;
};

// Whether all entries are known: one 1 stands for that.
inline bool all_known(const Matrix& known) { return known.row == 0 && known.column == 0 && *known.values != 0.f; }

// The number of an entry that is known, else 0, whatever its logit and its weight: what is not known adds nothing. Where all
// are known (not `masked`) nothing is read.
template <bool masked>
INLINE float where_known(const float* __restrict known, int i, float value) {
  return !masked || known[i] != 0.f ? value : 0.f;
}

// Makes TensorFlow know the op and its kernel for the CPU.
template <const LossOp& op>
struct LossKernel {
  float attributes[kMostAttributes] = {};

  static void* create(TF_OpKernelConstruction* construction) {
    auto* kernel = new LossKernel;
    read_attributes(construction, op.attributes, kMostAttributes, kernel->attributes);
    return kernel;
  }

  static void destroy(void* kernel) { delete static_cast<LossKernel*>(kernel); }

  static void compute(void* self, TF_OpKernelContext* context) {
    TF_Status* status = TF_NewStatus();
    TF_Tensor* tensors[kMostInputs + 4] = {};
    int count = 0;
    const auto input = [&]() -> TF_Tensor* {
      if (TF_GetCode(status) == 0) TF_GetInput(context, count, &tensors[count], status);
      return tensors[count++];
    };
    LossCall call{};
    for (int i = 0; i < kMostAttributes; i++) call.attributes[i] = static_cast<LossKernel*>(self)->attributes[i];
    for (int i = 0; i < kMostInputs && op.inputs[i]; i++) {
      const TF_Tensor* tensor = input();
      if (!tensor) break;
      const int64_t rows = TF_Dim(tensor, 0), columns = TF_Dim(tensor, 1);
      call.inputs[i] = {static_cast<float*>(TF_TensorData(tensor)), rows > 1 ? columns : 0, columns > 1 ? 1 : 0};
      if (i == 0) {
        call.B = rows;
        call.C = columns;
      }
    }
    const TF_Tensor* scale = input();
    const auto output = [&](int index, const int64_t* shape, int rank, int64_t size) -> float* {
      if (TF_GetCode(status) == 0) {
        tensors[count] = TF_AllocateOutput(context, index, kFloat, shape, rank, size * sizeof(float), status);
      }
      return TF_GetCode(status) == 0 ? static_cast<float*>(TF_TensorData(tensors[count++])) : nullptr;
    };
    const int64_t shape[] = {call.B, call.C};
    float* value = output(0, nullptr, 0, 1);
    call.gradient = output(1, shape, 2, call.B * call.C);
    if (op.by_labels) call.label_gradient = output(2, shape, 2, call.B * call.C);
    if (TF_GetCode(status) == 0) {
      call.scale = *static_cast<const float*>(TF_TensorData(scale));
      *value = static_cast<float>(op.compute(call) * call.scale);
    } else {
      TF_OpKernelContext_Failure(context, status);
    }
    for (TF_Tensor* tensor : tensors) {
      if (tensor) TF_DeleteTensor(tensor);
    }
    TF_DeleteStatus(status);
  }

  static void infer_shapes(TF_ShapeInferenceContext* context, TF_Status* status) {
    TF_ShapeHandle* scalar = TF_ShapeInferenceContextScalar(context);
    TF_ShapeInferenceContextSetOutput(context, 0, scalar, status);
    TF_DeleteShapeHandle(scalar);
    TF_ShapeHandle* logits = TF_NewShapeHandle();
    TF_ShapeInferenceContextGetInput(context, 0, logits, status);
    TF_ShapeInferenceContextSetOutput(context, 1, logits, status);
    if (op.by_labels) TF_ShapeInferenceContextSetOutput(context, 2, logits, status);
    TF_DeleteShapeHandle(logits);
  }

  static void add() {
    OpDefinition definition(op.name);
    for (const char* input : op.inputs) definition.input(input);
    definition.input("scale: float");
    definition.output("value: float");
    definition.output("gradient: float");
    if (op.by_labels) definition.output("label_gradient: float");
    for (const char* attribute : op.attributes) definition.attribute(attribute);
    definition.add<LossKernel>();
  }
};
