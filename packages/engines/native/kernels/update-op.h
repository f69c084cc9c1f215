// Ops that update variables: they write into the tensors that they are given, which nobody else may hold.
#pragma once

#include <vector>

#include "op-definition.h"
#include "parallel.h"
#include "tensorflow.h"

constexpr int kMostUpdateTensors = 4;

struct UpdateOp {
  const char* name;
  // Tensors of a row, all of one shape: parameter, gradient, slots.
  int tensors;
  // Updates the entries begin … end of a row by the numbers of the step.
  void (*update)(float* const* row, int64_t begin, int64_t end, const float* numbers);
};

// Small numbers to 0 while it lives, as TensorFlow's threads have it: the moments of a parameter without gradient shrink to
// numbers that a processor takes a hundred times as long for.
struct WithoutDenormals {
#if defined(__x86_64__)
  WithoutDenormals() : before_(__builtin_ia32_stmxcsr()) { __builtin_ia32_ldmxcsr(before_ | 0x8040); }
  ~WithoutDenormals() { __builtin_ia32_ldmxcsr(before_); }
  const unsigned before_;
#endif
};

// Makes TensorFlow know the op and its kernel for the CPU: numbers, and the tensors of the rows one after the other.
template <const UpdateOp& op>
struct UpdateKernel {
  static void* create(TF_OpKernelConstruction*) { return nullptr; }

  static void destroy(void*) {}

  static void compute(void*, TF_OpKernelContext* context) {
    TF_Status* status = TF_NewStatus();
    std::vector<TF_Tensor*> tensors(TF_NumInputs(context), nullptr);
    for (size_t i = 0; i < tensors.size() && TF_GetCode(status) == 0; i++) {
      TF_GetInput(context, static_cast<int>(i), &tensors[i], status);
    }
    if (TF_GetCode(status) == 0) update(tensors);
    else TF_OpKernelContext_Failure(context, status);
    for (TF_Tensor* tensor : tensors) {
      if (tensor) TF_DeleteTensor(tensor);
    }
    TF_DeleteStatus(status);
  }

  static void update(const std::vector<TF_Tensor*>& tensors) {
    const float* numbers = static_cast<const float*>(TF_TensorData(tensors[0]));
    const int64_t rows = static_cast<int64_t>(tensors.size() - 1) / op.tensors;
    // ends[r]: entries of the rows 0 … r.
    std::vector<int64_t> ends(rows);
    for (int64_t r = 0; r < rows; r++) {
      ends[r] = (r > 0 ? ends[r - 1] : 0) + TF_TensorElementCount(tensors[1 + r * op.tensors]);
    }
    const int64_t all = rows > 0 ? ends[rows - 1] : 0;
    // A nanosecond is what memory takes for the five to seven numbers of an entry.
    in_parallel(all, threads_for(all, 1.0), [&](int64_t begin, int64_t end, int) {
      WithoutDenormals fast;
      int64_t r = std::upper_bound(ends.begin(), ends.end(), begin) - ends.begin();
      for (int64_t start = r > 0 ? ends[r - 1] : 0; r < rows && start < end; start = ends[r++]) {
        float* row[kMostUpdateTensors];
        for (int i = 0; i < op.tensors; i++) row[i] = static_cast<float*>(TF_TensorData(tensors[1 + r * op.tensors + i]));
        op.update(row, std::max(begin - start, int64_t{0}), std::min(end, ends[r]) - start, numbers);
      }
    });
  }

  static void infer_shapes(TF_ShapeInferenceContext*, TF_Status*) {}

  static void add() {
    OpDefinition definition(op.name);
    definition.input("numbers: float");
    definition.input("tensors: count * float");
    definition.attribute("count: int");
    definition.stateful();
    definition.add<UpdateKernel>();
  }
};
