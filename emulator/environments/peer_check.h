// SPDX-License-Identifier: MIT
//
// Tells the connections of an environment's own processes from those of strangers: another program
// or a web page that finds the port of the Runtime API could take an event away, or answer it. The
// address cannot hold a secret, because runtimes expect a host and a port. So the kernel is asked
// which process has the other end of a connection, once for each connection.
#pragma once

#include <condition_variable>
#include <mutex>
#include <sys/types.h>
#include <vector>

#include "emulator/http/connection.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

class PeerCheck : private base::Pinned {
 public:
  // Processes are about to start. Their first connections may come before attach(), and wait for
  // it.
  void expect();
  // They run; each of `roots` and its descendants are the environment's own, beside earlier ones.
  void attach(const std::vector<pid_t>& roots);
  // All have ended, or none has started.
  void detach();

  // True if a process of the environment has the other end of the connection. The first that has
  // not is logged, with the reason. Any thread.
  bool is_own(const TcpEnds& ends);

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool expected_ = false;
  bool reported_ = false;  // a connection was refused, and the log says so
  std::vector<pid_t> roots_;
};

}  // namespace phork::emulator
