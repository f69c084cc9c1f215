// Multi-head self-attention, and its gradient, head by head and a few queries at a time, so that the scores never leave the
// cache. What the gradient needs of them is computed anew, as in Dao et al. 2022 (FlashAttention).
#include <cmath>
#include <vector>

#include "layer-op.h"
#include "matrix-product.h"
#include "parallel.h"
#include "vector-math.h"

namespace {

// Queries that are worked on together.
constexpr int64_t kBlock = 64;

struct Sizes {
  int64_t B, L, heads;
  // Of a head.
  int64_t d;
  bool causal;
  // d and L in whole vectors.
  int64_t wide_d, wide_L;

  // From one token to the next in the result and in the joined queries, keys and values.
  int64_t row() const { return heads * d; }
  int64_t joined_row() const { return 3 * row(); }
  // That a query before `end` may see.
  int64_t keys(int64_t end) const { return causal ? end : L; }
  float scale() const { return 1.f / std::sqrt(static_cast<float>(d)); }
};

Sizes sizes_of(const LayerCall& call, const Operand& joined) {
  const int64_t heads = static_cast<int64_t>(call.attributes[0]);
  const int64_t B = joined.dimensions[0], L = joined.dimensions[1], d = joined.dimensions[2] / 3 / heads;
  return {B, L, heads, d, call.attributes[1] != 0.f, whole_vectors(d), whole_vectors(L)};
}

// Rows of a head lie pages apart, where the processor does not fetch ahead by itself: asks for those of the next head.
INLINE void fetch_next(const float* row, int64_t d) {
  for (int64_t i = 0; i < d; i += kVector) __builtin_prefetch(row + d + i, 0, 2);
}

// Copies [rows, d] into rows of whole vectors, times the factor; what is beyond d stays.
INLINE void copy_rows(const float* from, int64_t from_row, int64_t rows, int64_t d, float factor, float* to,
                      int64_t to_row) {
  for (int64_t l = 0; l < rows; l++) {
    fetch_next(from + l * from_row, d);
    for (int64_t i = 0; i < d; i++) to[l * to_row + i] = from[l * from_row + i] * factor;
  }
}

INLINE void transpose(const float* from, int64_t from_row, int64_t rows, int64_t d, float* to, int64_t to_row) {
  for (int64_t l = 0; l < rows; l += kVector) {
    const int64_t count = std::min<int64_t>(rows - l, kVector);
    for (int64_t j = 0; j < count; j++) fetch_next(from + (l + j) * from_row, d);
    for (int64_t i = 0; i < d; i++) {
      for (int64_t j = 0; j < count; j++) to[i * to_row + l + j] = from[(l + j) * from_row + i];
    }
  }
}

// Scores to e^(s − max s); those that are not to be seen become 0. Returns the sum.
INLINE float exponentials(float* __restrict scores, int64_t visible, int64_t keys) {
  float largest[kVector], sums[kVector] = {};
  std::fill(largest, largest + kVector, -INFINITY);
  std::fill(scores + visible, scores + whole_vectors(keys), -INFINITY);
  for (int64_t l = 0; l < keys; l += kVector) {
    for (int i = 0; i < kVector; i++) largest[i] = scores[l + i] > largest[i] ? scores[l + i] : largest[i];
  }
  for (int width = kVector / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) largest[i] = std::max(largest[i], largest[i + width]);
  }
  const float most = largest[0];
  for (int64_t l = 0; l < keys; l += kVector) {
    for (int i = 0; i < kVector; i++) {
      const float score = scores[l + i];
      scores[l + i] = exp_of_minus(most - score);
      sums[i] += scores[l + i];
    }
  }
  return sum_of(sums, kVector);
}

// The heads from `begin` to `end` of all B · h.
void attend(const Sizes& sizes, int64_t begin, int64_t end, const float* joined, float* result) {
  const auto [B, L, heads, d, causal, wide_d, wide_L] = sizes;
  const int64_t row = sizes.row(), joined_row = sizes.joined_row();
  std::vector<float> space(wide_d * wide_L + wide_L * wide_d + kBlock * (2 * wide_d + wide_L));
  float* keys = space.data();               // [d, L]
  float* values = keys + wide_d * wide_L;   // [L, d]
  float* queries = values + wide_L * wide_d;
  float* scores = queries + kBlock * wide_d;
  float* mixed = scores + kBlock * wide_L;
  for (int64_t head = begin; head < end; head++) {
    const float* q = joined + head / heads * L * joined_row + head % heads * d;
    float* y = result + head / heads * L * row + head % heads * d;
    transpose(q + row, joined_row, L, d, keys, wide_L);
    copy_rows(q + 2 * row, joined_row, L, d, 1.f, values, wide_d);
    for (int64_t first = 0; first < L; first += kBlock) {
      const int64_t count = std::min(L - first, kBlock), seen = sizes.keys(first + count);
      copy_rows(q + first * joined_row, joined_row, count, d, sizes.scale(), queries, wide_d);
      multiply({queries, wide_d, 1}, count, d, keys, wide_L, whole_vectors(seen), false, scores, wide_L);
      float sums[kBlock];
      for (int64_t m = 0; m < count; m++) {
        sums[m] = exponentials(scores + m * wide_L, causal ? first + m + 1 : seen, seen);
      }
      multiply({scores, wide_L, 1}, count, seen, values, wide_d, wide_d, false, mixed, wide_d);
      for (int64_t m = 0; m < count; m++) {
        copy_rows(mixed + m * wide_d, 0, 1, d, 1.f / sums[m], y + (first + m) * row, 0);
      }
    }
  }
}

void differentiate(const Sizes& sizes, int64_t begin, int64_t end, const float* gradient, const float* joined,
                   float* result) {
  const auto [B, L, heads, d, causal, wide_d, wide_L] = sizes;
  const int64_t row = sizes.row(), joined_row = sizes.joined_row();
  std::vector<float> space(5 * wide_L * wide_d + kBlock * (3 * wide_d + 2 * wide_L));
  float* keys = space.data();  // [L, d], as the three that follow the next two
  float* keys_across = keys + wide_L * wide_d;  // [d, L]
  float* values_across = keys_across + wide_L * wide_d;
  float* d_keys = values_across + wide_L * wide_d;
  float* d_values = d_keys + wide_L * wide_d;
  float* queries = d_values + wide_L * wide_d;
  float* d_queries = queries + kBlock * wide_d;
  float* d_mixed = d_queries + kBlock * wide_d;
  float* shares = d_mixed + kBlock * wide_d;
  float* d_shares = shares + kBlock * wide_L;
  for (int64_t head = begin; head < end; head++) {
    const int64_t at = head / heads * L * joined_row + head % heads * d;
    const float *q = joined + at, *k = q + row, *v = k + row;
    const float* dy = gradient + head / heads * L * row + head % heads * d;
    float* dq = result + at;
    copy_rows(k, joined_row, L, d, 1.f, keys, wide_d);
    transpose(k, joined_row, L, d, keys_across, wide_L);
    transpose(v, joined_row, L, d, values_across, wide_L);
    std::fill(d_keys, queries, 0.f);
    for (int64_t first = 0; first < L; first += kBlock) {
      const int64_t count = std::min(L - first, kBlock), seen = sizes.keys(first + count);
      copy_rows(q + first * joined_row, joined_row, count, d, sizes.scale(), queries, wide_d);
      copy_rows(dy + first * row, row, count, d, 1.f, d_mixed, wide_d);
      multiply({queries, wide_d, 1}, count, d, keys_across, wide_L, whole_vectors(seen), false, shares, wide_L);
      multiply({d_mixed, wide_d, 1}, count, d, values_across, wide_L, whole_vectors(seen), false, d_shares, wide_L);
      for (int64_t m = 0; m < count; m++) {
        float *share = shares + m * wide_L, *d_share = d_shares + m * wide_L;
        const float factor = 1.f / exponentials(share, causal ? first + m + 1 : seen, seen);
        float through[kVector] = {};
        for (int64_t l = 0; l < seen; l += kVector) {
          for (int i = 0; i < kVector; i++) {
            share[l + i] *= factor;
            through[i] += share[l + i] * d_share[l + i];
          }
        }
        const float sum = sum_of(through, kVector);
        // By the scores.
        for (int64_t l = 0; l < whole_vectors(seen); l++) d_share[l] = share[l] * (d_share[l] - sum);
      }
      multiply({shares, 1, wide_L}, seen, count, d_mixed, wide_d, wide_d, true, d_values, wide_d);
      multiply({d_shares, 1, wide_L}, seen, count, queries, wide_d, wide_d, true, d_keys, wide_d);
      multiply({d_shares, wide_L, 1}, count, seen, keys, wide_d, wide_d, false, d_queries, wide_d);
      copy_rows(d_queries, wide_d, count, d, sizes.scale(), dq + first * joined_row, joined_row);
    }
    copy_rows(d_keys, wide_d, L, d, 1.f, dq + row, joined_row);
    copy_rows(d_values, wide_d, L, d, 1.f, dq + 2 * row, joined_row);
  }
}

// Multiplications of a head take about so long.
double nanoseconds(const Sizes& sizes, int products) { return products * 0.015 * sizes.L * sizes.L * sizes.d; }

void compute_attention(const LayerCall& call) {
  const Operand &joined = call.inputs[0], &y = call.outputs[0];
  const Sizes sizes = sizes_of(call, joined);
  const int64_t heads = sizes.B * sizes.heads;
  in_parallel(heads, threads_for(heads, nanoseconds(sizes, 2)),
              [&](int64_t begin, int64_t end, int) { attend(sizes, begin, end, joined.values, y.values); });
}

void compute_gradient(const LayerCall& call) {
  const Operand &dy = call.inputs[0], &joined = call.inputs[1], &dx = call.outputs[0];
  const Sizes sizes = sizes_of(call, joined);
  const int64_t heads = sizes.B * sizes.heads;
  in_parallel(heads, threads_for(heads, nanoseconds(sizes, 5)), [&](int64_t begin, int64_t end, int) {
    differentiate(sizes, begin, end, dy.values, joined.values, dx.values);
  });
}

}  // namespace

extern const LayerOp kSelfAttention = {"LtmlSelfAttention",
                                       {"joined: float"},
                                       {{"y: float", 0, 3}},
                                       {"heads: float", "causal: float"},
                                       compute_attention};

extern const LayerOp kSelfAttentionGrad = {"LtmlSelfAttentionGrad",
                                           {"dy: float", "joined: float"},
                                           {{"d_joined: float", 1}},
                                           {"heads: float", "causal: float"},
                                           compute_gradient};
