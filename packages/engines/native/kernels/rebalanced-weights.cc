// The re-balanced weights α + σ(β·(r − μ)), r = 1/n_c over the rate Σ_j y_j/n_j of the row: Wu et al., ECCV 2020,
// equations 3 and 4. The op gives them where those of losses give the gradient; its sum is 0.
#include "loss-op.h"
#include "vector-math.h"

namespace {

constexpr int kLanes = 32;

INLINE void compute_row(const float* __restrict y, const float* __restrict inverse, int64_t C, float alpha, float beta,
                        float mu, float scale, float* __restrict weights) {
  float lanes[kLanes] = {};
  const int64_t whole = C - C % kLanes;
  for (int64_t c = 0; c < whole; c += kLanes) {
    for (int i = 0; i < kLanes; i++) lanes[i] += y[c + i] * inverse[c + i];
  }
  for (int64_t c = whole; c < C; c++) lanes[0] += y[c] * inverse[c];
  const float rate = sum_of(lanes, kLanes);
  // Without positives r is infinite, and σ is 1.
  const float per_rate = rate > 0.f ? 1.f / rate : 1e20f;
  for (int64_t c = 0; c < C; c++) {
    const float t = beta * (inverse[c] * per_rate - mu);
    const float e = exp_of_minus(magnitude(t));
    weights[c] = scale * (alpha + (t >= 0.f ? 1.f : e) / (1.f + e));
  }
}

double compute(const LossCall& call) {
  const float alpha = call.attributes[0], beta = call.attributes[1], mu = call.attributes[2];
  for (int64_t b = 0; b < call.B; b++) {
    const int64_t at = b * call.C;
    compute_row(call.inputs[0].values + at, call.inputs[1].values, call.C, alpha, beta, mu, call.scale,
                call.gradient + at);
  }
  return 0;
}

}  // namespace

extern const LossOp kRebalancedWeights = {
    "LtmlRebalancedWeights",
    {"labels: float", "inverse: float"},
    {"alpha: float", "beta: float", "mu: float"},
    compute,
};
