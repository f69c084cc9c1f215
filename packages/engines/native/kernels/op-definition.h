// How an op of ours, whose tensors and attributes are floats, becomes known to TensorFlow with its kernel for the CPU.
#pragma once

#include "tensorflow.h"

// Reads attributes as the op declares them, e.g. "epsilon: float"; unused places are null.
inline void read_attributes(TF_OpKernelConstruction* construction, const char* const* declarations, int most,
                            float* values) {
  TF_Status* status = TF_NewStatus();
  for (int i = 0; i < most && declarations[i]; i++) {
    char name[32] = {};
    for (int at = 0; declarations[i][at] != ':'; at++) name[at] = declarations[i][at];
    TF_OpKernelConstruction_GetAttrFloat(construction, name, &values[i], status);
  }
  TF_DeleteStatus(status);
}

// Declarations that are null are left out.
class OpDefinition {
 public:
  explicit OpDefinition(const char* name) : name_(name), builder_(TF_NewOpDefinitionBuilder(name)) {}

  void input(const char* declaration) {
    if (declaration) TF_OpDefinitionBuilderAddInput(builder_, declaration);
  }
  void output(const char* declaration) {
    if (declaration) TF_OpDefinitionBuilderAddOutput(builder_, declaration);
  }
  void attribute(const char* declaration) {
    if (declaration) TF_OpDefinitionBuilderAddAttr(builder_, declaration);
  }

  // For an op that does more than give outputs.
  void stateful() { TF_OpDefinitionBuilderSetIsStateful(builder_, true); }

  // Kernel has the static functions create, compute, destroy and infer_shapes.
  template <typename Kernel>
  void add() {
    TF_Status* status = TF_NewStatus();
    TF_OpDefinitionBuilderSetShapeInferenceFunction(builder_, Kernel::infer_shapes);
    TF_RegisterOpDefinition(builder_, status);
    TF_KernelBuilder* kernel =
        TF_NewKernelBuilder(name_, "CPU", Kernel::create, Kernel::compute, Kernel::destroy);
    TF_RegisterKernelBuilder(name_, kernel, status);
    TF_DeleteStatus(status);
  }

 private:
  const char* name_;
  TF_OpDefinitionBuilder* builder_;
};
