// Forced into the sources of tfjs-node's addon: holds signals back while TensorFlow computes.
//
// The products of matrices that oneDNN writes at run time take the stack pointer for their workspace, which lies on the
// heap. A signal handler that runs meanwhile on that thread puts its frame below, over whatever memory is there. Node has
// such handlers: for a child that stops or ends, Ctrl+C, a terminal of another size.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <initializer_list>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"

// Of the thread that makes it, as long as it lives, and for good of threads that are started meanwhile. They come after.
class HeldSignals {
 public:
  HeldSignals() {
    sigset_t held;
    sigfillset(&held);
    // What tells of a fault of the thread itself can't wait.
    for (int fault : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP}) sigdelset(&held, fault);
    pthread_sigmask(SIG_BLOCK, &held, &before_);
  }
  ~HeldSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

 private:
  sigset_t before_;
};

#define TF_SessionRun(...) (HeldSignals{}, TF_SessionRun(__VA_ARGS__))
#define TFE_Execute(...) (HeldSignals{}, TFE_Execute(__VA_ARGS__))
