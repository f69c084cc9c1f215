// The memory of tensors: tensors that may be written, and memory that is lent to JavaScript without a copy.
#include <cstring>
#include <memory>
#include <vector>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"
#include "tensorflow/c/tf_tensor.h"
#include "utils.h"

// The table of tensors is private there.
#define private public
#include "tfjs_backend.h"
#undef private

namespace {

using tfnodejs::NapiThrowError;
using tfnodejs::TFJSBackend;
using Tensor = std::unique_ptr<TF_Tensor, decltype(&TF_DeleteTensor)>;

struct Found {
  Tensor tensor;
  TFE_TensorHandle* handle;
};

TFJSBackend* backend_of(napi_env env) {
  TFJSBackend* backend = nullptr;
  napi_get_instance_data(env, reinterpret_cast<void**>(&backend));
  return backend;
}

// The tensor of a number: a second holder of its memory. Without one it throws in JavaScript and gives none.
Found find(napi_env env, napi_value argument, int32_t* number) {
  Found found{Tensor(nullptr, TF_DeleteTensor), nullptr};
  napi_get_value_int32(env, argument, number);
  const auto& table = backend_of(env)->tfe_handle_map_;
  const auto entry = table.find(*number);
  if (entry == table.end()) {
    NAPI_THROW_ERROR(env, "Input Tensor ID not referenced (tensor_id: %d)", *number);
    return found;
  }
  const std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)> status(TF_NewStatus(), TF_DeleteStatus);
  found.handle = entry->second;
  found.tensor.reset(TFE_TensorHandleResolve(found.handle, status.get()));
  if (TF_GetCode(status.get()) != TF_OK) {
    NAPI_THROW_ERROR(env, "Invalid TF_Status: %u\nMessage: %s", TF_GetCode(status.get()), TF_Message(status.get()));
    found.tensor.reset();
  }
  return found;
}

TF_Tensor* copy_of(const TF_Tensor* tensor) {
  std::vector<int64_t> shape(TF_NumDims(tensor));
  for (size_t axis = 0; axis < shape.size(); axis++) shape[axis] = TF_Dim(tensor, static_cast<int>(axis));
  TF_Tensor* copy = TF_AllocateTensor(TF_TensorType(tensor), shape.data(), static_cast<int>(shape.size()),
                                      TF_TensorByteSize(tensor));
  std::memcpy(TF_TensorData(copy), TF_TensorData(tensor), TF_TensorByteSize(tensor));
  return copy;
}

}  // namespace

// takeTensor(number, isLast): the number of a tensor of the same values, whose memory may be written: nobody else holds it,
// and it is TensorFlow's own. If the given one is the last to hold its memory (`isLast` says that JavaScript has no other use
// for its number, which is gone then) it is moved, else copied.
napi_value TakeTensor(napi_env env, napi_callback_info info) {
  size_t argc = 2;
  napi_value args[2];
  napi_get_cb_info(env, info, &argc, args, nullptr, nullptr);
  int32_t number = 0;
  bool is_last = false;
  napi_get_value_bool(env, args[1], &is_last);
  Found found = find(env, args[0], &number);
  if (!found.tensor) return nullptr;
  TFJSBackend* backend = backend_of(env);
  if (is_last) {
    TFE_DeleteTensorHandle(found.handle);
    backend->tfe_handle_map_.erase(number);
  }
  // Moves what has one holder and is no memory of JavaScript's. A tensor that is moved is gone.
  Tensor own(TF_TensorMaybeMove(found.tensor.get()), TF_DeleteTensor);
  if (own) {
    found.tensor.release();
  } else {
    own.reset(copy_of(found.tensor.get()));
  }
  const std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)> status(TF_NewStatus(), TF_DeleteStatus);
  napi_value result;
  napi_create_int32(env, backend->InsertHandle(TFE_NewTensorHandle(own.get(), status.get())), &result);
  return result;
}

// lendMemory(number): the values of a tensor as an ArrayBuffer. It is valid until `returnMemory`, and the tensor must stay
// until then. Call it for a tensor of `takeTensor` if the values are written.
napi_value LendMemory(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &argc, &argument, nullptr, nullptr);
  int32_t number = 0;
  const Found found = find(env, argument, &number);
  if (!found.tensor) return nullptr;
  napi_value buffer = nullptr;
  const size_t bytes = TF_TensorByteSize(found.tensor.get());
  void* unused;
  const napi_status made =
      bytes == 0 ? napi_create_arraybuffer(env, 0, &unused, &buffer)
                 : napi_create_external_arraybuffer(env, TF_TensorData(found.tensor.get()), bytes, nullptr, nullptr, &buffer);
  if (made != napi_ok) NAPI_THROW_ERROR(env, "The memory of tensor %d can't be lent (status %d)", number, made);
  return buffer;
}

// returnMemory(buffer): makes an ArrayBuffer of `lendMemory` empty.
napi_value ReturnMemory(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value buffer;
  napi_get_cb_info(env, info, &argc, &buffer, nullptr, nullptr);
  napi_detach_arraybuffer(env, buffer);
  return nullptr;
}
