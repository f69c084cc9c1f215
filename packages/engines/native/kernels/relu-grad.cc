// The gradient of ReLU by its result: dy, but 0 where the result is 0. TensorFlow's own is 0 where it is no number.
#include "layer-op.h"
#include "parallel.h"
#include "vector-math.h"

namespace {

void relu_gradient(const float* __restrict dy, const float* __restrict y, int64_t count, float* __restrict dx) {
  for (int64_t i = 0; i < count; i++) dx[i] = y[i] <= 0.f ? 0.f : dy[i];
}

constexpr double kNanoseconds = 0.3;

void compute(const LayerCall& call) {
  const Operand &dy = call.inputs[0], &y = call.inputs[1], &dx = call.outputs[0];
  in_parallel(y.size, threads_for(y.size, kNanoseconds), [&](int64_t begin, int64_t end, int) {
    relu_gradient(dy.values + begin, y.values + begin, end - begin, dx.values + begin);
  });
}

}  // namespace

extern const LayerOp kReluGrad = {"LtmlReluGrad", {"dy: float", "y: float"}, {{"dx: float"}}, {}, compute};
