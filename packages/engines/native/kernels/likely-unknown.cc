// Which unknown entries have the largest logits, of each row or of all rows together: 1 for those, 0 for others, all if there
// are no more. Of equal ones the earlier come first. The op gives them where those of losses give the gradient; its sum is 0.
#include <algorithm>
#include <functional>
#include <vector>

#include "loss-op.h"

namespace {

// The unknown logit that count − 1 others exceed or equal, by a heap of the largest so far, the least of them first; none
// where there are fewer unknown ones. NaN is not among them.
bool find_bound(const float* x, const float* known, int64_t size, size_t count, std::vector<float>* heap) {
  heap->clear();
  for (int64_t i = 0; i < size; i++) {
    if (known[i] != 0.f || x[i] != x[i]) continue;
    if (heap->size() < count) {
      heap->push_back(x[i]);
    } else if (x[i] > heap->front()) {
      std::pop_heap(heap->begin(), heap->end(), std::greater<float>());
      heap->back() = x[i];
    } else {
      continue;
    }
    std::push_heap(heap->begin(), heap->end(), std::greater<float>());
  }
  return heap->size() == count;
}

double compute(const LossCall& call) {
  const Matrix &logits = call.inputs[0], &mask = call.inputs[1];
  const bool by_image = call.attributes[1] != 0.f;
  const int64_t lines = by_image ? call.B : 1, size = by_image ? call.C : call.B * call.C;
  const size_t count = static_cast<size_t>(call.attributes[0]);
  std::vector<float> heap;
  for (int64_t line = 0; line < lines; line++) {
    const float *x = logits.values + line * size, *known = mask.values + line * size;
    float* chosen = call.gradient + line * size;
    if (!find_bound(x, known, size, count, &heap)) {
      for (int64_t i = 0; i < size; i++) chosen[i] = known[i] == 0.f && x[i] == x[i] ? call.scale : 0.f;
      continue;
    }
    const float bound = heap.front();
    size_t equal = std::count(heap.begin(), heap.end(), bound);
    for (int64_t i = 0; i < size; i++) chosen[i] = known[i] == 0.f && x[i] > bound ? call.scale : 0.f;
    for (int64_t i = 0; i < size && equal > 0; i++) {
      if (known[i] != 0.f || x[i] != bound) continue;
      chosen[i] = call.scale;
      equal--;
    }
  }
  return 0;
}

}  // namespace

extern const LossOp kLikelyUnknown = {
    "LtmlLikelyUnknown",
    {"logits: float", "known: float"},
    {"count: float", "by_image: float"},
    compute,
};
