// Softmax cross-entropy against positives that share the target evenly: Σ_c t_c·(log Σ_j e^{u_j} − u_c), t = y/Σ_j y_j,
// u = x + offset.
#include <algorithm>
#include <cmath>

#include "loss-op.h"
#include "vector-math.h"

namespace {

constexpr int kLanes = 32;

// One row: writes the gradient and returns the value. The offsets are read only where there are some.
template <bool moved>
INLINE float compute_row(const float* __restrict x, const float* __restrict y, const float* __restrict offsets,
                         int64_t C, float scale, float* __restrict gradient) {
  const auto u = [&](int64_t c) __attribute__((always_inline)) { return moved ? x[c] + offsets[c] : x[c]; };
  // In lanes, so that there is no order to keep.
  float lanes[kLanes], positives[kLanes] = {};
  std::fill(lanes, lanes + kLanes, u(0));
  const int64_t whole = C - C % kLanes;
  for (int64_t c = 0; c < whole; c += kLanes) {
    for (int i = 0; i < kLanes; i++) {
      lanes[i] = u(c + i) > lanes[i] ? u(c + i) : lanes[i];
      positives[i] += y[c + i];
    }
  }
  for (int64_t c = whole; c < C; c++) {
    lanes[0] = u(c) > lanes[0] ? u(c) : lanes[0];
    positives[0] += y[c];
  }
  const float largest = *std::max_element(lanes, lanes + kLanes);
  const float count = sum_of(positives, kLanes);
  const float share = 1.f / std::max(count, 1.f);

  float below[kLanes] = {};
  std::fill(lanes, lanes + kLanes, 0.f);
  const auto add = [&](int64_t c, int lane) __attribute__((always_inline)) {
    gradient[c] = exp_of_minus(largest - u(c));
    lanes[lane] += gradient[c];
    below[lane] += y[c] * (largest - u(c));
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

double compute(const LossCall& call) {
  const Matrix& offsets = call.inputs[2];
  double sum = 0;
  for (int64_t b = 0; b < call.B; b++) {
    const int64_t at = b * call.C;
    const float *x = call.inputs[0].values + at, *y = call.inputs[1].values + at;
    sum += offsets.column ? compute_row<true>(x, y, offsets.values, call.C, call.scale, call.gradient + at)
                          : compute_row<false>(x, y, nullptr, call.C, call.scale, call.gradient + at);
  }
  return sum;
}

}  // namespace

extern const LossOp kKPositiveLoss = {
    "LtmlKPositiveLoss", {"logits: float", "labels: float", "offsets: float"}, {}, compute};
