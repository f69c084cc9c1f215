// Products of small matrices that lie in a cache.
#pragma once

#include <cstdint>
#include <cstring>

#include "vector-math.h"

// As many floats as the widest registers hold; the compiler takes several of them where they are narrower.
constexpr int kVector = 16;
typedef float Vector __attribute__((vector_size(kVector * sizeof(float))));

// So that what a loop indexes can stay in registers.
#define UNROLL _Pragma("GCC unroll 16")

INLINE Vector load(const float* from) {
  Vector vector;
  std::memcpy(&vector, from, sizeof vector);
  return vector;
}

INLINE int64_t whole_vectors(int64_t count) { return (count + kVector - 1) / kVector * kVector; }

// A [M, K], whose entry m, k is at m·row + k·column.
struct Factor {
  const float* values;
  int64_t row;
  int64_t column;
};

// A part of C = A·B that stays in registers.
template <int rows, int vectors>
INLINE void product_tile(const Factor& a, int64_t K, const float* b, int64_t b_row, bool adds, float* c, int64_t c_row) {
  Vector sums[rows][vectors] = {};
  for (int64_t k = 0; k < K; k++) {
    Vector right[vectors];
    UNROLL for (int v = 0; v < vectors; v++) right[v] = load(b + k * b_row + v * kVector);
    UNROLL for (int m = 0; m < rows; m++) {
      const float left = a.values[m * a.row + k * a.column];
      UNROLL for (int v = 0; v < vectors; v++) sums[m][v] += left * right[v];
    }
  }
  UNROLL for (int m = 0; m < rows; m++) {
    UNROLL for (int v = 0; v < vectors; v++) {
      float* to = c + m * c_row + v * kVector;
      const Vector sum = adds ? sums[m][v] + load(to) : sums[m][v];
      std::memcpy(to, &sum, sizeof sum);
    }
  }
}

template <int vectors>
INLINE void product_panel(Factor a, int64_t M, int64_t K, const float* b, int64_t b_row, bool adds, float* c,
                          int64_t c_row) {
  const auto tile = [&](int rows) {
    a.values += rows * a.row;
    c += rows * c_row;
    M -= rows;
  };
  for (; M >= 8; tile(8)) product_tile<8, vectors>(a, K, b, b_row, adds, c, c_row);
  for (; M >= 2; tile(2)) product_tile<2, vectors>(a, K, b, b_row, adds, c, c_row);
  if (M) product_tile<1, vectors>(a, K, b, b_row, adds, c, c_row);
}

// C [M, N] = A [M, K] · B [K, N], or added to C; N consists of whole vectors.
FOR_EACH_PROCESSOR
static void multiply(const Factor& a, int64_t M, int64_t K, const float* b, int64_t b_row, int64_t N, bool adds, float* c,
                     int64_t c_row) {
  int64_t n = 0;
  for (; n + 2 * kVector <= N; n += 2 * kVector) product_panel<2>(a, M, K, b + n, b_row, adds, c + n, c_row);
  if (n < N) product_panel<1>(a, M, K, b + n, b_row, adds, c + n, c_row);
}
