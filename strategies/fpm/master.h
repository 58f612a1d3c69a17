// SPDX-License-Identifier: MIT
//
// The php-fpm master: its process, its socket and its log. A master that has died is replaced by
// whoever asks for it next; its workers go with it. The methods may be called from any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <sys/types.h>

#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"
#include "runtime/process/spawn.h"
#include "strategies/fpm/log.h"
#include "strategies/fpm/pool.h"
#include "strategies/strategy.h"

namespace phork::strategies {

class FpmMaster : private base::Pinned {
 public:
  // A live master, as one slot sees it.
  struct Seen {
    pid_t pid = 0;
    base::Fd pidfd;  // a copy: another slot may replace the master at any time
    std::uint32_t generation = 0;
  };

  // Finds php-fpm, makes its folder and its socket, and starts it. That it can serve shows when a
  // request is answered.
  static base::Result<std::unique_ptr<FpmMaster>> start(const Settings& settings);

  // Asks it to end, and ends it with all its workers when it does not in time.
  ~FpmMaster();

  base::Result<Seen> ensure_alive();

  base::Result<base::Fd> connect() const { return connect_to(socket_path()); }

  FpmLog& log() { return *log_; }

  // How the master ended, with its last words, when it ends within a moment; else "".
  std::string describe_end();

 private:
  FpmMaster(std::string program, PrivateFolder folder, std::unique_ptr<FpmLog> log)
      : program_(std::move(program)), folder_(std::move(folder)), log_(std::move(log)) {}

  std::string socket_path() const { return folder_.file("socket"); }

  // php-fpm unlinks the socket it knows when it ends, inherited or not. It knows ours by a name
  // that does not exist.
  std::string known_name() const { return folder_.file("inherited"); }

  base::Status prepare(const Settings& settings);
  base::Status spawn();

  const std::string program_;
  const PrivateFolder folder_;
  const std::unique_ptr<FpmLog> log_;
  base::Fd listening_;

  std::mutex mutex_;  // guards what follows
  std::unique_ptr<process::Process> process_;
  std::uint32_t generation_ = 0;
};

}  // namespace phork::strategies
