// Layer norm of the last axis, and its gradient, each row in one visit.
#include <cmath>
#include <vector>

#include "layer-op.h"
#include "parallel.h"
#include "vector-math.h"

namespace {

// Sums are taken in so many parts, side by side.
constexpr int kLanes = 64;

// Σ term(d) over a row.
template <typename Term>
INLINE float sum_over(int64_t D, const Term& term) {
  float parts[kLanes] = {};
  int64_t d = 0;
  for (; d + kLanes <= D; d += kLanes) {
    for (int i = 0; i < kLanes; i++) parts[i] += term(d + i);
  }
  for (int i = 0; d + i < D; i++) parts[i] += term(d + i);
  return sum_of(parts, kLanes);
}

struct Moments {
  float mean;
  // 1/√(v + ε)
  float scale;
};

INLINE Moments moments_of(const float* __restrict x, int64_t D, float epsilon) {
  const float mean = sum_over(D, [=](int64_t d) { return x[d]; }) / D;
  const float squares = sum_over(D, [=](int64_t d) { return (x[d] - mean) * (x[d] - mean); });
  return {mean, 1.f / std::sqrt(squares / D + epsilon)};
}

void normalize(const float* __restrict x, int64_t rows, int64_t D, const float* __restrict gamma,
               const float* __restrict beta, float epsilon, float* __restrict y) {
  for (int64_t row = 0; row < rows; row++, x += D, y += D) {
    const auto [mean, scale] = moments_of(x, D, epsilon);
    for (int64_t d = 0; d < D; d++) y[d] = (x[d] - mean) * scale * gamma[d] + beta[d];
  }
}

// Adds to dGamma and dBeta.
void differentiate(const float* __restrict dy, const float* __restrict x, int64_t rows, int64_t D,
                   const float* __restrict gamma, float epsilon, float* __restrict dx, float* __restrict dGamma,
                   float* __restrict dBeta) {
  for (int64_t row = 0; row < rows; row++, x += D, dy += D, dx += D) {
    const Moments moments = moments_of(x, D, epsilon);
    const float mean = moments.mean, scale = moments.scale;
    const float through = sum_over(D, [=](int64_t d) { return dy[d] * gamma[d]; }) / D;
    const float along =
        sum_over(D, [=](int64_t d) { return dy[d] * gamma[d] * (x[d] - mean); }) * scale / D;
    for (int64_t d = 0; d < D; d++) {
      const float normal = (x[d] - mean) * scale;
      dx[d] = (dy[d] * gamma[d] - normal * along - through) * scale;
      dGamma[d] += dy[d] * normal;
      dBeta[d] += dy[d];
    }
  }
}

void compute_norm(const LayerCall& call) {
  const Operand &x = call.inputs[0], &gamma = call.inputs[1], &beta = call.inputs[2], &y = call.outputs[0];
  const int64_t D = x.columns(), rows = D > 0 ? x.size / D : 0;
  in_parallel(rows, threads_for(rows, 0.3 * D), [&](int64_t begin, int64_t end, int) {
    const int64_t at = begin * D;
    normalize(x.values + at, end - begin, D, gamma.values, beta.values, call.attributes[0], y.values + at);
  });
}

void compute_gradient(const LayerCall& call) {
  const Operand &dy = call.inputs[0], &x = call.inputs[1], &gamma = call.inputs[2];
  const Operand &dx = call.outputs[0], &dGamma = call.outputs[1], &dBeta = call.outputs[2];
  const int64_t D = x.columns(), rows = D > 0 ? x.size / D : 0;
  const int threads = threads_for(rows, 0.6 * D);
  std::vector<float> sums(2 * D * threads);
  in_parallel(rows, threads, [&](int64_t begin, int64_t end, int thread) {
    const int64_t at = begin * D;
    float* own = sums.data() + 2 * D * thread;
    differentiate(dy.values + at, x.values + at, end - begin, D, gamma.values, call.attributes[0], dx.values + at, own,
                  own + D);
  });
  for (int64_t d = 0; d < D; d++) {
    dGamma.values[d] = dBeta.values[d] = 0.f;
    for (int thread = 0; thread < threads; thread++) {
      dGamma.values[d] += sums[2 * D * thread + d];
      dBeta.values[d] += sums[2 * D * thread + D + d];
    }
  }
}

}  // namespace

extern const LayerOp kLayerNorm = {
    "LtmlLayerNorm", {"x: float", "gamma: float", "beta: float"}, {{"y: float"}}, {"epsilon: float"}, compute_norm};

extern const LayerOp kLayerNormGrad = {"LtmlLayerNormGrad",
                                       {"dy: float", "x: float", "gamma: float"},
                                       {{"dx: float", 1}, {"d_gamma: float", 2}, {"d_beta: float", 2}},
                                       {"epsilon: float"},
                                       compute_gradient};
