// Softmax cross-entropy against positives that share the target evenly: Σ_c t_c·(log Σ_j e^{x_j} − x_c), t = y/Σ_j y_j.
#include <algorithm>
#include <cmath>

#include "loss-op.h"
#include "vector-math.h"

namespace {

constexpr int kLanes = 32;

// One row: writes the gradient and returns the value.
INLINE float compute_row(const float* __restrict x, const float* __restrict y, int64_t C, float scale,
                         float* __restrict gradient) {
  // In lanes, so that there is no order to keep.
  float lanes[kLanes], positives[kLanes] = {};
  std::fill(lanes, lanes + kLanes, x[0]);
  const int64_t whole = C - C % kLanes;
  for (int64_t c = 0; c < whole; c += kLanes) {
    for (int i = 0; i < kLanes; i++) {
      lanes[i] = x[c + i] > lanes[i] ? x[c + i] : lanes[i];
      positives[i] += y[c + i];
    }
  }
  for (int64_t c = whole; c < C; c++) {
    lanes[0] = x[c] > lanes[0] ? x[c] : lanes[0];
    positives[0] += y[c];
  }
  const float largest = *std::max_element(lanes, lanes + kLanes);
  const float count = sum_of(positives, kLanes);
  const float share = 1.f / std::max(count, 1.f);

  float below[kLanes] = {};
  std::fill(lanes, lanes + kLanes, 0.f);
  const auto add = [&](int64_t c, int lane) __attribute__((always_inline)) {
    gradient[c] = exp_of_minus(largest - x[c]);
    lanes[lane] += gradient[c];
    below[lane] += y[c] * (largest - x[c]);
  };
  for (int64_t c = 0; c < whole; c += kLanes) {
    for (int i = 0; i < kLanes; i++) add(c + i, i);
  }
  for (int64_t c = whole; c < C; c++) add(c, 0);
  const float total = sum_of(lanes, kLanes);

  const float mass = scale * share * count / total;
  for (int64_t c = 0; c < C; c++) gradient[c] = mass * gradient[c] - scale * share * y[c];
  return share * (sum_of(below, kLanes) + count * std::log(total));
}

FOR_EACH_PROCESSOR
double compute(const LossCall& call) {
  double sum = 0;
  for (int64_t b = 0; b < call.B; b++) {
    const int64_t at = b * call.C;
    sum += compute_row(call.inputs[0].values + at, call.inputs[1].values + at, call.C, call.scale, call.gradient + at);
  }
  return sum;
}

}  // namespace

extern const LossOp kKPositiveLoss = {"LtmlKPositiveLoss", {"logits: float", "labels: float"}, {}, compute};
