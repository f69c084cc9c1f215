// The losses of the logistic family: w·|r|^γ·b with b = softplus(u) − y·u, r = σ(u) − y, u = s·(x − ν).
//
// TensorFlow's own kernels would pass over the entries a dozen times, and its Softplus is not vectorised.
#include <algorithm>

#include "loss-op.h"
#include "vector-math.h"

namespace {

struct Terms {
  // s of entries with y > 0, and of the others.
  float positive_slope;
  float negative_slope;
  float gamma;
};

// Entries that are worked on together: what lies between the loops over them stays in the nearest cache.
constexpr int kBlock = 256;

// Up to kBlock entries. Adds up the values; the gradients go to `gradient`. Weights are changed. Only `masked` reads `known`.
template <bool masked>
INLINE float compute_block(const float* __restrict x, const float* __restrict y, const float* __restrict shift,
                           float* __restrict weight, const float* __restrict known, int count, const Terms& terms,
                           float scale, float* __restrict gradient) {
  float value[kBlock], log[kBlock];
  for (int i = 0; i < count; i++) {
    const float u = (y[i] > 0.f ? terms.positive_slope : terms.negative_slope) * (x[i] - shift[i]);
    const float e = exp_of_minus(magnitude(u));
    const bool up = u >= 0.f;
    const float present = up ? 1.f - y[i] : -y[i], absent = up ? -y[i] : 1.f - y[i];
    log[i] = log_of_one_plus(e);
    // softplus(u) − y·u, and its derivative σ(u) − y; neither cancels where y is 0 or 1. An infinite logit gives NaN on the
    // right side and infinity on the wrong one.
    value[i] = present * u + log[i];
    gradient[i] = (present + absent * e) / (1.f + e);
  }
  if (terms.gamma == 2.f) {
    for (int i = 0; i < count; i++) weight[i] *= gradient[i] * gradient[i];
  } else if (terms.gamma != 0.f) {
    for (int i = 0; i < count; i++) {
      const float u = (y[i] > 0.f ? terms.positive_slope : terms.negative_slope) * (x[i] - shift[i]);
      // By the logarithm of the other label's probability.
      weight[i] *= exp_of_minus(terms.gamma * (((y[i] > 0.f) == (u >= 0.f) ? magnitude(u) : 0.f) + log[i]));
    }
  }
  if (terms.gamma != 0.f) {
    for (int i = 0; i < count; i++) {
      const float bend = terms.gamma * (1.f - magnitude(gradient[i])) * value[i];
      gradient[i] += y[i] > 0.f ? -bend : bend;
    }
  }
  for (int i = 0; i < count; i++) {
    const float slope = y[i] > 0.f ? terms.positive_slope : terms.negative_slope;
    gradient[i] = where_known<masked>(known, i, gradient[i] * (scale * weight[i] * slope));
    value[i] = where_known<masked>(known, i, value[i] * weight[i]);
  }
  std::fill(value + count, value + kBlock, 0.f);
  return sum_of(value, kBlock);
}

template <bool masked>
INLINE double compute_rows(const LossCall& call) {
  const Matrix &logits = call.inputs[0], &labels = call.inputs[1], &shift = call.inputs[2], &weights = call.inputs[3];
  const Matrix& known = call.inputs[4];
  const Terms terms = {call.attributes[0], call.attributes[1], call.attributes[2]};
  float shifts[kBlock], factors[kBlock];
  double sum = 0;
  for (int64_t b = 0; b < call.B; b++) {
    for (int64_t c = 0; c < call.C; c += kBlock) {
      const int count = static_cast<int>(std::min<int64_t>(call.C - c, kBlock));
      const int64_t at = b * call.C + c;
      spread(shifts, shift.values + b * shift.row + c * shift.column, shift.column, count);
      spread(factors, weights.values + b * weights.row + c * weights.column, weights.column, count);
      const float* mask = known.values + b * known.row + c * known.column;
      if (call.label_gradient) {
        for (int i = 0; i < count; i++) {
          call.label_gradient[at + i] = where_known<masked>(mask, i, -call.scale * factors[i] * logits.values[at + i]);
        }
      }
      sum += compute_block<masked>(logits.values + at, labels.values + at, shifts, factors, mask, count, terms,
                                   call.scale, call.gradient + at);
    }
  }
  return sum;
}

double compute(const LossCall& call) {
  return all_known(call.inputs[4]) ? compute_rows<false>(call) : compute_rows<true>(call);
}

}  // namespace

extern const LossOp kLogisticLoss = {
    "LtmlLogisticLoss",
    {"logits: float", "labels: float", "shift: float", "weights: float", "known: float"},
    {"positive_slope: float", "negative_slope: float", "gamma: float"},
    compute,
};

// Slopes of 1, no shift and γ = 0, where the gradient by the labels is −w·x: the terms come as the other op's do.
extern const LossOp kSoftLabelLoss = {
    "LtmlSoftLabelLoss",
    {"logits: float", "labels: float", "shift: float", "weights: float", "known: float"},
    {"positive_slope: float", "negative_slope: float", "gamma: float"},
    compute,
    true,
};
