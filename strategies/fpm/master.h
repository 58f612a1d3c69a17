// SPDX-License-Identifier: MIT
//
// The php-fpm master: its process, its socket and its log. ensure_alive() replaces a master that
// has died, and ends the workers of the dead one. Any thread.
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
  // A live master, as one slot knows it.
  struct Snapshot {
    pid_t pid = 0;
    base::Fd pidfd;  // our own copy, as another slot may replace the master at any time
    std::uint32_t generation = 0;
  };

  // Finds php-fpm, makes its socket, and starts it. Does not wait for it: only the first reply
  // shows that it works.
  static base::Result<std::unique_ptr<FpmMaster>> start(const Settings& settings);

  // Sends SIGTERM; kills the master and all workers when it does not exit in time.
  ~FpmMaster();

  base::Result<Snapshot> ensure_alive();

  // For one that does not answer; ensure_alive() then starts another.
  void kill();

  // Lets the master go on, if an event has stopped it.
  void look_for_stopped();

  // Where php.ini's open_basedir keeps PHP from our own files, starts another master that may read
  // them; prepend.php restores php.ini's value before code of the application runs. False when
  // php.ini has none.
  base::Result<bool> allow_library();

  base::Result<base::Fd> connect() const { return socket_.connect(); }

  FpmLog& log() { return *log_; }

  // The exit status and the last complaint of a master that ends within a moment; else "".
  std::string describe_end();

 private:
  FpmMaster(std::string program, std::string library, FpmSocket socket, base::Fd configuration,
            std::unique_ptr<FpmLog> log)
      : program_(std::move(program)),
        library_(std::move(library)),
        socket_(std::move(socket)),
        configuration_(std::move(configuration)),
        log_(std::move(log)) {}

  base::Status spawn();

  const std::string program_;
  const std::string library_;  // the folder of our PHP files
  const FpmSocket socket_;
  const base::Fd configuration_;
  const std::unique_ptr<FpmLog> log_;

  std::mutex mutex_;  // guards the rest
  std::unique_ptr<process::Process> process_;
  std::uint32_t generation_ = 0;
  std::string allowed_;  // open_basedir with our own folder; "" to leave it to php.ini
};

}  // namespace phork::strategies
