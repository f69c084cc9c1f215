// Work on several threads. TensorFlow's own are out of reach of its C interface.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <thread>
#include <vector>

// Threads for `count` pieces of work of about `nanoseconds` each. To start one costs some 30 µs; it should do ten times that.
inline int threads_for(int64_t count, double nanoseconds) {
  static const int64_t most = [] {
    const char* limit = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int64_t given = limit ? std::atoi(limit) : 0;
    return given > 0 ? given : std::max<int64_t>(std::thread::hardware_concurrency(), 1);
  }();
  const auto worthwhile = static_cast<int64_t>(count * nanoseconds / 300e3);
  return static_cast<int>(std::max<int64_t>(std::min({worthwhile, most, count}), 1));
}

// Calls work(begin, end, thread) for the equal parts of 0 … count, one on each thread, and waits for all.
template <typename Work>
void in_parallel(int64_t count, int threads, const Work& work) {
  std::vector<std::thread> others;
  for (int i = 1; i < threads; i++) {
    others.emplace_back([&, i] { work(count * i / threads, count * (i + 1) / threads, i); });
  }
  work(0, count / threads, 0);
  for (std::thread& other : others) other.join();
}
