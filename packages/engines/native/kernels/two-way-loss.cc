// The two-way loss. For a line, which is a row or a column: u = T₋·log Σ e^{x/T₋} over y = 0 + T₊·log Σ e^{−x/T₊} over
// y > 0; the mean of softplus(u) over the rows with a positive, and the same of the columns. An entry whose known is 0 is in
// neither sum.
#include <algorithm>
#include <cmath>
#include <vector>

#include "loss-op.h"
#include "vector-math.h"

namespace {

// Below all scores.
constexpr float kNone = -3e38f;

constexpr int kLanes = 32;

// NaN stays, so that a line of nothing but NaN is not taken for one without entries.
INLINE float larger(float s, float top) { return s <= top || top != top ? top : s; }

// The largest score of a kind, kNone without any.
INLINE float largest_of(const float* __restrict kind, const float* __restrict score, int64_t C, float wanted) {
  // In lanes, so that there is no order to keep.
  float lanes[kLanes];
  std::fill(lanes, lanes + kLanes, kNone);
  const int64_t whole = C - C % kLanes;
  for (int64_t c = 0; c < whole; c += kLanes) {
    for (int i = 0; i < kLanes; i++) lanes[i] = larger(kind[c + i] == wanted ? score[c + i] : kNone, lanes[i]);
  }
  for (int64_t c = whole; c < C; c++) lanes[0] = larger(kind[c] == wanted ? score[c] : kNone, lanes[0]);
  float largest = kNone;
  for (int i = 0; i < kLanes; i++) largest = larger(lanes[i], largest);
  return largest;
}

// What an entry is: 1 positive, −1 negative, 0 not known.
INLINE void kinds_of(const Matrix& known, int64_t b, const float* __restrict y, int64_t C, float* __restrict kind) {
  const float* marks = known.values + b * known.row;
  for (int64_t c = 0; c < C; c++) {
    const float mark = marks[c * known.column];
    kind[c] = mark == 0.f ? 0.f : y[c] > 0.f ? 1.f : -1.f;
  }
}

// A line's sums of exponentials and, later, what its exponentials are multiplied by in the gradient.
struct Line {
  float largest_negative, largest_positive, sum_negative, sum_positive;
};

// Returns softplus(u), and makes the sums into factors of the gradient but for 1/number of lines. 0 where a sum is missing.
INLINE float close(Line& line, float positive, float negative) {
  if (line.largest_negative == kNone || line.largest_positive == kNone) {
    line.sum_negative = line.sum_positive = 0.f;
    return 0.f;
  }
  const float u = negative * (line.largest_negative + std::log(line.sum_negative)) +
                  positive * (line.largest_positive + std::log(line.sum_positive));
  const float e = std::exp(-magnitude(u));
  const float steepness = (u >= 0.f ? 1.f : e) / (1.f + e);
  line.sum_negative = steepness / line.sum_negative;
  line.sum_positive = -steepness / line.sum_positive;
  return (u > 0.f ? u : 0.f) + std::log1p(e);
}

double compute(const LossCall& call) {
  const int64_t B = call.B, C = call.C;
  const float positive = call.attributes[0], negative = call.attributes[1];
  const bool columns = call.attributes[2] != 0.f, rows = call.attributes[3] != 0.f;
  const float over_positive = -1.f / positive, over_negative = 1.f / negative;
  const float* x = call.inputs[0].values;
  const float* y = call.inputs[1].values;
  const Matrix& known = call.inputs[2];
  std::vector<float> kinds(B * C), scores(B * C);
  std::vector<Line> of_rows(B);
  // By column: largest and sum of the negatives, then of the positives.
  std::vector<float> high_negative(C, kNone), high_positive(C, kNone), low_negative(C, 0.f), low_positive(C, 0.f);
  for (int64_t b = 0; b < B; b++) {
    float* __restrict kind = kinds.data() + b * C;
    float* __restrict score = scores.data() + b * C;
    float* __restrict top_negative = high_negative.data();
    float* __restrict top_positive = high_positive.data();
    const float* __restrict of_row = x + b * C;
    kinds_of(known, b, y + b * C, C, kind);
    for (int64_t c = 0; c < C; c++) {
      const float s = of_row[c] * (kind[c] > 0.f ? over_positive : over_negative);
      score[c] = kind[c] == 0.f ? 0.f : s;
      const float as_negative = kind[c] < 0.f ? s : kNone, as_positive = kind[c] > 0.f ? s : kNone;
      top_negative[c] = larger(as_negative, top_negative[c]);
      top_positive[c] = larger(as_positive, top_positive[c]);
    }
    of_rows[b] = {largest_of(kind, score, C, -1.f), largest_of(kind, score, C, 1.f), 0.f, 0.f};
  }
  int64_t counted_rows = 0, counted_columns = 0;
  for (int64_t b = 0; b < B; b++) counted_rows += of_rows[b].largest_positive != kNone;
  for (int64_t c = 0; c < C; c++) counted_columns += high_positive[c] != kNone;
  const float row_share = 1.f / std::max<int64_t>(counted_rows, 1);
  const float column_share = 1.f / std::max<int64_t>(counted_columns, 1);
  double sum = 0;

  std::fill(call.gradient, call.gradient + B * C, 0.f);
  if (columns) {
    for (int64_t b = 0; b < B; b++) {
      const float* __restrict kind = kinds.data() + b * C;
      const float* __restrict score = scores.data() + b * C;
      const float* __restrict top_negative = high_negative.data();
      const float* __restrict top_positive = high_positive.data();
      float* __restrict sum_negative = low_negative.data();
      float* __restrict sum_positive = low_positive.data();
      float* __restrict gradient = call.gradient + b * C;
      for (int64_t c = 0; c < C; c++) {
        const float e = exp_of_minus((kind[c] > 0.f ? top_positive[c] : top_negative[c]) - score[c]);
        gradient[c] = kind[c] == 0.f ? 0.f : e;
        sum_negative[c] += kind[c] < 0.f ? e : 0.f;
        sum_positive[c] += kind[c] > 0.f ? e : 0.f;
      }
    }
    for (int64_t c = 0; c < C; c++) {
      Line line = {high_negative[c], high_positive[c], low_negative[c], low_positive[c]};
      sum += column_share * close(line, positive, negative);
      low_negative[c] = call.scale * column_share * line.sum_negative;
      low_positive[c] = call.scale * column_share * line.sum_positive;
    }
    for (int64_t b = 0; b < B; b++) {
      const float* __restrict kind = kinds.data() + b * C;
      const float* __restrict by_negative = low_negative.data();
      const float* __restrict by_positive = low_positive.data();
      float* __restrict gradient = call.gradient + b * C;
      for (int64_t c = 0; c < C; c++) gradient[c] *= kind[c] > 0.f ? by_positive[c] : by_negative[c];
    }
  }
  if (rows) {
    for (int64_t b = 0; b < B; b++) {
      Line& line = of_rows[b];
      if (line.largest_positive == kNone || line.largest_negative == kNone) continue;
      const float* __restrict kind = kinds.data() + b * C;
      float* __restrict score = scores.data() + b * C;
      float* __restrict gradient = call.gradient + b * C;
      float of_negative[kLanes] = {}, of_positive[kLanes] = {};
      const float top_negative = line.largest_negative, top_positive = line.largest_positive;
      const int64_t whole = C - C % kLanes;
      for (int64_t c = 0; c < C; c++) {
        const float e = exp_of_minus((kind[c] > 0.f ? top_positive : top_negative) - score[c]);
        score[c] = kind[c] == 0.f ? 0.f : e;
      }
      for (int64_t c = 0; c < whole; c += kLanes) {
        for (int i = 0; i < kLanes; i++) {
          of_negative[i] += kind[c + i] < 0.f ? score[c + i] : 0.f;
          of_positive[i] += kind[c + i] > 0.f ? score[c + i] : 0.f;
        }
      }
      for (int64_t c = whole; c < C; c++) (kind[c] > 0.f ? of_positive : of_negative)[0] += score[c];
      line.sum_negative = sum_of(of_negative, kLanes);
      line.sum_positive = sum_of(of_positive, kLanes);
      sum += row_share * close(line, positive, negative);
      const float by_negative = call.scale * row_share * line.sum_negative;
      const float by_positive = call.scale * row_share * line.sum_positive;
      for (int64_t c = 0; c < C; c++) gradient[c] += score[c] * (kind[c] > 0.f ? by_positive : by_negative);
    }
  }
  return sum;
}

}  // namespace

extern const LossOp kTwoWayLoss = {
    "LtmlTwoWayLoss",
    {"logits: float", "labels: float", "known: float"},
    {"positive_temperature: float", "negative_temperature: float", "classes: float", "images: float"},
    compute,
};
