// The updates of SGD, Adam and AdamW. What the numbers are: the optimisers of @ltml/tensor.
#include "update-op.h"

// Products are rounded before they are added, as where each is an op of TensorFlow: results are the same to the bit.
#if defined(__clang__)
#pragma clang fp contract(off)
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

namespace {

// numbers: learning rate, weight decay, momentum, gain, Nesterov's (1 or 0).
template <bool has_velocity>
void sgd(float* const* row, int64_t begin, int64_t end, const float* numbers) {
  float* __restrict parameter = row[0];
  const float* __restrict gradient = row[1];
  float* __restrict velocity = has_velocity ? row[2] : nullptr;
  const float rate = numbers[0], decay = numbers[1], momentum = numbers[2], gain = numbers[3];
  if (!has_velocity) {
    for (int64_t i = begin; i < end; i++) parameter[i] -= rate * (gradient[i] + decay * parameter[i]);
  } else if (numbers[4] != 0.f) {
    for (int64_t i = begin; i < end; i++) {
      const float g = gradient[i] + decay * parameter[i];
      velocity[i] = momentum * velocity[i] + gain * g;
      parameter[i] -= rate * (g + momentum * velocity[i]);
    }
  } else {
    for (int64_t i = begin; i < end; i++) {
      const float g = gradient[i] + decay * parameter[i];
      velocity[i] = momentum * velocity[i] + gain * g;
      parameter[i] -= rate * velocity[i];
    }
  }
}

// numbers: β₁, 1 − β₁, β₂, 1 − β₂, step size, offset, coupled decay, what the decoupled decay keeps.
void adam(float* const* row, int64_t begin, int64_t end, const float* numbers) {
  float* __restrict parameter = row[0];
  const float* __restrict gradient = row[1];
  float* __restrict first = row[2];
  float* __restrict second = row[3];
  const float beta1 = numbers[0], gain1 = numbers[1], beta2 = numbers[2], gain2 = numbers[3];
  const float step = numbers[4], offset = numbers[5], coupled = numbers[6], kept = numbers[7];
  for (int64_t i = begin; i < end; i++) {
    const float g = gradient[i] + coupled * parameter[i];
    const float m = beta1 * first[i] + gain1 * g;
    const float v = beta2 * second[i] + gain2 * (g * g);
    first[i] = m;
    second[i] = v;
    parameter[i] = kept * parameter[i] - step * (m / (__builtin_sqrtf(v) + offset));
  }
}

}  // namespace

extern const UpdateOp kSgd = {"LtmlSgd", 2, sgd<false>};
extern const UpdateOp kMomentum = {"LtmlMomentum", 3, sgd<true>};
extern const UpdateOp kAdam = {"LtmlAdam", 4, adam};
